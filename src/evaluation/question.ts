/** The one form in which every benchmark asks: needles, RULER, LongBench. What answers, and how, is the runner's business. */
import type { MetricName } from "./metrics.js";

export interface Question {
  /** Task in the results: `needle`, `ruler/vt`, `longbench/hotpotqa`. */
  readonly task: string;
  /** Tokens of the prompt as the grid names them; results are grouped by it. */
  readonly length: number;
  /** 0 to 1; null where it has no meaning. */
  readonly depth: number | null;
  readonly trial: number;
  /** The prompt; in a chat, the user's message. */
  readonly text: string;
  /**
   * Tokens of the whole prompt in the task's tokenizer, with everything before and after the text (`promptPrefix` or the
   * chat template, then `answerPrefix`), where the benchmark put it together from tokens. Left out: `text` is tokenized.
   */
  readonly ids?: Int32Array;
  /** The beginning of the answer that the prompt already gives; in a chat it follows the template. */
  readonly answerPrefix?: string;
  readonly prompting: "base" | "chat";
  /** Right answers: what that means depends on the metric. */
  readonly references: readonly string[];
  /** All answers there are, for metrics that choose among them. */
  readonly choices?: readonly string[];
  readonly metric: MetricName;
  readonly maxNewTokens: number;
  /** Strings that end an answer. */
  readonly stop: readonly string[];
  /** LooGLE: whose further metrics it is scored by (place in `evaluation.longBench`), and the question without the document. */
  readonly looGle?: { readonly source: number; readonly asked: string };
  /** For people who look at the prompt: what is hidden in the text, and what the prompt ends with. */
  readonly parts?: { readonly needles: readonly string[]; readonly distractors: readonly string[]; readonly question: string };
}
