/**
 * The prompts of a task: drawn one after the other at the size found. One that is too long is drawn anew a step smaller,
 * as published, so whether it is decides on all random numbers after it. Prompts are drawn ahead on an estimate, counted
 * together, and drawn again from the first that was judged wrongly.
 */
import type { Counting } from "./counting.js";
import type { Draft, Generator } from "./draft.js";
import type { Randomness } from "./pythonRandom.js";
import type { FoundSize, Measure } from "./size.js";

/** A prompt with its true length. */
export interface Sample extends Draft {
  /** Tokens of text and answer prefix. */
  readonly tokens: number;
}

interface Attempt {
  readonly trial: number;
  readonly size: number;
  readonly before: Randomness;
  /** After the prompt was drawn, and after it was finished: only an accepted prompt is. */
  readonly drawn: Randomness;
  readonly finished: Randomness;
  /** As the published search counts it. */
  readonly searched: string;
  readonly draft: Draft;
  /** As it is asked. */
  readonly asked: string;
  /** Whether it fits: what is counted, or an estimate. */
  fits: boolean;
  /** Tokens of `asked`, once counted. */
  tokens?: number;
}

export interface SampleOptions {
  /** The length that prompt, answer and `reserved` must not exceed. */
  readonly length: number;
  readonly reserved: number;
  readonly count: number;
}

export interface DrawnSamples {
  readonly samples: readonly Sample[];
  /** The random numbers after them. */
  readonly random: Randomness;
}

/** @returns fewer than asked for where the others cannot be made short enough */
export function* drawSamples(generator: Generator, found: FoundSize, { length, reserved, count }: SampleOptions): Counting<DrawnSamples> {
  const room = length - reserved - generator.answerTokens;
  const attempts: Attempt[] = [];
  const parts = [...new Set(generator.parts)];
  const partTokens = parts.length === 0 ? undefined : new Map((yield parts).map((tokens, at) => [parts[at] ?? "", tokens]));
  let { measure } = found;
  for (;;) {
    while (attempts.filter(({ fits }) => fits).length < count) {
      const next = following(generator, attempts.at(-1), found);
      if (next === undefined) break;
      next.fits = estimate(next, measure, partTokens) + generator.overhead <= room;
      attempts.push(next);
    }
    const open = attempts.filter((attempt) => attempt.tokens === undefined);
    const texts = open.flatMap(({ searched, asked }) => (searched === asked ? [asked] : [asked, searched]));
    if (texts.length === 0) break;
    const counts = yield texts;
    let at = 0;
    let wrong: Attempt | undefined;
    for (const attempt of open) {
      attempt.tokens = counts[at++] ?? 0;
      const searched = attempt.searched === attempt.asked ? attempt.tokens : (counts[at++] ?? 0) + generator.overhead;
      const fits = Math.max(attempt.tokens, searched) <= room;
      if (fits) measure = { draft: attempt.draft, characters: attempt.searched.length, tokens: searched - generator.overhead };
      if (fits === attempt.fits) continue;
      attempt.fits = fits;
      wrong = attempt;
      break;
    }
    if (wrong !== undefined) attempts.length = attempts.indexOf(wrong) + 1;
  }
  const samples = attempts.flatMap(({ fits, draft, tokens: own }) =>
    fits && own !== undefined ? [{ text: draft.text, answerPrefix: draft.answerPrefix, references: draft.references, tokens: own }] : [],
  );
  return { samples, random: attempts.at(-1)?.finished ?? found.random };
}

/** Tokens of a prompt by another one: its parts where they were counted, else its length. */
function estimate({ searched, draft }: Attempt, measure: Measure, partTokens: ReadonlyMap<string, number> | undefined): number {
  if (partTokens === undefined) return (searched.length * measure.tokens) / measure.characters;
  const weight = ({ parts = [] }: Draft): number => parts.reduce((sum, [part, times]) => sum + times * (partTokens.get(part) ?? 0), 0);
  const { draft: other, characters, tokens } = measure;
  // The search counts the answer along with the prompt.
  return (tokens * (other.text.length + other.answerPrefix.length)) / characters + weight(draft) - weight(other);
}

/** The attempt after another one. @returns undefined where there is none */
function following(generator: Generator, last: Attempt | undefined, found: FoundSize): Attempt | undefined {
  if (last === undefined) return attempt(generator, 0, Math.max(found.size, generator.least), found.random);
  if (last.fits) {
    const trial = last.trial + 1;
    return trial < (generator.trials ?? Number.POSITIVE_INFINITY)
      ? attempt(generator, trial, Math.max(found.size, generator.least), last.finished)
      : undefined;
  }
  const size = smaller(last.size, found.step, generator.least);
  if (size !== undefined) return attempt(generator, last.trial, size, generator.redrawsSame === true ? last.before : last.drawn);
  // A question whose own documents are too long is passed over; of anything else no other prompt would fit either.
  if (generator.trials === undefined || last.trial + 1 >= generator.trials) return undefined;
  return attempt(generator, last.trial + 1, Math.max(found.size, generator.least), last.drawn);
}

/** By a step, as published; below a step by halves, where the published program would go on for ever. */
function smaller(size: number, step: number, least: number): number | undefined {
  const next = size > step ? size - step : Math.floor(size / 2);
  if (next >= least) return next;
  return size > least ? least : undefined;
}

function attempt(generator: Generator, trial: number, size: number, before: Randomness): Attempt {
  const drawn = before.clone();
  const draft = generator.draw(drawn, size, trial);
  const searched = draft.text + draft.answerPrefix;
  if (generator.finish === undefined) return { trial, size, before, drawn, finished: drawn, searched, draft, asked: searched, fits: true };
  const finished = drawn.clone();
  const whole = generator.finish(finished, draft);
  return { trial, size, before, drawn, finished, searched, draft: whole, asked: whole.text + whole.answerPrefix, fits: true };
}
