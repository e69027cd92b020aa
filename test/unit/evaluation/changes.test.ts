import { describe, expect, it } from "vitest";
import { abilityChanges } from "../../../src/evaluation/changes.js";
import type { AbilityRow, ResultRow, Results } from "../../../src/protocol/results.js";

function prompts(model: string, task: string, scores: readonly number[], over: Partial<ResultRow> = {}): ResultRow[] {
  return scores.map((score, trial) => ({
    ...{ model, task, length: 512, depth: null, trial, promptHash: `p${String(trial)}`, answer: "", expected: "", score },
    ...over,
  }));
}

function documents(model: string, task: string, scores: readonly number[], group?: string): AbilityRow[] {
  return scores.map((score, document) => ({ model, task, metric: "acc", document, score, ...(group === undefined ? {} : { group }) }));
}

function changes(rows: readonly ResultRow[], abilities: readonly AbilityRow[] = []) {
  const results: Results = { version: 1, run: "r", window: 512, targetLength: 2048, rows: [...rows], abilities: [...abilities] };
  return abilityChanges(results);
}

const cycle = (values: readonly number[], count: number): number[] =>
  Array.from({ length: count }, (_, at) => values[at % values.length] ?? 0);

describe("changes against the base", () => {
  it("pair all prompts of a benchmark, with scores between right and wrong", () => {
    const better = cycle([0.5, 0.75, 1], 30);
    const worse = better.map((score) => score - 0.25);
    const found = changes([
      ...["ruler/vt", "ruler/cwe"].flatMap((task) => [...prompts("base", task, better), ...prompts("merged", task, worse)]),
      ...prompts("base", "ruler/vt", [1], { length: 2048 }),
      ...prompts("merged", "ruler/vt", [0], { length: 2048 }),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ability: "ruler", pairs: 60, verdict: "worse", holds: true });
    expect(found[0]?.change.value).toBeCloseTo(-0.25, 12);
  });

  it("count a prompt by its true length where its group says another", () => {
    const beyond = { promptTokens: 900 };
    expect(changes([...prompts("base", "longbench/trec", [1, 1], beyond), ...prompts("merged", "longbench/trec", [0, 0], beyond)])).toEqual(
      [],
    );
  });

  it("pair general ability by task and document, a group as a whole", () => {
    const base = cycle([1, 1, 1, 0], 40);
    const own = cycle([0, 1, 1, 0], 40);
    const [change, ...others] = changes(
      [],
      [
        ...documents("base", "mmlu_law", base, "mmlu"),
        ...documents("base", "mmlu_art", base, "mmlu"),
        ...documents("merged", "mmlu_art", own, "mmlu"),
        ...documents("merged", "mmlu_law", own, "mmlu"),
        ...documents("merged", "gsm8k", own),
      ],
    );
    expect(others).toEqual([]);
    expect(change).toMatchObject({ ability: "mmlu (acc)", pairs: 80, verdict: "worse", holds: true });
    expect(change?.change.value).toBe(-0.25);
  });

  it("that are sure by themselves need not hold among many", () => {
    // 6 of 6 changed prompts lost: p = 0.031, sure alone.
    const base = cycle([1], 20);
    const own = base.map((score, at) => (at < 6 ? 0 : score));
    const alone = changes([...prompts("base", "needle", base), ...prompts("merged", "needle", own)]);
    expect(alone[0]).toMatchObject({ verdict: "worse", holds: true });
    const same = ["a", "b", "c"].flatMap((task) => [...prompts("base", task, base), ...prompts("merged", task, base)]);
    const many = changes([...prompts("base", "needle", base), ...prompts("merged", "needle", own), ...same]);
    expect(many.map(({ ability, verdict, holds }) => [ability, verdict, holds])).toEqual([
      ["needle", "worse", false],
      ["a", "same", false],
      ["b", "same", false],
      ["c", "same", false],
    ]);
  });
});
