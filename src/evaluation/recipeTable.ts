/** The settings that a reader of a report or a model card asks for first. */
import { corpusSources, trainedLength, type Recipe } from "../protocol/recipe.js";
import { percent, tokensText } from "./format.js";
import type { TextTable } from "./report.js";

/** The recipe in rows; everything else stands in recipe.json. */
export function recipeTable(recipe: Recipe): TextTable {
  const { training, replay, rope, positions, selection, significance, merge } = recipe;
  const rows: string[][] = [
    ["Model", recipe.model],
    ["Target length T", `${tokensText(recipe.targetLength)} tokens`],
    ["Trained length L", `${tokensText(trainedLength(recipe))} tokens`],
    ["Corpus", includes(recipe.corpus)],
    ["Significance", `${significance.reference.source}, ${significance.measure}; top ${percent(selection.topFraction)} impactful`],
    ["Positions", positions.strategy],
    ["Rotary scaling", rope.theta === undefined ? rope.type : `theta ${rope.theta.toLocaleString("en-US")}`],
    [
      "Training",
      `${training.method}, ${tokensText(training.samples)} samples, batch ${training.batchSize}, learning rate ${training.learningRate}`,
    ],
    ["Replay", replayText(replay)],
    ["Merge", `${merge.method}, α = ${merge.alpha}`],
    ["Seed", String(recipe.seed)],
  ];
  return { title: "Recipe", head: ["setting", "value"], rows, note: "", words: true };
}

function includes(corpus: Recipe["corpus"]): string {
  return corpusSources(corpus)
    .flatMap(({ source }) => source.include)
    .join(", ");
}

function replayText(replay: Recipe["replay"]): string {
  if (!replay.enabled || replay.corpus === undefined) return "none";
  return `${includes(replay.corpus)}, ${tokensText(replay.samples)} samples, learning rate ${replay.learningRate}`;
}
