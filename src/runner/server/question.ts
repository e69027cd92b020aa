/** What a server is asked, and what is known of its answers. */

/** A question as a server gets it; a part of what the evaluation knows of one. */
export interface ServerQuestion {
  /** Its number, by which answers are told apart. */
  readonly prompt: number;
  readonly task: string;
  /** Tokens as the grid names them. */
  readonly length: number;
  readonly text: string;
  /** What a chat is told before it; before the text where there is no chat. */
  readonly system?: string | undefined;
  /** The beginning of the answer, which ends the prompt: few servers go on from an assistant's unfinished message. */
  readonly answerPrefix?: string | undefined;
  /** Tokens of the whole prompt by the run's tokenizer, where they were counted. */
  readonly tokens?: number | undefined;
  readonly maxNewTokens: number;
  /** Strings that end an answer; they are not part of it. */
  readonly stop: readonly string[];
}

export interface ServerAnswers {
  /** By number of the prompt. */
  readonly answers: Map<number, string>;
  /** Why there is no answer: one sentence for people that names task and prompt. */
  readonly failed: Map<number, string>;
}

/** How messages name a question: `ruler/vt, prompt 12 (8,192 tokens)`. */
export function nameOf({ task, prompt, length }: Pick<ServerQuestion, "task" | "prompt" | "length">): string {
  return `${task}, prompt ${String(prompt)} (${length.toLocaleString("en-US")} tokens)`;
}

/** The prompt as a server gets it. */
export function promptText({ text, answerPrefix }: Pick<ServerQuestion, "text" | "answerPrefix">): string {
  return `${text}${answerPrefix ?? ""}`;
}

/** An answer up to the first of its stop strings: servers take at most four of them, or none. */
export function untilStop(answer: string, stop: readonly string[]): string {
  const ends = stop.filter((text) => text !== "").map((text) => answer.indexOf(text));
  return answer.slice(0, Math.min(answer.length, ...ends.filter((at) => at >= 0)));
}
