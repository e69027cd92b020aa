/** What the samples stage does, from the files of the stages before it to the table of samples. */
import { join } from "node:path";
import process from "node:process";
import { extendSamples, sampleKernel } from "../../src/recipe/samples.js";
import { selectedSource } from "../../src/runner/stages/sampleSources.js";
import { SelectionBuffer } from "../../src/runner/stages/selectionBuffer.js";
import { batchBytes, writeTable } from "../../src/runner/tables/writer.js";
import { documents, documentTokens } from "./synthetic.js";

export const targetLength = 81_920;
export const trainedLength = 24_576;

export interface StageFiles {
  readonly tokens: string;
  readonly selection: string;
}

/** Writes what prepare and select would: token ids, and the sentences with their impactful tokens. */
export async function writeInputs(folder: string, name: string, tokens: number): Promise<StageFiles> {
  const files = { tokens: join(folder, `${name}-tokens.arrow`), selection: join(folder, `${name}-selection.arrow`) };
  const none = new Int32Array(0);
  await writeTable(files.tokens, "tokens", async (writer) => {
    for await (const { document, ids } of documents(tokens)) await writer.append({ document, ids, starts: none, ends: none });
  });
  await writeTable(files.selection, "selection", async (writer) => {
    const buffer = new SelectionBuffer(writer);
    for await (const { document, first, impactful } of documents(tokens)) {
      await buffer.add(document, documentTokens, { first, impactful, score: new Float32Array(first.length) });
    }
    await buffer.flush();
  });
  return files;
}

/** Seconds of processor time. */
export interface Seconds {
  readonly opening: number;
  readonly samples: number;
  /** Of the two above: in the system, for files and memory. */
  readonly system: number;
  /** By the clock. */
  readonly wall: number;
}

/**
 * One pass over the corpus, a window of T from each document: as the stage does it, but for the tables of origins and
 * coverage.
 */
export async function makeSamples(folder: string, files: StageFiles): Promise<Seconds & { readonly count: number }> {
  const start = process.cpuUsage();
  const begun = performance.now();
  const source = await selectedSource(files.tokens, files.selection);
  const opened = process.cpuUsage(start);
  const count = source.sizes.length;
  const positions = { strategy: "longrecipe", targetLength, segmentSentences: 1, skips: "uniform" } as const;
  const kernel = sampleKernel({ positions, trainedLength }, batchBytes / 8);
  const options = { samples: count, trainedLength, order: "density", positions, seed: 1, kernel } as const;
  try {
    await writeTable(join(folder, "samples.arrow"), "samples", async (writer) => {
      for (const { sample, document, ids, positions: at, segments } of extendSamples(source, options)) {
        await writer.append({ sample, document, ids, positions: at, segments });
        if (writer.pending === 0) kernel.reset();
      }
    });
  } finally {
    kernel.release();
    source.close();
  }
  const all = process.cpuUsage(start);
  const opening = (opened.user + opened.system) / 1e6;
  return {
    count,
    opening,
    samples: (all.user + all.system) / 1e6 - opening,
    system: all.system / 1e6,
    wall: (performance.now() - begun) / 1000,
  };
}
