/**
 * RULER by LongRecipe beside RULER by lm-evaluation-harness: the table of docs/evaluation.md, from the results beside it.
 *
 *     npx tsx bench/evaluation/rulerTable.ts [RESULTS ...]
 *
 * RESULTS: results.json files of `longrecipe evaluate` that are put together into docs/evaluation/longrecipe-ruler.json first.
 * Prompts are drawn anew on each side, so that scores are compared unpaired:
 *
 * - Intervals of 95 % are Wilson's over prompts. A score that is a share of parts (four values, ten words) varies at most as
 *   much as one that is 0 or 1 with the same mean, so that for these tasks the interval is rather too wide.
 * - The interval of a difference is Newcombe's of those two (Statistics in Medicine 17, 1998, 873-890, method 10).
 * - p is that of a permutation test of the difference of means; Holm over all rows.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { mean, sum } from "d3-array";
import { z } from "zod";
import { holm } from "../../src/evaluation/bootstrap.js";
import { wilson } from "../../src/evaluation/intervals.js";
import { matchAll } from "../../src/evaluation/metrics/ruler.js";
import { resultsSchema, type Results } from "../../src/protocol/results.js";
import { Random } from "../../src/recipe/random.js";

const folder = new URL("../../docs/evaluation/", import.meta.url);
const page = new URL("../../docs/evaluation.md", import.meta.url);
const oursFile = new URL("longrecipe-ruler.json", folder);
const permutations = 20_000;
/** Tokens of our prompts that have as little haystack as those of lm_eval at 1,024. */
const short = 340;

const theirsSchema = z.object({
  runs: z.array(
    z.object({
      task: z.string(),
      length: z.number(),
      scores: z.array(z.number()),
      tokens: z.array(z.number()),
      references: z.array(z.array(z.string())),
      answers: z.array(z.string()),
    }),
  ),
});

const sameSchema = z.object({
  runs: z.array(
    z.object({
      task: z.string(),
      length: z.number(),
      ending: z.string(),
      answers: z.array(z.string()),
    }),
  ),
});

interface Side {
  readonly scores: readonly number[];
  readonly tokens: readonly number[];
}

interface Row {
  readonly task: string;
  readonly length: number;
  readonly ours: Side;
  readonly theirs: Side;
}

const { positionals } = parseArgs({ allowPositionals: true });
if (positionals.length > 0) putTogether(positionals.map(readResults));
const { runs } = theirsSchema.parse(JSON.parse(readFileSync(new URL("lm-eval-ruler.json", folder), "utf8")));
const ours = readResults(oursFile);
const shortRows = joined(() => short);
const made = [
  table(joined((length) => length)),
  ...(shortRows.length === 0
    ? []
    : ["", `With next to no haystack on the left either (prompts of up to ${short} tokens there):`, "", table(shortRows)]),
  "",
  scoredAlike(),
  ...samePrompts(),
].join("\n");
writeFileSync(page, between(readFileSync(page, "utf8"), made));

