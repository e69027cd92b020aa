/** What the worker measured while training, scored: held-out perplexity inside and beyond the window, needles by cell. */
import type { EventPayload, Measurement } from "../protocol/events.js";
import { scoreAnswer } from "./metrics/needle.js";

export type ValidationPayload = Extract<EventPayload, { kind: "validation" }>;

/** What a validation prompt asks for. */
export interface AskedPrompt {
  readonly prompt: number;
  readonly length: number;
  readonly depth: number;
  readonly expected: string;
}

/** Mean negative log-likelihood in nats of the positions below `window` and of those from it on; null where none was measured. */
export function lossBeside(bins: Measurement["bins"], window: number): { inside: number | null; beyond: number | null } {
  const mean = (chosen: Measurement["bins"]): number | null => {
    const tokens = chosen.reduce((sum, bin) => sum + bin.tokens, 0);
    return tokens === 0 ? null : chosen.reduce((sum, bin) => sum + bin.sum, 0) / tokens;
  };
  return { inside: mean(bins.filter(({ end }) => end <= window)), beyond: mean(bins.filter(({ end }) => end > window)) };
}

/**
 * The event that the run's history gets. Prompts without an answer are left out of their cell.
 * @returns null where no held-out token was measured inside the window
 */
export function validationEvent(measurement: Measurement, asked: readonly AskedPrompt[], window: number): ValidationPayload | null {
  const { inside, beyond } = lossBeside(measurement.bins, window);
  if (inside === null) return null;
  return {
    kind: "validation",
    step: measurement.step,
    perplexity: { inside: Math.exp(inside), beyond: beyond === null ? null : Math.exp(beyond) },
    needles: needleCells(measurement.answers, asked),
    seconds: measurement.seconds,
  };
}

function needleCells(answers: Measurement["answers"], asked: readonly AskedPrompt[]): ValidationPayload["needles"] {
  const texts = new Map(answers.map(({ prompt, text }) => [prompt, text]));
  const cells = new Map<string, { length: number; depth: number; hits: number; trials: number }>();
  for (const { prompt, length, depth, expected } of asked) {
    const text = texts.get(prompt);
    if (text === undefined) continue;
    const key = `${length} ${depth}`;
    const cell = cells.get(key) ?? { length, depth, hits: 0, trials: 0 };
    cells.set(key, { ...cell, hits: cell.hits + scoreAnswer(text, expected), trials: cell.trials + 1 });
  }
  return [...cells.values()]
    .sort((a, b) => a.length - b.length || a.depth - b.depth)
    .map(({ length, depth, hits, trials }) => ({ length, depth, score: hits / trials }));
}
