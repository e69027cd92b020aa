/**
 * Whether what the base can do is still there: every other model against it inside W, on the same prompts and documents.
 *
 * Tasks of a benchmark count together, so that few comparisons are made; what is left of chance among those is told by Holm's
 * procedure over all of them.
 */
import type { AbilityChange } from "../protocol/evaluationView.js";
import type { AbilityRow, ResultRow, Results } from "../protocol/results.js";
import { tProbability, tQuantile } from "../study/statistics.js";
import { holm, pairedBootstrap, signFlipProbability } from "./bootstrap.js";
import { isLikelihood } from "./measures.js";
import { logRatioInterval, pairedDifference, type WeightedPair } from "./paired.js";
import { orderedModels } from "./summary.js";

/** Metrics of lm-evaluation-harness that are no scores: a fall is no loss. */
const lowerIsBetter = /perplexity|bits_per_byte|^(?:wer|ter|brier_score)$/u;

/** A change with the probability that it is chance. */
type Tested = Omit<AbilityChange, "holds"> & { readonly probability: number };

export function abilityChanges({ rows, abilities = [], window }: Results): AbilityChange[] {
  const inside = rows.filter(({ promptTokens, length }) => (promptTokens ?? length) <= window);
  const models = orderedModels([...inside, ...abilities]).filter((model) => model !== "base");
  const scores = [
    ...inside.filter(({ task }) => !isLikelihood(task)).map(answered),
    ...abilities.filter(({ metric }) => !lowerIsBetter.test(metric)).map(document),
  ];
  const names = [...new Set(scores.map(({ ability }) => ability))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
  const found = models.flatMap((model) =>
    [perplexityChange(model, inside), ...names.map((ability) => scoreChange(model, ability, scores))].filter((change) => change !== null),
  );
  const holds = holm(found.map(({ probability }) => probability));
  return found.map(({ model, ability, change, pairs, verdict }, place) => ({
    ...{ model, ability, change, pairs, verdict },
    holds: holds[place] === true,
  }));
}

function rank(ability: string): number {
  return ability.startsWith("needle") ? 0 : 1;
}

/** A score that can be paired. */
interface Paired {
  readonly model: string;
  readonly ability: string;
  /** What makes it the same question for two models. */
  readonly key: string;
  readonly score: number;
}

function answered({ model, task, promptHash, length, depth, trial, score }: ResultRow): Paired {
  // All tasks of RULER, or of LongBench, are one ability.
  const ability = task.split("/")[0] ?? task;
  return { model, ability, key: JSON.stringify([task, promptHash, length, depth, trial]), score };
}

function document({ model, task, group, metric, document: number, score }: AbilityRow): Paired {
  return { model, ability: `${group ?? task} (${metric})`, key: JSON.stringify([task, number]), score };
}

function scoreChange(model: string, ability: string, scores: readonly Paired[]): Tested | null {
  const before = new Map(scores.filter((one) => one.model === "base" && one.ability === ability).map(({ key, score }) => [key, score]));
  const pairs = scores.flatMap((one): [number, number][] => {
    const earlier = one.model === model && one.ability === ability ? before.get(one.key) : undefined;
    return earlier === undefined ? [] : [[one.score, earlier]];
  });
  if (pairs.length === 0) return null;
  const differences = pairs.map(([own, earlier]) => own - earlier);
  const binary = pairs.flat().every((score) => score === 0 || score === 1);
  const change = binary ? pairedDifference(pairs.map(([own, earlier]) => [own === 1, earlier === 1])) : pairedBootstrap(differences);
  // One prompt has no spread to judge it by.
  if (!Number.isFinite(change.low)) return null;
  const verdict = change.high < 0 ? "worse" : change.low > 0 ? "better" : "same";
  return { model, ability, change, pairs: pairs.length, verdict, probability: signFlipProbability(differences) };
}

function perplexityChange(model: string, rows: readonly ResultRow[]): Tested | null {
  const before = byDocument(rows.filter((row) => row.model === "base"));
  const pairs: WeightedPair[] = [];
  for (const [name, { sum, tokens }] of byDocument(rows.filter((row) => row.model === model))) {
    const earlier = before.get(name);
    if (earlier === undefined || earlier.tokens !== tokens) continue;
    pairs.push({ difference: (sum - earlier.sum) / tokens, weight: tokens });
  }
  // One document has no spread to judge it by.
  if (pairs.length < 2) return null;
  const { value, low, high } = logRatioInterval(pairs);
  const verdict = low > 0 ? "worse" : high < 0 ? "better" : "same";
  return {
    model,
    ability: "perplexity",
    change: { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) },
    pairs: pairs.length,
    verdict,
    probability: chanceOf(value, low, pairs.length),
  };
}

/** Two-sided probability of Student's t, from a mean and the lower end of its interval of 95 %. */
function chanceOf(value: number, low: number, pairs: number): number {
  if (value === low) return value === 0 ? 1 : 0;
  const t = Math.abs((value / (value - low)) * tQuantile(0.975, pairs - 1));
  return 2 * (1 - tProbability(t, pairs - 1));
}

/** Nats and tokens of each document, over its bins. */
function byDocument(rows: readonly ResultRow[]): Map<string, { sum: number; tokens: number }> {
  const documents = new Map<string, { sum: number; tokens: number }>();
  for (const { task, promptHash, trial, score, tokens = 0 } of rows) {
    if (task !== "perplexity" || tokens === 0) continue;
    const key = `${promptHash} ${String(trial)}`;
    const known = documents.get(key) ?? { sum: 0, tokens: 0 };
    documents.set(key, { sum: known.sum + score * tokens, tokens: known.tokens + tokens });
  }
  return documents;
}
