/** Scores of an answer, 0 to 1, by name. */
import { scoreAnswer } from "./needle.js";

/** An answer's score; `choices` are all answers there are, where the metric chooses among them. */
export type Metric = (answer: string, references: readonly string[], choices: readonly string[]) => number;

const table = {
  /** 1 where the answer begins with exactly the expected digits. */
  "needle-exact": (answer, references) => scoreAnswer(answer, references[0] ?? ""),
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof table;

export const metrics: Readonly<Record<MetricName, Metric>> = table;

/** @returns 0 to 1 */
export function scoreOf(metric: MetricName, answer: string, references: readonly string[], choices: readonly string[] = []): number {
  return metrics[metric](answer, references, choices);
}
