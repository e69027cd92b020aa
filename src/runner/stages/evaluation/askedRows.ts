/** Rows of answered prompts, and what is missing. */
import { scoreOf } from "../../../evaluation/metrics.js";
import type { Missing, ResultRow } from "../../../protocol/results.js";
import { expectedText, type Prompt } from "./prompts.js";

/** What one model answered to the prompts that it was asked, and why it did not answer others. */
export interface ModelAnswers {
  readonly name: string;
  /** By prompt. */
  readonly answers: Map<number, string>;
  /** By prompt: why there is no answer. */
  readonly failed: Map<number, string>;
  /** Tokens of the prompts in the model's own tokenizer, where it is another. */
  readonly promptTokens: ReadonlyMap<number, number>;
}

/** 0 to 1. */
export function scoreAnswered({ question }: Prompt, answer: string): number {
  return scoreOf(question.metric, answer, question.references, question.choices);
}

/** The row of an answered prompt. */
export function answeredRow(model: ModelAnswers, prompt: Prompt, answer: string): ResultRow {
  const { question, hash, ids } = prompt;
  const { task, length, depth, trial, metric } = question;
  const promptTokens = model.promptTokens.get(prompt.prompt) ?? ids.length;
  return {
    model: model.name,
    task,
    length,
    depth,
    trial,
    promptHash: hash,
    answer,
    expected: expectedText(question),
    score: scoreAnswered(prompt, answer),
    // Exact needles have had no mention since before there were other metrics.
    ...(metric === "needle-exact" ? {} : { metric }),
    ...(promptTokens === length ? {} : { promptTokens }),
  };
}

/** How messages name a prompt. */
export function promptName({ question: { task, length, depth, trial }, prompt, hash }: Prompt): string {
  const place = depth === null ? "" : `, depth ${depth}`;
  return `prompt ${prompt} (${task}, ${length} tokens${place}, trial ${trial + 1}, ${hash})`;
}

/** What a model did not answer of what it was to: one entry for each task, length and reason. */
export function missingAnswers(model: ModelAnswers, asked: readonly Prompt[]): Missing[] {
  const found = new Map<string, Missing>();
  for (const prompt of asked) {
    const reason = model.failed.get(prompt.prompt);
    if (reason === undefined) continue;
    const { task, length } = prompt.question;
    // Reasons name the first prompt concerned: what stays the same is what comes before it.
    const key = `${task} ${length} ${reason.replaceAll(/prompt \d+ \(.*?\)|\d+/gu, "")}`;
    const entry = found.get(key);
    found.set(key, entry === undefined ? { model: model.name, task, length, count: 1, reason } : { ...entry, count: entry.count + 1 });
  }
  return [...found.values()];
}
