/**
 * Highlighting a text of 50 MB with 10 million tokens of scores, without an editor: `npx tsx bench/highlight/run.ts`.
 * Reading the table, a viewport at a hundred places, an edit, the overview ruler; and for how long any of it holds the host up.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { levelScores } from "../../src/editor/highlight/ranks.js";
import { RunScores } from "../../src/editor/highlight/runScores.js";
import { ShiftedTokens } from "../../src/editor/highlight/tokens.js";
import { pause } from "../../src/editor/highlight/pause.js";
import { ImpactMap, visibleAnchors, visibleTints } from "../../src/editor/highlight/viewport.js";
import { runPaths } from "../../src/runner/runDirectory.js";
import { writeTable } from "../../src/runner/tables/writer.js";

const count = 10_000_000;
const tokenLength = 5;
const viewport = 12_000; // Characters: 120 lines of 100, which is 40 in view and as many above and below.

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-highlight-"));
  try {
    await write(folder);
    await measure(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(folder: string): Promise<void> {
  await mkdir(runPaths(folder).stage("significance"), { recursive: true });
  const starts = Int32Array.from({ length: count }, (_, at) => at * tokenLength);
  const ends = starts.map((start) => start + tokenLength);
  let seed = 1;
  const score = new Float32Array(count).map(() => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return (seed / 2147483648) ** 3 * 8 - 1;
  });
  await writeTable(join(runPaths(folder).stage("significance"), "significance.arrow"), "significance", (writer) =>
    writer.append({ document: 0, path: "large.txt", hash: "", starts, ends, score, base: score, extended: score }),
  );
}

async function measure(folder: string): Promise<void> {
  const run = new RunScores(folder, {
    version: 1,
    name: "bench",
    created: 0,
    recipeFile: join(folder, "r.json"),
    model: "m",
    targetLength: 1,
  });
  const entry = await run.entry(join(folder, "large.txt"));
  if (entry === null) throw new Error("the file is not in the table");
  const [tokens] = await timed("read the document's tokens", () => run.tokens(entry.documents));
  const distribution = await timed("read how all scores are spread", () => run.distribution());
  if (tokens === undefined) throw new Error("no tokens");
  const memory = (tokens.starts.byteLength + tokens.ends.byteLength + tokens.score.byteLength) / (1 << 20);
  const firsts = Int32Array.from({ length: count / 20 }, (_, at) => at * 20);
  const cutoffs = levelScores(distribution, 0.2);
  const length = count * tokenLength;
  let shifted = ShiftedTokens.fresh(tokens);
  const paint = (): number[] =>
    Array.from({ length: 100 }, (_, step) => {
      const start = Math.floor((step * (length - viewport)) / 100);
      const began = performance.now();
      const spans = [{ start, end: start + viewport }];
      const tints = visibleTints(shifted, cutoffs, spans);
      visibleAnchors(shifted, cutoffs, firsts, spans);
      if (tints.length === 0) throw new Error("nothing is tinted");
      return performance.now() - began;
    });
  report("a viewport", paint());
  const edits = Array.from({ length: 1000 }, (_, at) => {
    const began = performance.now();
    shifted = shifted.edit([{ offset: ((at * 7919) % count) * tokenLength, removed: 1, inserted: 2 }]);
    return performance.now() - began;
  });
  report("a key press (1,000 of them)", edits);
  report("a viewport after them", paint());
  const map = new ImpactMap(400, length);
  await timed("the overview ruler", async () => {
    for (let start = 0; start < length; start += 1_000_000) {
      map.add(shifted, cutoffs[0] ?? 0, { start, end: start + 1_000_000 });
      await pause();
    }
  });
  report(
    "the five levels at another threshold",
    Array.from({ length: 20 }, (_, at) => {
      const began = performance.now();
      levelScores(distribution, 0.05 + at / 50);
      return performance.now() - began;
    }),
  );
  console.log(`memory of ${count.toLocaleString("en-US")} tokens: ${memory.toFixed(0)} MB`);
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  const result = await work();
  const took = performance.now() - began;
  await pause();
  delay.disable();
  console.log(`${what}: ${took.toFixed(0)} ms, the host held up for at most ${(delay.max / 1e6).toFixed(0)} ms`);
  return result;
}

function report(what: string, times: number[]): void {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2);
  console.log(`${what}: median ${at(0.5)} ms, nine of ten below ${at(0.9)} ms`);
}

void main();
