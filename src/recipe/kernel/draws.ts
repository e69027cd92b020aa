/** Draws by the thousand, for `Random`: the generator's state in WebAssembly's 64-bit numbers is several times as fast. */
import { instantiate, type Kernel } from "./instance.js";

/** State of xoroshiro128+ as pure-rand has it: [s01, s00, s11, s10]. */
export type State = readonly number[];

class Draws {
  private readonly kernel: Kernel;
  private readonly units: Float64Array;
  private readonly subset: Int32Array;

  constructor(
    readonly count: number,
    readonly range: number,
  ) {
    this.kernel = instantiate();
    this.kernel.layOutDraws(count, range);
    const { memory, drawn } = this.kernel;
    this.units = new Float64Array(memory.buffer, drawn.value, count);
    this.subset = new Int32Array(memory.buffer, drawn.value, count);
  }

  fillUnits(state: State, target: Float64Array): State {
    this.setState(state);
    this.kernel.units(target.length);
    target.set(this.units.subarray(0, target.length));
    return this.state();
  }

  fillSubset(state: State, range: number, target: Int32Array): State {
    this.setState(state);
    this.kernel.subset(target.length, range);
    target.set(this.subset.subarray(0, target.length));
    return this.state();
  }

  private setState([s01 = 0, s00 = 0, s11 = 0, s10 = 0]: State): void {
    this.kernel.setState(s01, s00, s11, s10);
  }

  private state(): State {
    return [0, 1, 2, 3].map((half) => this.kernel.stateHalf(half));
  }
}

/** Most values that a subset is drawn from. */
export const mostValues = 2 ** 30;

let shared: Draws | null = null;

/** Room for a draw; the instance before goes where it does not do. */
function roomFor(count: number, range: number): Draws {
  if (shared === null || shared.count < count || shared.range < range) {
    const larger = (one: number, other = 0): number => Math.max(other, 2 ** Math.ceil(Math.log2(Math.max(1, one))));
    shared = new Draws(larger(count, shared?.count), larger(range, shared?.range));
  }
  return shared;
}

/** Fills `target` with uniform numbers in [0, 1). @returns the state after it */
export function fillUnits(state: State, target: Float64Array): State {
  return roomFor(target.length, 0).fillUnits(state, target);
}

/** Fills `target` with an ascending, uniformly random subset of {0, ..., range - 1}. @returns the state after it */
export function fillSubset(state: State, range: number, target: Int32Array): State {
  return roomFor(target.length, range).fillSubset(state, range, target);
}
