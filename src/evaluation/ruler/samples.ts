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
  /** Tokens by text: a prompt may come out again after one before it was judged wrongly. */
  const known = new Map<string, number>();
  const fit = ({ asked, searched }: Attempt): boolean | undefined => {
    const [tokens, counted] = [known.get(asked), known.get(searched)];
    return tokens === undefined || counted === undefined ? undefined : Math.max(tokens, counted + generator.overhead) <= room;
  };
  for (;;) {
    while (attempts.filter(({ fits }) => fits).length < count) {
      const next = following(generator, attempts.at(-1), found);
      if (next === undefined) break;
      next.fits = fit(next) ?? estimate(next, measure, partTokens) + generator.overhead <= room;
      attempts.push(next);
    }
    const texts = attempts.flatMap(({ asked, searched }) => [asked, searched]).filter((text) => !known.has(text));
    if (texts.length === 0) break;
    const different = [...new Set(texts)];
    const counts = yield different;
    different.forEach((text, at) => known.set(text, counts[at] ?? 0));
    const wrong = attempts.find((attempt) => fit(attempt) !== attempt.fits);
    if (wrong !== undefined) {
      wrong.fits = !wrong.fits;
      attempts.length = attempts.indexOf(wrong) + 1;
    }
    const near = attempts.findLast(({ fits }) => fits);
    if (near !== undefined) measure = { draft: near.draft, characters: near.searched.length, tokens: known.get(near.searched) ?? 0 };
  }
  const samples = attempts
    .filter(({ fits }) => fits)
    .map(({ draft: { text, answerPrefix, references }, asked }) => ({ text, answerPrefix, references, tokens: known.get(asked) ?? 0 }));
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
