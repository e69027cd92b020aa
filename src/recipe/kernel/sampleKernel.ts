/**
 * The loops over tokens and sentences that samples are made with, compiled to WebAssembly (native-bin/kernel), and the
 * memory that they share with the rest: used again for every sample, because fresh arrays cost more in page faults than
 * filling them does.
 */
import type { Placement } from "../positions.js";
import type { Origins } from "../runs.js";
import { Arena } from "./arena.js";
import { instantiate, type Column, type Kernel } from "./instance.js";

export class SampleKernel {
  /** One that nobody uses any more: laying out memory costs page faults and a garbage collection. */
  private static spare: SampleKernel | null = null;

  private readonly wasm: Kernel;
  /** For arrays of finished samples that have an element a sentence: valid until `reset()`. */
  readonly small: Arena;
  /** Token ids of the stretch that a sample is made from. */
  readonly window: Int32Array;
  // By sentence of the stretch.
  /** First token in the window. */
  readonly starts: Int32Array;
  /** First token in the document. */
  readonly firsts: Int32Array;
  /** Number of the part of the stretch. */
  readonly parts: Int32Array;
  readonly lengths: Int32Array;
  readonly impactful: Int32Array;
  /** What ranks it, any number but NaN, high first; -Infinity: behind all others, by their ties. */
  readonly keys: Float64Array;
  /** In [0, 1): what ranks sentences of equal keys, high first; after it, the lower number goes first. */
  readonly ties: Float64Array;
  /** Numbers of the sentences that a sample keeps, ascending. */
  readonly kept: Int32Array;
  /** Samples that were finished since `reset()`, and behind them the one in the making. */
  readonly ids: Int32Array;
  private readonly positions: Int32Array;
  private readonly sentences: Int32Array;
  private readonly runs: { readonly parts: Int32Array; readonly firsts: Int32Array; readonly ends: Int32Array };
  private readonly segments: Int32Array;
  private readonly skips: Int32Array;
  private filled = 0;

  /**
   * @param capacity most tokens in a stretch or a sample
   * @param room tokens of finished samples that stay where they are until `reset()`
   */
  static take(capacity: number, room: number): SampleKernel {
    const { spare } = SampleKernel;
    SampleKernel.spare = null;
    return spare?.capacity === capacity && spare.room === room ? spare : new SampleKernel(capacity, room);
  }

  private constructor(
    private readonly capacity: number,
    private readonly room: number,
  ) {
    const wasm = instantiate();
    wasm.layOutSamples(capacity, room);
    this.wasm = wasm;
    // Laid out for good: the memory never grows from here on, so these views stay valid.
    const { buffer } = wasm.memory;
    const ints = ({ value }: Column, count = capacity): Int32Array => new Int32Array(buffer, value, count);
    this.window = ints(wasm.windowIds);
    this.starts = ints(wasm.starts);
    this.firsts = ints(wasm.firsts, capacity + 1);
    this.parts = ints(wasm.parts);
    this.lengths = ints(wasm.lengths);
    this.impactful = ints(wasm.impactful);
    this.keys = new Float64Array(buffer, wasm.keys.value, capacity);
    this.ties = new Float64Array(buffer, wasm.ties.value, capacity);
    this.kept = ints(wasm.kept);
    this.small = new Arena(ints(wasm.small, room));
    this.ids = ints(wasm.ids, room + capacity);
    this.positions = ints(wasm.positions, room + capacity);
    this.sentences = ints(wasm.sentences);
    this.runs = { parts: ints(wasm.runParts), firsts: ints(wasm.runFirsts), ends: ints(wasm.runEnds) };
    this.segments = ints(wasm.segments);
    this.skips = ints(wasm.skips);
  }

  /** Where the sample in the making begins in `ids`. */
  get begin(): number {
    return this.filled;
  }

  /**
   * Fills `starts`, `parts` and `lengths` of the sentences [from, from + count) of one part from `firsts`, which holds the
   * end of the last one behind them.
   * @param shift from a token's place in the document to its place in the window
   * @returns whether every one has 1 to `longest` tokens
   */
  measure(from: number, count: number, part: number, shift: number, longest: number): boolean {
    return this.wasm.measure(from, count, part, shift, longest) !== 0;
  }

  /** Fills `keys` with the share of impactful tokens; -Infinity for a sentence without any. */
  densities(count: number): void {
    this.wasm.densities(count);
  }

  /**
   * Takes of `count` sentences each that still fits into `budget` tokens, in the order of `keys` and `ties`: their numbers
   * are in `kept`.
   * @returns how many
   */
  takeRanked(count: number, budget: number): number {
    return this.wasm.takeRanked(count, budget);
  }

  /** Puts the ids of the first `count` kept sentences behind one another: the text of the sample in the making. */
  gather(count: number): { readonly length: number; readonly sentences: Int32Array } {
    const length = this.wasm.gather(count, this.filled);
    return { length, sentences: this.copy(this.sentences, count) };
  }

  /** Where the tokens of the last `gather` come from. @param documentOf number of a part's document in the tables */
  origins(documentOf: (part: number) => number): Origins {
    const count = this.wasm.runs();
    const document = this.copy(this.runs.parts, count);
    for (let run = 0; run < count; run++) document[run] = documentOf(document[run] ?? 0);
    return { document, first: this.copy(this.runs.firsts, count), end: this.copy(this.runs.ends, count) };
  }

  private copy(column: Int32Array, count: number): Int32Array {
    const array = this.small.take(count);
    array.set(column.subarray(0, count));
    return array;
  }

  /**
   * Gives the sample in the making its positions and ends it.
   * @returns its arrays, valid until `reset()`
   */
  finish(length: number, { segments, skips }: Placement): { readonly ids: Int32Array; readonly positions: Int32Array } {
    const begin = this.filled;
    const end = begin + length;
    this.segments.set(segments);
    this.skips.set(skips);
    this.wasm.place(length, segments.length, begin);
    if (end > this.room) return { ids: this.ids.slice(begin, end), positions: this.positions.slice(begin, end) };
    this.filled = end;
    return { ids: this.ids.subarray(begin, end), positions: this.positions.subarray(begin, end) };
  }

  /** Ends the use of this kernel and of every array that it has handed out. */
  release(): void {
    this.reset();
    SampleKernel.spare = this;
  }

  /** The arrays of all finished samples may be overwritten from now on. */
  reset(): void {
    this.filled = 0;
    this.small.reset();
  }
}
