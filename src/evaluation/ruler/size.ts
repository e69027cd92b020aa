/**
 * How large the haystack may be: the published search goes up in steps, drawing and counting a prompt at each, until one
 * is too long. Here the same prompts are drawn, but counted only around the place where the search ends; in between,
 * tokens are known well enough from the sizes. Result and random numbers used are the same.
 */
import type { Counting } from "./counting.js";
import type { Draft, Generator } from "./draft.js";
import type { Randomness } from "./pythonRandom.js";

/** A prompt whose tokens were counted. */
export interface Measure {
  readonly draft: Draft;
  /** UTF-16 units of what was counted. */
  readonly characters: number;
  readonly tokens: number;
}

export interface FoundSize {
  readonly size: number;
  readonly step: number;
  /** The random numbers where the search left them. */
  readonly random: Randomness;
  /** A counted prompt, to estimate others by. */
  readonly measure: Measure;
}

/** How far before the last prompt that fits the search may have ended by chance, and how many clear ones in a row say it has not. */
const lookBack = 12;
const clearInRow = 3;

/** Places that are counted to begin with: at short lengths the search ends among them, and a round of counting takes seconds. */
const firstPlaces = [0, 1, 2, 3, 5, 8, 13];

/** @returns undefined where not even the smallest prompt of this step fits */
export function* findSize(generator: Generator, start: Randomness, length: number, step: number): Counting<FoundSize | undefined> {
  const attempts = new Attempts(generator, start, step);
  const room = length - generator.overhead - (generator.searchesWithoutAnswer === true ? 0 : generator.answerTokens);
  const known = new Map<number, { tokens: number; characters: number }>();
  const ask = function* (places: readonly number[]): Counting<void> {
    const open = [...new Set(places)].filter((place) => !known.has(place));
    const texts = open.map((place) => attempts.text(place));
    const counts = yield texts;
    open.forEach((place, at) => known.set(place, { tokens: counts[at] ?? 0, characters: texts[at]?.length ?? 0 }));
  };
  if (room <= 0) return undefined;
  yield* ask(firstPlaces.filter((place) => place <= attempts.last));
  for (;;) {
    const stops = [...known].filter(([, { tokens }]) => tokens >= room).map(([place]) => place);
    const high = stops.length === 0 ? undefined : Math.min(...stops);
    if (high === 0) return generator.searchesWithoutAnswer === true ? result(generator, attempts, 0, 0, known, room, step) : undefined;
    const low = Math.max(...[...known.keys()].filter((place) => place < (high ?? Number.POSITIVE_INFINITY)));
    if (high === undefined && low === attempts.last) return result(generator, attempts, low, undefined, known, room, step);
    if (high === low + 1) {
      const doubtful = doubtfulBefore(low, attempts, known, room);
      if (doubtful.length === 0) return result(generator, attempts, low, high, known, room, step);
      yield* ask(doubtful);
    } else {
      const guess = predicted(low, high, known, room, attempts.last);
      yield* ask([guess - 1, guess, guess + 1].filter((place) => place > low && place < (high ?? attempts.last + 1)));
    }
  }
}

type Known = ReadonlyMap<number, { tokens: number; characters: number }>;

/** Where a straight line through the two nearest known places reaches the room; strictly between low and high. */
function predicted(low: number, high: number | undefined, known: Known, room: number, last: number): number {
  const tokens = (place: number): number => known.get(place)?.tokens ?? 0;
  const other = high ?? Math.max(...[...known.keys()].filter((place) => place < low), 0);
  const slope = low === other ? tokens(low) : (tokens(low) - tokens(other)) / (low - other);
  const guess = slope > 0 ? low + Math.ceil((room - tokens(low)) / slope) : 2 * low + 1;
  return Math.min(Math.max(guess, low + 1), high === undefined ? last : high - 1);
}

/** Places shortly before `low` whose prompts, by the length of their text, may be too long. */
function doubtfulBefore(low: number, attempts: Attempts, known: Known, room: number): number[] {
  const near = known.get(low);
  const doubtful: number[] = [];
  let clear = 0;
  for (let place = low - 1; place >= Math.max(0, low - lookBack) && clear < clearInRow && near !== undefined; place--) {
    clear++;
    if (known.has(place)) continue;
    const estimate = (attempts.text(place).length * near.tokens) / near.characters;
    const distance = Math.abs(near.tokens - estimate);
    // Texts of one kind differ in tokens a character by little, and by less the longer they are.
    if (estimate + Math.max(distance / 10, 3 * Math.sqrt(near.tokens)) < room) continue;
    doubtful.push(place);
    clear = 0;
  }
  return doubtful;
}

function result(
  generator: Generator,
  attempts: Attempts,
  low: number,
  high: number | undefined,
  known: Known,
  room: number,
  step: number,
): FoundSize {
  const measure = { draft: attempts.draft(low), ...(known.get(low) ?? { tokens: 1, characters: 1 }) };
  if (high === undefined) return { size: generator.most ?? attempts.size(low), step, random: attempts.after(low), measure };
  // As published: a prompt that fills the length exactly ends the search a step further up.
  const exact = known.get(high)?.tokens === room && generator.searchesWithoutAnswer !== true;
  const size = attempts.size(high) + (exact ? step : -step);
  return { size: Math.min(size, generator.most ?? size), step, random: attempts.after(high), measure };
}

/** The prompts of the search, in their order; each is drawn from the random numbers that the one before it left. */
class Attempts {
  /** Before each attempt. */
  private readonly states: Randomness[];
  /** The last place there is. */
  readonly last: number;

  constructor(
    private readonly generator: Generator,
    start: Randomness,
    private readonly step: number,
  ) {
    this.states = [start];
    const { most } = generator;
    this.last = most === undefined ? 10_000_000 : Math.max(0, Math.floor((most - generator.first(step)) / step));
  }

  size(place: number): number {
    return this.generator.first(this.step) + place * this.step;
  }

  draft(place: number): Draft {
    return this.generator.draw(this.before(place).clone(), this.size(place), 0);
  }

  text(place: number): string {
    const draft = this.draft(place);
    return draft.text + draft.answerPrefix + this.generator.tail(draft);
  }

  after(place: number): Randomness {
    const random = this.before(place).clone();
    if (this.generator.skip === undefined) this.generator.draw(random, this.size(place), 0);
    else this.generator.skip(random, this.size(place));
    return random;
  }

  private before(place: number): Randomness {
    // Where prompts are drawn again from the same numbers, the search draws but once.
    const state = this.states[this.generator.redrawsSame === true ? 0 : place];
    if (state !== undefined) return state;
    for (let next = this.states.length; next <= place; next++) this.states.push(this.after(next - 1));
    return this.before(place);
  }
}
