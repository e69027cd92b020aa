/** What the results say about a merge that lost an ability, and about long context that does not work. */
import type { Diagnosis } from "../protocol/events.js";
import type { ResultRow, Results } from "../protocol/results.js";
import { inPercent, percent } from "./format.js";
import { wilson } from "./intervals.js";
import { logRatioInterval, pairedDifference } from "./paired.js";

/** Retrieval may fall by a tenth of all needles before it is told, perplexity inside W rise by 3 % (what the demo holds itself to). */
const lostNeedles = 0.1;
const lostPerplexity = Math.log(1.03);
/** Fewer needles than half is not long context that anybody would rely on. */
const poorNeedles = 0.5;
/**
 * Half as high again as inside W. Later positions see more context, but text itself gets harder where new things are told: on the
 * embedded model's documents + 18 % where far positions work, + 83 % for the base, which fails there.
 */
const poorPerplexity = Math.log(1.5);

/** Every diagnosis of an evaluation. An interval, not a point, has to lie beyond a tolerance. */
export function diagnoseResults(results: Results): Diagnosis[] {
  return [mergeLosesLength(results), mergeLosesBase(results), poorLongContext(results)].filter((found) => found !== null);
}

/** Merged against extended, beyond W. */
export function mergeLosesLength(results: Results): Diagnosis | null {
  const lost = needlesLost(results, "extended", "merged", ({ length }) => length > results.window);
  if (lost === null || !(lost.low > 0 && lost.value > lostNeedles)) return null;
  return {
    kind: "diagnosis",
    title: "The merge lost long-context retrieval",
    evidence: `Beyond the window the merged model retrieves ${points(lost)} fewer needles than the extended one.`,
    cause: "The merged weights are too near to the base, or the extended ones too far from it for a mean of both to work.",
    setting: "merge.alpha (higher), training.learningRate (lower, so that the extended model stays near to the base).",
  };
}

/** Merged against base, inside W: needles, then perplexity. */
export function mergeLosesBase(results: Results): Diagnosis | null {
  const { window } = results;
  const lost = needlesLost(results, "base", "merged", ({ length }) => length <= window);
  const perplexity = perplexityRise(results, "base", "merged");
  const needles = lost !== null && lost.low > 0 && lost.value > lostNeedles;
  const language = perplexity !== null && perplexity.low > lostPerplexity;
  if (!needles && !language) return null;
  const evidence = [
    ...(needles ? [`retrieves ${points(lost)} fewer needles than the base`] : []),
    ...(language
      ? [`has a perplexity ${rise(perplexity.value)} % above the base's (${rise(perplexity.low)} to ${rise(perplexity.high)})`]
      : []),
  ];
  // Rotary scaling alone costs ability, which training brings back: then it is the base's weights that do not fit.
  const over = perplexityRise(results, "extended", "merged");
  const tooNear = over !== null && over.value > 0;
  return {
    kind: "diagnosis",
    title: "The merge lost ability inside the window",
    evidence: `Inside the window the merged model ${evidence.join(" and ")}.`,
    cause: tooNear
      ? "The base's weights do not suit the rotary scaling, and the merge keeps too much of them: the extended model is better here."
      : "The extension changed more than replay restored, and the merge keeps too much of it.",
    setting: tooNear
      ? "merge.alpha (higher), rope (a gentler scaling)."
      : "merge.alpha (lower), replay (more samples of general data), training.learningRate (lower).",
  };
}

