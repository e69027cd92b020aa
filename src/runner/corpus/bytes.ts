/** The bytes of a corpus file, decompressed on the way. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { fileFault, systemCode } from "../tables/faults.js";
import type { CorpusFile } from "../stages/corpusFiles.js";
import { UnusableFile } from "./document.js";
import { fileKind } from "./formats.js";
import { messageOf } from "../../protocol/errors.js";

const chunkBytes = 1 << 20;

/** Chunks in order; memory is one chunk, and for Zstandard its window. @throws UserError, UnusableFile */
export async function* readBytes(file: CorpusFile): AsyncGenerator<Uint8Array, void, undefined> {
  switch (fileKind(file.path).compression) {
    case null:
      yield* plainBytes(file);
      return;
    case "gz":
      yield* gunzipped(file);
      return;
    case "zst":
      yield* unzstd(file);
      return;
  }
}

async function* plainBytes(file: CorpusFile): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of createReadStream(file.absolute, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw fileFault(error, "read", file.path);
  }
}

async function* gunzipped(file: CorpusFile): AsyncGenerator<Uint8Array, void, undefined> {
  const source = createReadStream(file.absolute, { highWaterMark: chunkBytes });
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  source.on("error", (error) => gunzip.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzip) as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    if (systemCode(error)?.startsWith("Z_") === true) throw brokenStream("gzip", error);
    throw fileFault(error, "read", file.path);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function* unzstd(file: CorpusFile): AsyncGenerator<Uint8Array, void, undefined> {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(chunk);
  });
  const push = (chunk: Uint8Array, last: boolean): Uint8Array[] => {
    try {
      stream.push(chunk, last);
    } catch (error) {
      throw brokenStream("Zstandard", error);
    }
    return ready.splice(0);
  };
  for await (const chunk of plainBytes(file)) yield* push(chunk, false);
  yield* push(new Uint8Array(0), true);
}

function brokenStream(name: string, error: unknown): UnusableFile {
  const detail = messageOf(error);
  return new UnusableFile(`its ${name} stream is broken or cut off (${detail})`, "Compress it again, or leave it out with `exclude`.");
}
