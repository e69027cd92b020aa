/** Evaluation results as a run of the embedded model leaves them: four models, one retrieval task, perplexity. */
import type { ResultRow, Results } from "../../src/protocol/results.js";
import { noise } from "./curves.js";

const window = 256;
const target = 2048;
const lengths = [128, 256, 384, 512, 768, 1024, 1536, 2048];
const depths = [0, 0.25, 0.5, 0.75, 1];
const trials = 8;
/** Share found inside the window, and how many times the window a model holds out. */
const skill: Readonly<Record<string, readonly [number, number]>> = {
  base: [0.98, 1],
  rope: [0.9, 1.7],
  extended: [0.97, 8.2],
  merged: [0.99, 8.2],
};

/** Results of the completed scene; one answer holds markup, which must show as text. */
export function resultsOf(): Results {
  const rows: ResultRow[] = [];
  for (const [index, [model, [inside, reach]]] of Object.entries(skill).entries()) {
    for (const length of lengths) {
      for (const depth of depths)
        for (let trial = 0; trial < trials; trial++) rows.push(needle(model, index, length, depth, trial, inside, reach));
      const beyond = length > window * reach ? Math.log2(length / (window * reach)) : 0;
      const score = 2.31 - 0.05 * Math.log2(length / 128) + 0.9 * beyond + (model === "merged" ? -0.01 : index * 0.01);
      rows.push({
        model,
        task: "perplexity",
        length,
        depth: null,
        trial: 0,
        promptHash: "p",
        answer: null,
        expected: null,
        score,
        tokens: 4096,
      });
    }
  }
  return { version: 1, run: "extend-tiny-2k", window, targetLength: target, rows };
}

function needle(model: string, index: number, length: number, depth: number, trial: number, inside: number, reach: number): ResultRow {
  const over = Math.max(0, Math.log2(length / (window * reach)));
  const chance = inside * Math.exp(-2.2 * over * (1.3 - depth * 0.6)) - (length > window ? 0.06 * (1 - depth) : 0);
  const draw = noise(length * 131 + depth * 1009 + trial * 17, 10 + index);
  const expected = String(100_000 + Math.floor(noise(length + trial, 3) * 900_000));
  const right = draw < chance;
  const wrong = trial === 3 ? "<img src=x onerror=alert(1)>" : String(100_000 + Math.floor(draw * 900_000));
  const promptHash = `${String(length)}-${String(depth)}-${String(trial)}`;
  return { model, task: "needle", length, depth, trial, promptHash, answer: right ? expected : wrong, expected, score: right ? 1 : 0 };
}
