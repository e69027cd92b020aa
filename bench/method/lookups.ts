/**
 * What the selection of sentences leaves of a corpus' repetitions: how often a sample holds a sentence together with an
 * earlier one of the same words, from which it could be looked up, and how often only the repetition was kept.
 *
 *     npx tsx bench/method/lookups.ts RUN...     (folders of runs that have come to `select`; prints a Markdown table)
 *
 * Makes the samples anew from the runs' tables, as the stage does: studies throw theirs away.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { z } from "zod";
import { recipeSchema, trainedLength, type Recipe } from "../../src/protocol/recipe.js";
import { extendSamples, type ExtendSample, type SampleSource } from "../../src/recipe/samples.js";
import { prepareFiles, selectionFiles } from "../../src/runner/stages/files.js";
import { selectedSource } from "../../src/runner/stages/sampleSources.js";

/** Shorter sentences repeat by chance. */
const leastTokens = 6;
const window = 256;

interface Counts {
  samples: number;
  tokens: number;
  /** Sentences with an earlier one of the same words in the sample. */
  lookups: number;
  /** Of them: the nearest such sentence lies more than the original window before. */
  beyond: number;
  /** Sentences with an earlier one of the same words in the document, but none in the sample. */
  orphans: number;
}

function none(): Counts {
  return { samples: 0, tokens: 0, lookups: 0, beyond: 0, orphans: 0 };
}

const tokenizerSchema = z.object({ model: z.object({ vocab: z.record(z.string(), z.number()) }) });

/** Ids of tokens that are nothing but blanks: what ends a paragraph does not make another sentence. */
async function blankTokens(model: string): Promise<ReadonlySet<number>> {
  const { model: bpe } = tokenizerSchema.parse(JSON.parse(await readFile(join(model, "tokenizer.json"), "utf8")));
  return new Set(Object.entries(bpe.vocab).flatMap(([text, id]) => (/^[ĠĊčĉ]+$/.test(text) ? [id] : [])));
}

/** A sentence's words: without its first token, which has the blank before it or not, and without blanks behind. */
function words(ids: Int32Array, from: number, to: number, blank: ReadonlySet<number>): string | null {
  let end = to;
  while (end > from && blank.has(ids[end - 1] ?? 0)) end--;
  return end - from < leastTokens ? null : ids.subarray(from + 1, end).join(" ");
}

/** Sentences of a document that repeat an earlier one: their first tokens. */
function repetitions(source: SampleSource, index: number, blank: ReadonlySet<number>): Set<number> {
  const { tokens } = source.sizes[index] ?? { tokens: 0 };
  const ids = new Int32Array(tokens);
  source.read(index, 0, tokens, ids, 0);
  const starts = Int32Array.from(source.sentences(index).first);
  const seen = new Set<string>();
  const repeated = new Set<number>();
  starts.forEach((start, at) => {
    const text = words(ids, start, starts[at + 1] ?? tokens, blank);
    if (text === null) return;
    if (seen.has(text)) repeated.add(start);
    seen.add(text);
  });
  return repeated;
}

/** First token in its document of each sentence of a sample, from the runs of tokens that it is made of. */
function documentTokens({ sentences, origins }: ExtendSample): number[] {
  const places: number[] = [];
  let at = 0;
  origins.first.forEach((first, run) => {
    const length = (origins.end[run] ?? 0) - first;
    for (; (sentences[places.length] ?? Infinity) < at + length;) places.push(first + (sentences[places.length] ?? 0) - at);
    at += length;
  });
  return places;
}

function count(sample: ExtendSample, repeated: ReadonlySet<number>, blank: ReadonlySet<number>, counts: Counts): void {
  const { ids, positions, sentences } = sample;
  const places = documentTokens(sample);
  const last = new Map<string, number>();
  counts.samples++;
  counts.tokens += ids.length;
  sentences.forEach((start, sentence) => {
    const text = words(ids, start, sentences[sentence + 1] ?? ids.length, blank);
    if (text === null) return;
    const earlier = last.get(text);
    const position = positions[start] ?? 0;
    if (earlier !== undefined) {
      counts.lookups++;
      if (position - earlier > window) counts.beyond++;
    } else if (repeated.has(places[sentence] ?? 0)) counts.orphans++;
    last.set(text, position);
  });
}

async function measure(run: string, recipe: Recipe, blank: ReadonlySet<number>): Promise<Counts> {
  const counts = none();
  const source = await selectedSource(
    join(run, "stages", "01-prepare", prepareFiles.tokens),
    join(run, "stages", "03-select", selectionFiles.selection),
  );
  try {
    const repeated = new Map(source.sizes.map((_, index) => [source.document(index), repetitions(source, index, blank)]));
    const options = {
      samples: recipe.training.samples,
      trainedLength: trainedLength(recipe),
      order: recipe.selection.order,
      upsample: recipe.selection.upsample,
      positions: { ...recipe.positions, targetLength: recipe.targetLength },
      seed: recipe.seed,
    };
    for (const sample of extendSamples(source, options)) {
      // The corpus' documents are longer than T: a sample comes from one.
      count(sample, repeated.get(sample.document) ?? new Set(), blank, counts);
    }
  } finally {
    source.close();
  }
  return counts;
}

async function main(): Promise<void> {
  const blank = await blankTokens(join(import.meta.dirname, "..", "..", "examples", "embedded", "model"));
  const totals = new Map<string, Counts>();
  for (const run of process.argv.slice(2)) {
    const recipe = recipeSchema.parse(JSON.parse(await readFile(join(run, "recipe.json"), "utf8")));
    const name = (recipe.name ?? run).replace(/-\d+$/, "");
    const sum = totals.get(name) ?? none();
    for (const [key, value] of Object.entries(await measure(run, recipe, blank)) as [keyof Counts, number][]) sum[key] += value;
    totals.set(name, sum);
  }
  console.log("| samples of | tokens a sample | repetitions with their source | of these, more than W apart | repetitions without |");
  console.log("|---|---:|---:|---:|---:|");
  for (const [name, { samples, tokens, lookups, beyond, orphans }] of totals) {
    const mean = (value: number): string => (value / samples).toFixed(1);
    console.log(`| ${name} | ${Math.round(tokens / samples)} | ${mean(lookups)} | ${mean(beyond)} | ${mean(orphans)} |`);
  }
}

void main();
