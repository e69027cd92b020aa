/** The newest lines that the runner of a run, or its worker, has printed. */
import { open, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { stageNames } from "../protocol/stages.js";
import type { LogTail } from "../protocol/dashboard.js";
import type { RunPaths } from "../runner/runDirectory.js";

/** Bytes from the end that are read, and lines that are shown. */
const tailBytes = 64 << 10;
const tailLines = 200;

/** The tail of the log that was written to last; null where there is none yet. */
export async function readLogTail(paths: RunPaths): Promise<LogTail | null> {
  const files = [paths.log, ...stageNames.map((stage) => join(paths.stage(stage), "worker.log"))];
  const found = (await Promise.all(files.map(async (file) => ({ file, time: await changed(file) })))).filter(({ time }) => time !== null);
  const [newest] = found.sort((a, b) => (b.time ?? 0) - (a.time ?? 0));
  return newest === undefined ? null : { file: relative(paths.directory, newest.file), lines: await lastLines(newest.file) };
}

async function changed(file: string): Promise<number | null> {
  try {
    const { mtimeMs, size } = await stat(file);
    return size === 0 ? null : mtimeMs;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function lastLines(file: string): Promise<string[]> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    // The first line may have been cut.
    return (from > 0 ? lines.slice(1) : lines)
      .map(shown)
      .filter((line, at, all) => line !== "" || at < all.length - 1)
      .slice(-tailLines);
  } finally {
    await handle.close();
  }
}

/** What a terminal would show of a line: colours left out, progress bars written over by carriage returns once. */
function shown(line: string): string {
  const plain = stripVTControlCharacters(line).replace(/\r$/u, "");
  return plain.slice(plain.lastIndexOf("\r") + 1);
}