/** The model that people will use, beyond W: needles, then perplexity against its own inside W. */
export function poorLongContext(results: Results): Diagnosis | null {
  const { window } = results;
  const models = new Set(results.rows.map(({ model }) => model));
  const model = ["merged", "extended"].find((name) => models.has(name));
  if (model === undefined) return null;
  const rows = results.rows.filter((row) => row.model === model);
  const beyond = share(rows, ({ length }) => length > window);
  const inside = share(rows, ({ length }) => length <= window);
  if (beyond !== null && beyond.high < poorNeedles) {
    // What the base cannot do in its own window, no extension will bring.
    const own = share(
      results.rows.filter((row) => row.model === (models.has("base") ? "base" : model)),
      ({ length }) => length <= window,
    );
    const also = own !== null && own.high < poorNeedles;
    return {
      kind: "diagnosis",
      title: "Long-context results are poor",
      evidence:
        `${model} retrieves ${percent(beyond.value)} of the needles beyond the window (${percent(beyond.low)} to ${percent(beyond.high)})` +
        `${inside === null ? "" : `, ${percent(inside.value)} inside it`}.`,
      cause: also
        ? "The base does not retrieve inside its own window either: the task is beyond it, whatever its length."
        : "The long range was not learned: too little training, a rotary scaling that does not suit the model, or samples without far references.",
      setting: also
        ? "evaluation.needle (fewer distractors, another needle and question); a base model that retrieves."
        : "rope (another scaling), training.steps and training.learningRate (more), significance.reference and selection (text with far references).",
    };
  }
  const harder = lossBeyond(rows, window);
  if (harder === null || !(harder.low > poorPerplexity)) return null;
  return {
    kind: "diagnosis",
    title: "Text beyond the window is not understood",
    evidence: `Perplexity of ${model} beyond the window is ${rise(harder.value)} % above that inside it (${rise(harder.low)} to ${rise(harder.high)}), document by document.`,
    cause: "Positions beyond the window are still foreign to the model: too little training, or a rotary scaling that does not suit it.",
    setting: "rope (another scaling), training.steps and training.learningRate (more), positions (check the coverage of distances).",
  };
}

type Keep = (row: ResultRow) => boolean;

/** Needles that `from` finds and `to` does not, on the same prompts; null where there is no common prompt. */
function needlesLost(results: Results, from: string, to: string, keep: Keep) {
  const needles = results.rows.filter((row) => row.task === "needle" && keep(row));
  const key = ({ promptHash, length, depth, trial }: ResultRow): string => [promptHash, length, depth, trial].join(" ");
  const hits = new Map(needles.filter(({ model }) => model === to).map((row) => [key(row), row.score === 1]));
  const pairs = needles
    .filter((row) => row.model === from && hits.has(key(row)))
    .map((row) => [row.score === 1, hits.get(key(row)) === true] as const);
  return pairs.length === 0 ? null : pairedDifference(pairs);
}

/** Log of the ratio of perplexities inside W, `to` over `from`, over documents. */
function perplexityRise(results: Results, from: string, to: string) {
  const inside = (model: string) => documentLosses(results.rows.filter((row) => row.model === model && row.length <= results.window));
  const earlier = inside(from);
  const pairs = [...inside(to)].flatMap(([document, { loss, tokens }]) => {
    const before = earlier.get(document);
    return before === undefined ? [] : [{ difference: loss - before.loss, weight: tokens }];
  });
  return pairs.length === 0 ? null : logRatioInterval(pairs);
}

function lossBeyond(rows: readonly ResultRow[], window: number) {
  const inside = documentLosses(rows.filter(({ length }) => length <= window));
  const pairs = [...documentLosses(rows.filter(({ length }) => length > window))].flatMap(([document, { loss, tokens }]) => {
    const near = inside.get(document);
    return near === undefined ? [] : [{ difference: loss - near.loss, weight: tokens }];
  });
  return pairs.length === 0 ? null : logRatioInterval(pairs);
}

/** Mean negative log-likelihood of each document over its bins. */
function documentLosses(rows: readonly ResultRow[]): Map<string, { loss: number; tokens: number }> {
  const sums = new Map<string, { sum: number; tokens: number }>();
  for (const { task, promptHash, trial, score, tokens = 0 } of rows) {
    if (task !== "perplexity") continue;
    const key = `${promptHash} ${trial}`;
    const found = sums.get(key) ?? { sum: 0, tokens: 0 };
    sums.set(key, { sum: found.sum + score * tokens, tokens: found.tokens + tokens });
  }
  return new Map(
    [...sums].filter(([, { tokens }]) => tokens > 0).map(([document, { sum, tokens }]) => [document, { loss: sum / tokens, tokens }]),
  );
}

function share(rows: readonly ResultRow[], keep: Keep) {
  const needles = rows.filter((row) => row.task === "needle" && keep(row));
  const hits = needles.reduce((sum, { score }) => sum + score, 0);
  return needles.length === 0 ? null : { value: hits / needles.length, ...wilson(hits, needles.length) };
}

function points({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${inPercent(value)} (${inPercent(low)} to ${inPercent(high)}) in a hundred`;
}

/** A log ratio as a rise in percent. */
function rise(logRatio: number): string {
  return inPercent(Math.exp(logRatio) - 1, 1);
}
