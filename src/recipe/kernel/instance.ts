/** Instances of the kernel: native-bin/kernel, compiled to WebAssembly. Each has a memory of its own. */
import { wasm } from "./wasm.js";

/** Something laid out in the memory. */
export interface Column {
  /** Byte offset in the memory. */
  readonly value: number;
}

/** What native-bin/kernel/index.ts exports. */
export interface Kernel {
  readonly memory: WebAssembly.Memory;

  layOutDraws(count: number, range: number): void;
  readonly drawn: Column;
  setState(s01: number, s00: number, s11: number, s10: number): void;
  stateHalf(index: number): number;
  units(count: number): void;
  subset(count: number, range: number): void;

  layOutSamples(tokens: number, room: number): void;
  readonly windowIds: Column;
  readonly starts: Column;
  readonly firsts: Column;
  readonly parts: Column;
  readonly lengths: Column;
  readonly impactful: Column;
  readonly keys: Column;
  readonly ties: Column;
  readonly kept: Column;
  readonly sentences: Column;
  readonly runParts: Column;
  readonly runFirsts: Column;
  readonly runEnds: Column;
  readonly segments: Column;
  readonly skips: Column;
  readonly small: Column;
  readonly ids: Column;
  readonly positions: Column;
  measure(from: number, count: number, part: number, shift: number, longest: number): number;
  densities(count: number): void;
  takeRanked(count: number, budget: number): number;
  gather(count: number, at: number): number;
  runs(): number;
  place(length: number, count: number, at: number): void;
}

let compiled: WebAssembly.Module | null = null;

/** A kernel whose memory is not laid out yet. */
export function instantiate(): Kernel {
  compiled ??= new WebAssembly.Module(Buffer.from(wasm, "base64"));
  return new WebAssembly.Instance(compiled).exports as Kernel;
}
