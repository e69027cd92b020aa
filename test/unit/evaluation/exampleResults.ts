import type { ResultRow, Results } from "../../../src/protocol/results.js";

/** Needles and perplexities of four models; W = 256, T = 1024. */
export function exampleResults(): Results {
  const rows: ResultRow[] = [];
  const accuracy: Record<string, readonly [number, number, number]> = {
    base: [4, 1, 0],
    merged: [4, 4, 4],
    rope: [3, 2, 1],
    "<other> & co": [0, 0, 0],
  };
  for (const [model, hits] of Object.entries(accuracy)) {
    [256, 512, 1_024].forEach((length, place) => {
      for (let at = 0; at < 4; at++) {
        const score = at >= 4 - hits[place]! ? 1 : 0;
        rows.push({
          model,
          task: "needle",
          length,
          depth: at < 2 ? 0 : 1,
          trial: at % 2,
          promptHash: "h",
          answer: "1",
          expected: "1",
          score,
        });
      }
    });
    const bins = [
      [256, 0, 1, 100],
      [256, 1, 2, 300],
      [512, 0, 5, 10],
    ] as const;
    for (const [length, trial, score, tokens] of bins) {
      const better = model === "merged" ? 0.01 : 0;
      rows.push({
        model,
        task: "perplexity",
        length,
        depth: null,
        trial,
        promptHash: "d",
        answer: null,
        expected: null,
        score: score - better,
        tokens,
      });
    }
  }
  return { version: 1, run: "run <1> | x", window: 256, targetLength: 1_024, rows };
}
