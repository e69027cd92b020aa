/** What the samples stage does: from the files of the stages before it to the table of samples, and in memory alone. */
import { join } from "node:path";
import process from "node:process";
import { extendSamples, sampleKernel, type SampleSource } from "../../src/recipe/samples.js";
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

const shape = {
  positions: { strategy: "longrecipe", targetLength, segmentSentences: 1, skips: "uniform" },
  trainedLength,
} as const;

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
  const kernel = sampleKernel(shape, batchBytes / 8);
  try {
    await writeTable(join(folder, "samples.arrow"), "samples", async (writer) => {
      for (const { sample, document, ids, positions: at, segments } of extendSamples(source, {
        ...shape,
        samples: count,
        order: "density",
        seed: 1,
        kernel,
      })) {
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

/**
 * Makes the samples of one pass, without files on either side: tokens and sentences come from memory, samples stay there
 * until the next batch. @returns a round; each gives seconds of processor time, and how many samples were made
 */
export async function samplesInMemory(tokens: number): Promise<() => { readonly seconds: number; readonly count: number }> {
  const corpus: { readonly ids: Int32Array; readonly first: Int32Array; readonly impactful: Int32Array }[] = [];
  for await (const { ids, first, impactful } of documents(tokens)) {
    corpus.push({ ids: ids.slice(), first: first.slice(), impactful: impactful.slice() });
  }
  const none = { ids: new Int32Array(0), first: new Int32Array(0), impactful: new Int32Array(0) };
  const source: SampleSource = {
    sizes: corpus.map(({ ids }) => ({ tokens: ids.length })),
    document: (index) => index,
    impactful: (index) => (corpus[index] ?? none).impactful.reduce((sum, count) => sum + count, 0),
    sentences: (index) => corpus[index] ?? none,
    read: (index, first, end, target, at) => target.set((corpus[index] ?? none).ids.subarray(first, end), at),
  };
  return () => {
    const begun = process.cpuUsage();
    const kernel = sampleKernel(shape, batchBytes / 8);
    let count = 0;
    let kept = 0;
    for (const { ids } of extendSamples(source, { ...shape, samples: corpus.length, order: "density", seed: 1, kernel })) {
      count++;
      kept += ids.length;
      if (kept * 8 >= batchBytes) {
        kernel.reset();
        kept = 0;
      }
    }
    kernel.release();
    const { user, system } = process.cpuUsage(begun);
    return { seconds: (user + system) / 1e6, count };
  };
}