function readResults(file: string | URL): Results {
  return resultsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** One file for all runs, a row a line. */
function putTogether(found: readonly Results[]): void {
  const [first] = found;
  if (first === undefined) return;
  const lines = found.flatMap(({ rows }) => rows).map((row) => JSON.stringify(row));
  const { version, run, window, targetLength } = first;
  const head = JSON.stringify({ version, run, window, targetLength, missing: found.flatMap(({ missing }) => missing ?? []) });
  writeFileSync(oursFile, `${head.slice(0, -1)},"rows":[\n${lines.join(",\n")}\n]}\n`);
}

/** Tasks that both sides have, ours at the length that stands for theirs. */
function joined(ownLength: (length: number) => number): Row[] {
  return runs.flatMap(({ task: theirTask, length, scores, tokens }) => {
    const task = theirTask.replace(/^ruler_/u, "");
    const own = ours.rows.filter((row) => row.task === `ruler/${task}` && row.length === ownLength(length));
    if (own.length === 0) return [];
    const left = { scores: own.map(({ score }) => score), tokens: own.map(({ promptTokens }) => promptTokens ?? 0) };
    return [{ task, length, ours: left, theirs: { scores, tokens } }];
  });
}

function table(rows: readonly Row[]): string {
  const probabilities = rows.map(({ ours, theirs }, at) => permutationTest(ours.scores, theirs.scores, at));
  const holds = holm(probabilities);
  const lines = rows.map(({ task, length, ours, theirs }, at) => {
    const p = probabilities[at] ?? 1;
    const cells = [
      task,
      length.toLocaleString("en"),
      `${ours.scores.length}, ${theirs.scores.length}`,
      withInterval(ours.scores),
      average(ours.tokens).toFixed(0),
      withInterval(theirs.scores),
      average(theirs.tokens).toFixed(0),
      difference(ours.scores, theirs.scores),
      p < 0.001 ? "< 0.001" : p.toFixed(3),
      holds[at] === true ? "**differs**" : "agree",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const head = [
    "| task | length | prompts | LongRecipe, % | tokens | lm_eval, % | tokens | difference, points | p | verdict |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
  ];
  return [...head, ...lines].join("\n");
}

/** What came of lm_eval's own prompts under our engine. */
function samePrompts(): string[] {
  const again = sameSchema.parse(JSON.parse(readFileSync(new URL("same-prompts.json", folder), "utf8"))).runs;
  const plain = again.filter(({ ending }) => ending === "");
  const total = sum(plain, ({ answers }) => answers.length);
  const equal = sum(plain, (run) => run.answers.filter((answer, at) => answer === theirRun(run).answers[at]).length);
  return [
    `Of ${total} prompts of lm_eval that LongRecipe's engine answered too, ${equal} have the same answer to the letter.`,
    ...again
      .filter(({ ending }) => ending !== "")
      .map((run) => {
        const { references, scores } = theirRun(run);
        const own = run.answers.map((answer, at) => matchAll(answer, references[at] ?? []));
        return `With NVIDIA's blank at their end the ${own.length} prompts of lm_eval's \`${run.task}\` score ${percent(average(own))} % instead of ${percent(average(scores.slice(0, own.length)))} %.`;
      }),
  ];
}

/** lm_eval's own run of the same prompts. @throws Error where there is none */
function theirRun({ task, length }: { readonly task: string; readonly length: number }): (typeof runs)[number] {
  const found = runs.find((run) => run.task === task && run.length === length);
  if (found === undefined) throw new Error(`lm-eval-ruler.json lacks ${task} at ${length}`);
  return found;
}

/** The answers that lm_eval got, scored by our metric. */
function scoredAlike(): string {
  const same = runs.flatMap(({ scores, references, answers }) =>
    scores.map((score, at) => Math.abs(matchAll(answers[at] ?? "", references[at] ?? []) - score) < 1e-3),
  );
  const equal = same.filter((alike) => alike).length;
  return `Of the ${same.length} answers that lm_eval got and scored, LongRecipe's metric gives ${equal} the same score.`;
}

function withInterval(scores: readonly number[]): string {
  const { low, high } = wilson(sum(scores), scores.length);
  return `${percent(average(scores))} (${percent(low)} to ${percent(high)})`;
}

function difference(first: readonly number[], second: readonly number[]): string {
  const [p, q] = [average(first), average(second)];
  const [a, b] = [wilson(sum(first), first.length), wilson(sum(second), second.length)];
  const low = p - q - Math.hypot(p - a.low, b.high - q);
  const high = p - q + Math.hypot(a.high - p, q - b.low);
  return `${signed(p - q)} (${signed(low)} to ${signed(high)})`;
}

/** Two-sided p of the difference of means when prompts are dealt to the two sides at random. */
function permutationTest(first: readonly number[], second: readonly number[], row: number): number {
  const values = [...first, ...second];
  const reached = Math.abs(average(first) - average(second)) - 1e-9;
  const random = new Random(0, "permutations", row);
  let extreme = 0;
  for (let permutation = 0; permutation < permutations; permutation++) {
    random.shuffle(values);
    if (Math.abs(average(values.slice(0, first.length)) - average(values.slice(first.length))) >= reached) extreme++;
  }
  return (extreme + 1) / (permutations + 1);
}

/** The page with another table between its two marks. @throws Error where it has no marks */
function between(text: string, made: string): string {
  const marks = /(<!-- ruler:[^>]*-->\n\n)[\s\S]*?(\n\n<!-- \/ruler -->)/u;
  if (!marks.test(text)) throw new Error("docs/evaluation.md has no marks for the table");
  return text.replace(marks, (_, before: string, after: string) => `${before}${made}${after}`);
}

function average(values: readonly number[]): number {
  return mean(values) ?? NaN;
}

function percent(share: number): string {
  return (100 * share).toFixed(0);
}

function signed(share: number): string {
  const points = Math.round(100 * share);
  return points === 0 ? "0" : points > 0 ? `+${points}` : `−${-points}`;
}
