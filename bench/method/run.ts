/**
 * Tokens a second of what the method does in TypeScript, against the same steps in plain Python and against tokenizing.
 *
 *     npx tsx bench/method/run.ts [--tokens 100000000] [--python PYTHON --model FOLDER]
 *
 * Rates are by processor time, so that other load on the machine does not count. Writes RESULTS.md beside this file.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { topThreshold } from "../../src/recipe/quantile.js";
import { countImpactful } from "../../src/recipe/select.js";
import { segmentSentences, sentenceTokens } from "../../src/recipe/sentences.js";
import { makeSamples, samplesInMemory, targetLength, trainedLength, writeInputs, type Seconds } from "./samplesStage.js";
import { documentTokens, prose, Recurrence, scores, sentenceStarts } from "./synthetic.js";
import { tokenizeRate } from "./tokenize.js";

const { values: options } = parseArgs({
  options: { tokens: { type: "string", default: "100000000" }, python: { type: "string", default: "python3" }, model: { type: "string" } },
});
const corpusTokens = Number(options.tokens);
/** What plain Python is given. */
const plainTokens = 5_000_000;

/** How often each is measured, by both versions. */
const rounds = 10;

/** Tokens a second of processor time, the best of all rounds: what else runs on the machine slows memory down. */
async function measure(tokens: number, work: () => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const begun = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(begun);
    best = Math.max(best, tokens / ((user + system) / 1e6));
  }
  return best;
}

async function segmentation(): Promise<number> {
  const { text, starts, ends } = prose(20_000_000);
  return measure(starts.length, () => sentenceTokens(text, segmentSentences(text), starts, ends));
}

async function selection(): Promise<number> {
  const random = new Recurrence(3);
  const ring = Array.from({ length: 16 }, () => ({ first: sentenceStarts(random), score: scores(random) }));
  const count = Math.ceil(corpusTokens / documentTokens);
  async function* all(): AsyncGenerator<Float32Array> {
    for (let at = 0; at < count; at++) yield await Promise.resolve(ring[at % ring.length]?.score ?? new Float32Array(0));
  }
  return measure(count * documentTokens, async () => {
    const { value } = await topThreshold(all, 0.2);
    for (let at = 0; at < count; at++) {
      const one = ring[at % ring.length];
      if (one !== undefined) countImpactful(one.first, one.score, value);
    }
  });
}

/** Rates of the plain version: corpus tokens a second of processor time. */
interface Baseline {
  readonly segmentation: number;
  readonly selection: number;
  readonly reading: number;
  readonly making: number;
  readonly writing: number;
  readonly samples: number;
}

