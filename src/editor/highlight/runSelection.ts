/** What a run has selected: its sentences, its threshold, and the samples that hold them. Read when asked for. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { exists, runPaths } from "../../runner/runDirectory.js";
import { sampleFiles, selectionFiles } from "../../runner/stages/files.js";
import { withTable } from "../../runner/tables/cells.js";

/** In how many samples sentences were kept. */
export interface SampleCounts {
  readonly samples: number;
  /** One entry a sentence. */
  readonly keptIn: Int32Array;
}

const summarySchema = z.object({ threshold: z.number() });

/** First token of each sentence by document, as the run selects by them; empty while it has not selected yet. */
export async function readSentences(directory: string, documents: ReadonlySet<number>): Promise<Map<number, Int32Array>> {
  const path = selectionPath(directory);
  const found = new Map<number, Int32Array[]>();
  if (!(await exists(path))) return new Map();
  await withTable(path, "selection", async (table) => {
    for (let batch = 0; batch < table.batches; batch++) {
      const [document, first] = [await table.int32(batch, "document"), await table.int32(batch, "first")];
      // A document's sentences follow one another; a batch may end among them.
      for (let from = 0, to = 0; from < document.length; from = to) {
        const number = document[from] ?? 0;
        while (to < document.length && document[to] === number) to++;
        if (!documents.has(number)) continue;
        found.set(number, [...(found.get(number) ?? []), first.slice(from, to)]);
      }
    }
  });
  return new Map([...found].map(([number, parts]) => [number, joined32(parts)]));
}

/** In how many samples each sentence was kept, whole or in part; null where the run does not say. */
export async function countSamples(directory: string, document: number, firsts: Int32Array, tokens: number): Promise<SampleCounts | null> {
  const path = join(runPaths(directory).stage("samples"), sampleFiles.origins);
  if (!(await exists(path))) return null;
  return withTable(path, "origins", async (table) => {
    const counter = new SampleCounter(firsts, tokens);
    let samples = 0;
    for (let batch = 0; batch < table.batches; batch++) {
      const offsets = await table.offsets(batch, "document");
      const [start, stop] = [offsets[0] ?? 0, offsets.at(-1) ?? 0];
      const documents = await table.int32List(batch, "document", start, stop);
      const first = await table.int32List(batch, "first", start, stop);
      const end = await table.int32List(batch, "end", start, stop);
      for (let row = 0; row + 1 < offsets.length; row++, samples++) {
        for (let run = (offsets[row] ?? 0) - start; run < (offsets[row + 1] ?? 0) - start; run++) {
          if (documents[run] === document) counter.add(samples, first[run] ?? 0, end[run] ?? 0);
        }
      }
    }
    return { samples, keptIn: counter.keptIn };
  });
}

/** Share of all sentences of the corpus that hold more impactful tokens per token than this one; null while unknown. */
export async function rankByDensity(directory: string, density: number): Promise<number | null> {
  const path = selectionPath(directory);
  if (!(await exists(path))) return null;
  return withTable(path, "selection", async (table) => {
    let more = 0;
    let all = 0;
    for (let batch = 0; batch < table.batches; batch++) {
      const [first, end, impactful] = [
        await table.int32(batch, "first"),
        await table.int32(batch, "end"),
        await table.int32(batch, "impactful"),
      ];
      for (let row = 0; row < first.length; row++) {
        if ((impactful[row] ?? 0) / ((end[row] ?? 0) - (first[row] ?? 0)) > density) more++;
      }
      all += first.length;
    }
    return all === 0 ? null : more / all;
  });
}

/** The exact threshold that the run selects by, or null while it has not. */
export async function selectionThreshold(directory: string): Promise<number | null> {
  const path = join(runPaths(directory).stage("select"), selectionFiles.summary);
  if (!(await exists(path))) return null;
  return summarySchema.parse(JSON.parse(await readFile(path, "utf8"))).threshold;
}

function selectionPath(directory: string): string {
  return join(runPaths(directory).stage("select"), selectionFiles.selection);
}

/** Counts the samples that hold each sentence; a sample that holds it in pieces counts once. */
export class SampleCounter {
  readonly keptIn: Int32Array;
  private readonly last: Int32Array;

  constructor(
    private readonly firsts: Int32Array,
    private readonly tokens: number,
  ) {
    this.keptIn = new Int32Array(firsts.length);
    this.last = new Int32Array(firsts.length).fill(-1);
  }

  /** Sample number `sample` holds tokens [first, end). Samples come one after the other. */
  add(sample: number, first: number, end: number): void {
    let low = 0;
    let high = this.firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.firsts[middle + 1] ?? this.tokens) > first) high = middle;
      else low = middle + 1;
    }
    for (let sentence = low; sentence < this.firsts.length && (this.firsts[sentence] ?? 0) < end; sentence++) {
      if (this.last[sentence] === sample) continue;
      this.last[sentence] = sample;
      this.keptIn[sentence] = (this.keptIn[sentence] ?? 0) + 1;
    }
  }
}

/** One column from several that follow each other. */
export function joined32(parts: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
