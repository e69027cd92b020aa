/** From validation events to what is drawn: groups by stage, each step once, and grids of needles. */
import type { RunSnapshot } from "../../src/protocol/runSnapshot.js";
import type { NeedleCell, NeedleGrid } from "./needleData.js";

export type Validation = RunSnapshot["validations"][number];

/** By training stage, steps ascending; where a resumed run measured a step again, the last time counts. */
export function validationsByStage(validations: readonly Validation[]): ReadonlyMap<string, readonly Validation[]> {
  const stages = new Map<string, Map<number, Validation>>();
  for (const validation of validations) {
    const stage = validation.stage ?? "";
    const steps = stages.get(stage) ?? new Map<number, Validation>();
    stages.set(stage, steps.set(validation.step, validation));
  }
  return new Map([...stages].map(([stage, steps]) => [stage, [...steps.values()].sort((a, b) => a.step - b.step)]));
}

/** The needle grid of one validation; cells know their mean, not the answers. */
export function validationGrid({ needles }: Pick<Validation, "needles">): NeedleGrid {
  const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  const lengths = ascending(needles.map(({ length }) => length));
  const depths = ascending(needles.map(({ depth }) => depth));
  const cell = (depth: number, length: number): NeedleCell | null => {
    const found = needles.find((needle) => needle.depth === depth && needle.length === length);
    return found === undefined ? null : { length, depth, mean: found.score, trials: [] };
  };
  return { model: "extended", lengths, depths, cells: depths.map((depth) => lengths.map((length) => cell(depth, length))) };
}
