/** Scores of an answer, 0 to 1, by name. */
import * as longBench from "./metrics/longBench.js";
import { clozeExact, rougeLRecall } from "./metrics/loogle.js";
import { likeness, meanLikeness, recall, scoreAnswer } from "./metrics/needle.js";
import { matchAll, matchPart } from "./metrics/ruler.js";

/** An answer's score; `choices` are all answers there are, where the metric chooses among them. */
export type Metric = (answer: string, references: readonly string[], choices: readonly string[]) => number;

const table = {
  /** 1 where the answer begins with exactly the expected value. */
  "needle-exact": (answer, references) => scoreAnswer(answer, references[0] ?? ""),
  /** Likeness of the expected value and the part of the answer that fits it best (Levenshtein). */
  "needle-fuzzy": (answer, references) => likeness(answer, references[0] ?? ""),
  /** Share of the expected values that the answer names. */
  "needle-recall": recall,
  /** Mean likeness over the expected values. */
  "needle-recall-fuzzy": meanLikeness,
  /** RULER's string_match_all: the share of the references in the answer. */
  "ruler-all": matchAll,
  /** RULER's string_match_part: 1 where any reference is in the answer. */
  "ruler-part": matchPart,
  /** LongBench's metrics; those of its few-shot sets look at the answer's first line. */
  "longbench-f1": longBench.bestOf(longBench.answerF1),
  "longbench-f1-line": longBench.firstLineBestOf(longBench.answerF1),
  "longbench-f1-zh": longBench.bestOf(longBench.chineseF1),
  "longbench-rouge": longBench.bestOf(longBench.rouge),
  "longbench-rouge-line": longBench.firstLineBestOf(longBench.rouge),
  "longbench-rouge-zh": longBench.bestOf(longBench.chineseRouge),
  "longbench-class-line": longBench.firstLineBestOf(longBench.classification),
  "longbench-count": longBench.bestOf(longBench.count),
  "longbench-retrieval": longBench.bestOf(longBench.retrieval),
  "longbench-code": longBench.bestOf(longBench.codeSimilarity),
  /** LongBench v2: whether the letter is right. */
  "longbench-choice": longBench.choice,
  /** LooGLE: recall of ROUGE-L; share of masks filled in to the letter. */
  "loogle-rouge": rougeLRecall,
  "loogle-cloze": clozeExact,
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof table;

export const metrics: Readonly<Record<MetricName, Metric>> = table;

/** @returns 0 to 1 */
export function scoreOf(metric: MetricName, answer: string, references: readonly string[], choices: readonly string[] = []): number {
  return metrics[metric](answer, references, choices);
}
