/**
 * Position index transformation: which position index each token of a sample gets, so that a sample of L tokens
 * trains relative distances up to T - 1 (design: "The method, exactly", 3; arXiv 2409.00509, section 3.2).
 *
 * Every strategy gives positions that begin at 0, rise strictly and stay below T.
 */
import { bisectLeft } from "d3-array";
import type { Recipe } from "../protocol/recipe.js";
import { freshArrays, type Allocator } from "./kernel/arena.js";
import type { Random } from "./random.js";

export type PositionStrategy = Recipe["positions"]["strategy"];

export type SkipChoice = Recipe["positions"]["skips"];

export interface PositionOptions {
  readonly strategy: PositionStrategy;
  /** T: positions stay below it. */
  readonly targetLength: number;
  /** Largest number of whole sentences in a segment. */
  readonly segmentSentences: number;
  /** How the skips of `longrecipe` and `pose` are drawn. */
  readonly skips: SkipChoice;
}

export interface Positions {
  /** Position index of each token. */
  readonly positions: Int32Array;
  /** First token of each segment, ascending from 0; inside a segment positions are consecutive. */
  readonly segments: Int32Array;
}

/** Positions before they are written out. */
export interface Placement {
  /** First token of each segment, ascending from 0. */
  readonly segments: Int32Array;
  /** Position indices skipped before each segment in all, from 0 on. */
  readonly skips: Int32Array;
}

/**
 * Draws where the segments of one sample are placed.
 * @param length tokens in the sample, at least 1 and at most T
 * @param sentences first token of each sentence of the sample, ascending from 0
 * @param memory where the arrays come from
 * @throws RangeError when the sample is empty or longer than T
 */
export function drawPlacement(
  length: number,
  sentences: Int32Array,
  options: PositionOptions,
  random: Random,
  memory: Allocator = freshArrays,
): Placement {
  const { targetLength } = options;
  if (length < 1 || length > targetLength) throw new RangeError(`${length} tokens do not fit into ${targetLength} positions`);
  switch (options.strategy) {
    case "full":
      return { segments: Int32Array.of(0), skips: Int32Array.of(0) };
    case "randomized":
      return randomized(length, targetLength, random, memory);
    case "pose": {
      // Positional skip-wise training (arXiv 2309.10400) with two chunks.
      const segments = length === 1 ? Int32Array.of(0) : Int32Array.of(0, random.integer(1, length - 1));
      return skipped(length, segments, options, random, memory);
    }
    case "longrecipe":
      return skipped(length, cutSegments(length, sentences, options.segmentSentences, random, memory), options, random, memory);
  }
}

/** As `drawPlacement`, with the positions written out. */
export function drawPositions(length: number, sentences: Int32Array, options: PositionOptions, random: Random): Positions {
  const { segments, skips } = drawPlacement(length, sentences, options, random);
  const positions = new Int32Array(length);
  for (let segment = 0; segment < segments.length; segment++) {
    const end = segments[segment + 1] ?? length;
    const skip = skips[segment] ?? 0;
    for (let token = segments[segment] ?? 0; token < end; token++) positions[token] = token + skip;
  }
  return { positions, segments };
}

/**
 * Cuts a sample into segments of 1 to `most` whole sentences. The first takes every sentence that begins before token
 * r, r uniform in [1, (length + 1) / 2], so that a first part of random length keeps plain positions.
 */
function cutSegments(length: number, sentences: Int32Array, most: number, random: Random, memory: Allocator): Int32Array {
  const plain = random.integer(1, Math.max(1, Math.floor((length + 1) / 2)));
  let next = bisectLeft(sentences, plain);
  const starts = memory.take(sentences.length - next + 1);
  starts[0] = 0;
  if (most === 1) {
    starts.set(sentences.subarray(next), 1);
    return starts;
  }
  let count = 1;
  while (next < sentences.length) {
    starts[count++] = sentences[next] ?? 0;
    next += random.integer(1, most);
  }
  return starts.subarray(0, count);
}

function skipped(
  length: number,
  segments: Int32Array,
  { targetLength, skips: choice }: PositionOptions,
  random: Random,
  memory: Allocator,
): Placement {
  return { segments, skips: skipDraws[choice](segments.length - 1, targetLength - length, random, memory) };
}

/**
 * Total number of indices skipped before each segment: 0 for the first, then ascending up to `budget`.
 *
 * A placement is a way to write skips of 0 or more with a sum of at most `budget`. These ways are, one to one, the
 * subsets of `gaps` elements of {0, ..., budget + gaps - 1} (the i-th smallest less i): a uniform subset, that is the
 * order statistics of a draw without replacement, makes every placement equally likely.
 */
export function drawSkips(gaps: number, budget: number, random: Random, memory: Allocator = freshArrays): Int32Array {
  const totals = memory.take(gaps + 1);
  const subset = random.subset(gaps, budget + gaps, memory);
  totals[0] = 0;
  for (let gap = 0; gap < gaps; gap++) totals[gap + 1] = (subset[gap] ?? 0) - gap;
  return totals;
}

/**
 * As `drawSkips`, but each skip is uniform in what the ones before it left of the budget: the first skips take most of
 * it, and the sample's end lies near T. For studies of how much the distribution matters.
 */
export function drawSequentialSkips(gaps: number, budget: number, random: Random): Int32Array {
  const totals = new Int32Array(gaps + 1);
  for (let gap = 1; gap <= gaps; gap++) {
    const before = totals[gap - 1] ?? 0;
    totals[gap] = before + random.integer(0, budget - before);
  }
  return totals;
}

/** As `drawSkips`, but nothing is drawn: the whole budget in parts that differ by one at most. For studies. */
export function evenSkips(gaps: number, budget: number): Int32Array {
  return Int32Array.from({ length: gaps + 1 }, (_, gap) => (gaps === 0 ? 0 : Math.floor((gap * budget) / gaps)));
}

type DrawSkips = (gaps: number, budget: number, random: Random, memory: Allocator) => Int32Array;

const skipDraws: Readonly<Record<SkipChoice, DrawSkips>> = {
  uniform: drawSkips,
  sequential: drawSequentialSkips,
  even: evenSkips,
};

/** Randomized positional encodings (arXiv 2305.16843): a sorted random subset, of which the first is 0. */
function randomized(length: number, targetLength: number, random: Random, memory: Allocator): Placement {
  const skips = memory.take(length);
  const rest = random.subset(length - 1, targetLength - 1, memory);
  skips[0] = 0;
  for (let token = 1; token < length; token++) skips[token] = (rest[token - 1] ?? 0) + 1 - token;
  const segments = memory.take(length);
  for (let token = 0; token < length; token++) segments[token] = token;
  return { segments, skips };
}
