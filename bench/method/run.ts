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
import { Arena } from "../../src/recipe/arena.js";
import { topThreshold } from "../../src/recipe/quantile.js";
import { extendSamples } from "../../src/recipe/samples.js";
import { countImpactful } from "../../src/recipe/select.js";
import { segmentSentences, sentenceTokens } from "../../src/recipe/sentences.js";
import { DiskSource } from "../../src/runner/stages/diskSource.js";
import { TokenIndex } from "../../src/runner/stages/tokenIndex.js";
import { batchBytes, writeTable } from "../../src/runner/tables/writer.js";
import { documents, documentTokens, prose, Recurrence, scores, sentenceStarts } from "./synthetic.js";
import { tokenizeRate } from "./tokenize.js";

const { values: options } = parseArgs({
  options: { tokens: { type: "string", default: "100000000" }, python: { type: "string", default: "python3" }, model: { type: "string" } },
});
const corpusTokens = Number(options.tokens);
const targetLength = 81_920;
const trainedLength = 24_576;

/** Tokens a second of processor time, the best of three: what else runs on the machine slows memory down. */
async function measure(tokens: number, work: () => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round < 3; round++) {
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

/** Impactful tokens by sentence, the threshold known. */
function counting(): Promise<number> {
  const random = new Recurrence(4);
  const ring = Array.from({ length: 16 }, () => ({ first: sentenceStarts(random), score: scores(random) }));
  const count = Math.ceil(corpusTokens / documentTokens);
  return measure(count * documentTokens, () => {
    for (let at = 0; at < count; at++) {
      const one = ring[at % ring.length];
      if (one !== undefined) countImpactful(one.first, one.score, 0.8);
    }
  });
}

async function samples(folder: string): Promise<{ gather: number; build: number; samples: number }> {
  const tokens = join(folder, "corpus-tokens.arrow");
  const none = new Int32Array(0);
  await writeTable(tokens, "tokens", async (writer) => {
    for await (const { document, ids } of documents(corpusTokens)) await writer.append({ document, ids, starts: none, ends: none });
  });
  let source: DiskSource | null = null;
  const gather = await measure(corpusTokens, async () => {
    source?.close();
    source = await DiskSource.build(join(folder, "scratch.bin"), await TokenIndex.open(tokens), documents(corpusTokens));
  });
  const built = source as DiskSource | null;
  if (built === null) throw new Error("nothing was gathered");
  // One pass: each document gives one window of T tokens.
  const count = built.sizes.length;
  const positions = { strategy: "longrecipe", targetLength, segmentSentences: 1, skips: "uniform" } as const;
  // As the stage does it, but for origins and coverage.
  const memory = { ids: new Arena(batchBytes / 4), positions: new Arena(batchBytes / 4) };
  const options = { samples: count, trainedLength, order: "density", positions, seed: 1, memory } as const;
  const build = await measure(count * targetLength, () =>
    writeTable(join(folder, "samples.arrow"), "samples", async (writer) => {
      for (const { sample, document, ids, positions: at, segments } of extendSamples(built, options)) {
        await writer.append({ sample, document, ids, positions: at, segments });
        if (writer.pending === 0) for (const arena of Object.values(memory)) arena.reset();
      }
    }),
  );
  built.close();
  return { gather, build, samples: count };
}

interface Baseline {
  readonly segmentation: number;
  readonly selection: number;
  readonly samples: number;
}

function baseline(folder: string): Baseline {
  const file = join(import.meta.dirname, "baseline.py");
  const { stdout, stderr, status } = spawnSync(options.python, [file, join(folder, "plain.arrow")], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Baseline;
}

function millions(rate: number): string {
  return `${(rate / 1e6).toFixed(2)} M`;
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bench-method-"));
  try {
    const before = process.memoryUsage.rss();
    const built = await samples(folder);
    const peak = process.resourceUsage().maxRSS / 1024;
    const segmented = await segmentation();
    const selected = await selection();
    const counted = await counting();
    const plain = baseline(folder);
    const tokenized = options.model === undefined ? null : await tokenizeRate(options.python, options.model, folder);
    const building = 1 / (1 / built.gather + 1 / built.build);
    const together = 1 / (1 / counted + 1 / building);
    const everything = 1 / (1 / segmented + 1 / selected + 1 / building);
    const rows = [
      ["sentences: segmentation and mapping to tokens", segmented, plain.segmentation],
      ["selection: exact top 20 % and counts by sentence", selected, plain.selection],
      ["counting impactful tokens by sentence", counted, null],
      ["samples: making the corpus fit for random access", built.gather, null],
      ["samples: shortening, positions, writing Arrow", built.build, null],
      ["**samples from scores: the three rows above together**", together, plain.samples],
    ] as const;
    const lines = [
      "# The method's own steps",
      "",
      `\`npx tsx bench/method/run.ts --tokens ${corpusTokens} --python PYTHON --model FOLDER\` on a 2-core x86-64 CPU, 24 GB; Node ${process.versions.node}.`,
      "Corpus tokens a second of processor time, the best of three rounds. The plain Python version (`baseline.py`) does the same with lists and a loop per token, sentence by sentence, and writes its samples as Arrow too (with pyarrow); both in one run.",
      "It keeps everything in memory; the TypeScript version reads from disk and holds one batch.",
      "",
      "For sentences the Python version is two regular expressions for full stops and blank lines, run in C: it knows no other script and no abbreviation. The TypeScript version is Unicode segmentation.",
      "",
      "| step | TypeScript, tokens/s | plain Python, tokens/s | ratio |",
      "|---|---:|---:|---:|",
      ...rows.map(
        ([step, rate, other]) =>
          `| ${step} | ${millions(rate)} | ${other === null ? "" : millions(other)} | ${other === null ? "" : `${(rate / other).toFixed(1)} ×`} |`,
      ),
      ...(tokenized === null ? [] : [`| tokenizing (worker, Rust tokenizer, all cores) | ${millions(tokenized)} | | |`]),
      "",
      `Samples: ${built.samples} of L = ${trainedLength} from stretches of T = ${targetLength}, out of ${millions(corpusTokens)} tokens; peak resident memory ${peak.toFixed(0)} MB (${(before / 1e6).toFixed(0)} MB before).`,
      ...(tokenized === null
        ? []
        : [
            "",
            `Building samples (access and all that follows) runs at ${millions(building)} tokens/s, ${(building / tokenized).toFixed(1)} × the rate of tokenizing; with segmentation and selection at ${millions(everything)}, ${(everything / tokenized).toFixed(1)} ×.`,
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