/** On the first documents of the same corpus: its lists would not fit into memory. */
async function baseline(folder: string): Promise<Baseline> {
  const { tokens, selection } = await writeInputs(folder, "plain", Math.min(corpusTokens, plainTokens));
  const file = join(import.meta.dirname, "baseline.py");
  const { stdout, stderr, status } = spawnSync(options.python, [file, tokens, selection, join(folder, "plain.arrow")], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Baseline;
}

function nanoseconds(seconds: number): string {
  return `${(seconds * 1e9).toFixed(2)} ns`;
}

function millions(rate: number): string {
  return `${(rate / 1e6).toFixed(2)} M`;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-method-"));
  try {
    const before = process.memoryUsage.rss();
    const files = await writeInputs(folder, "corpus", corpusTokens);
    const passes: (Seconds & { readonly count: number })[] = [];
    for (let round = 0; round < rounds; round++) passes.push(await makeSamples(folder, files));
    const peak = process.resourceUsage().maxRSS / 1024;
    const total = ({ opening, samples }: Seconds): number => opening + samples;
    const best = passes.reduce((one, other) => (total(one) <= total(other) ? one : other));
    const all = passes.map((pass) => nanoseconds(total(pass) / (pass.count * targetLength))).join(", ");
    const used = best.count * targetLength;
    const made = used / total(best);
    const inMemory = await samplesInMemory(corpusTokens);
    let rate = 0;
    for (let round = 0; round < rounds; round++) {
      const { seconds, count } = inMemory();
      rate = Math.max(rate, (count * targetLength) / seconds);
    }
    const segmented = await segmentation();
    const selected = await selection();
    const plain = await baseline(folder);
    const tokenized = options.model === undefined ? null : await tokenizeRate(options.python, options.model, folder);
    const everything = 1 / (1 / segmented + 1 / selected + 1 / made);
    const rows = [
      ["sentences: segmentation and mapping to tokens", segmented, plain.segmentation],
      ["selection: exact top 20 % and counts by sentence", selected, plain.selection],
      ["**samples with positions, tokens and sentences in memory**", rate, plain.making],
      ["samples, from the files of `prepare` and `select` to their Arrow table", made, plain.samples],
    ] as const;
    const lines = [
      "# The method's own steps",
      "",
      `\`npx tsx bench/method/run.ts --tokens ${corpusTokens} --python PYTHON --model FOLDER\` on a 2-core x86-64 CPU, 24 GB; Node ${process.versions.node}.`,
      "Corpus tokens a second of processor time (user and system), the best of ten rounds, both versions in one run. The plain Python version (`baseline.py`) does the same with lists and a loop per token.",
      "",
      "For sentences the Python version is two regular expressions for full stops and blank lines, run in C: it knows no other script and no abbreviation. The TypeScript version is Unicode segmentation.",
      "",
      "| step | TypeScript, tokens/s | plain Python, tokens/s | ratio |",
      "|---|---:|---:|---:|",
      ...rows.map(([step, rate, other]) => `| ${step} | ${millions(rate)} | ${millions(other)} | ${(rate / other).toFixed(1)} × |`),
      ...(tokenized === null ? [] : [`| tokenizing (worker, Rust tokenizer, all cores) | ${millions(tokenized)} | | |`]),
      "",
      `Samples: ${best.count} of L = ${trainedLength}, one from a window of T = ${targetLength} in each document of ${documentTokens}; ${millions(corpusTokens)} tokens. Rates count the tokens of the windows.`,
      "",
      "What is in each side of the last two rows, the same for both:",
      "",
      "- Input (last row): `corpus-tokens.arrow` (ids by document) and `selection.arrow` (first token and impactful tokens of each sentence), which the stages before have written.",
      "- Work: ranking the sentences of each window by density, ties by a draw; taking them until L is full; drawing the length of the plain part and the skips; ids and positions.",
      "- Output (last row): an Arrow file with sample, document, ids, positions and segments. Origins and coverage, which the stage also writes, are in neither.",
      "",
      `TypeScript: ${nanoseconds(best.opening / used)} a token to find every document's places in the two tables, ${nanoseconds(best.samples / used)} for everything else; ${nanoseconds(best.system / used)} of both are the system's, reading and writing. By the clock, with the file synced to disk, ${millions(used / best.wall)} tokens/s. Round by round, the first with files that the system has not in its cache yet and code that is still to be compiled: ${all}.`,
      `Peak resident memory ${peak.toFixed(0)} MB (${(before / 2 ** 20).toFixed(0)} MB before): bounded by a batch.`,
      `Python (on the first ${millions(Math.min(corpusTokens, plainTokens))} tokens): ${nanoseconds(1 / plain.reading)} a token to read the tables into lists (\`to_pylist\`), ${nanoseconds(1 / plain.making)} to make the samples, ${nanoseconds(1 / plain.writing)} to write them.`,
      ...(tokenized === null
        ? []
        : [
            "",
            `Making samples runs at ${(made / tokenized).toFixed(1)} × the rate of tokenizing; with segmentation and selection at ${millions(everything)} tokens/s, ${(everything / tokenized).toFixed(1)} ×.`,
          ]),
    ];
    const text = `${lines.join("\n")}\n`;
    await writeFile(join(import.meta.dirname, "RESULTS.md"), text);
    console.log(text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void main();
