/** How the rows of a task are to be read: what a score is, how rows are gathered, which way is better. */
import type { Measure } from "../protocol/evaluationView.js";
import type { ResultRow } from "../protocol/results.js";

/** Tasks that give mean negative log-likelihoods, which are told as perplexities. */
const perplexities: ReadonlySet<string> = new Set(["perplexity", "contrast/key-tokens"]);
/** Tasks that give nats per token: a loss, or a gain of loss. */
const nats: ReadonlySet<string> = new Set(["loss-by-distance", "loss-by-distance/first", "contrast"]);
/** Tasks whose prompts are right or wrong; `needle` may be scored in between where the recipe says `fuzzy`. */
const shares: ReadonlySet<string> = new Set(["needle", "needle-single", "needle-passkey", "needle-uuid"]);

/**
 * How a task is measured.
 * - `share`: prompts that are right, 0 or 1 each
 * - `score`: 0 to 1 each
 * - `perplexity`: rows hold mean nats of `tokens` tokens, the value is exp of their mean
 * - `nats`: rows hold mean nats of `tokens` tokens, and so does the value
 */
export function measureOf(task: string): Measure {
  if (perplexities.has(task)) return "perplexity";
  if (nats.has(task)) return "nats";
  return shares.has(task) ? "share" : "score";
}

/** Whether a task's rows are means over the tokens of a document rather than answers to prompts. */
export function isLikelihood(task: string): boolean {
  return perplexities.has(task) || nats.has(task) || task === "contrast/gaining";
}

/** Mean of the rows' scores, weighted by their tokens where they have some; null where there is no row. */
export function meanScore(rows: readonly Pick<ResultRow, "score" | "tokens">[]): number | null {
  const total = rows.reduce((sum, { tokens = 1 }) => sum + tokens, 0);
  return total === 0 ? null : rows.reduce((sum, { score, tokens = 1 }) => sum + score * tokens, 0) / total;
}

/** What a mean of scores is told as: the perplexity, the score itself. */
export function valueOf(measure: Measure, mean: number): number {
  return measure === "perplexity" ? Math.exp(mean) : mean;
}
