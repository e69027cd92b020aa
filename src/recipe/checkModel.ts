/** Whether a model's layers can be extended as the recipe says, and whether a reference can be compared with its base. */
import type { Recipe } from "../protocol/recipe.js";
import type { Inspection } from "../protocol/tables.js";
import type { Report } from "./check.js";
import { ropeProblem } from "./rope.js";

export function checkArchitecture(recipe: Recipe, base: Inspection, report: Report): void {
  const reach = reachProblem(base, recipe.targetLength);
  if (reach !== null) report("model", reach);
  const { type, theta } = recipe.rope;
  if (type !== "none" && base.ropeTypes !== undefined && !base.ropeTypes.includes(type)) {
    report("rope.type", `transformers has no \`${type}\` for ${base.modelType}; it takes ${[...base.ropeTypes, "none"].join(", ")}`);
  } else if (type !== "none" || theta !== undefined) {
    const problem = ropeProblem(recipe.rope, base);
    if (problem !== null) report("rope.type", problem);
  }
  checkMergeLayers(recipe, base, report);
}

/** Why no layer could learn the long range, or null. Trained are relative distances, in layers that see them and rotate. */
function reachProblem({ layerReach, architecture }: Inspection, target: number): string | null {
  if (layerReach === undefined || layerReach.length === 0) return null;
  const far = layerReach.filter(({ window }) => window === null || window >= target);
  if (far.some(({ rotary }) => rotary)) return null;
  if (far.length > 0 && layerReach.some(({ rotary }) => rotary)) {
    return `the layers of ${architecture} that see the whole window have no rotary positions, and those that rotate look back over too few tokens: there is nothing to extend by positions`;
  }
  if (far.length > 0) return null; // without rotary positions at all: told on its own
  const widest = Math.max(...layerReach.map(({ window }) => window ?? 0));
  return `every layer looks back over at most ${widest} tokens (sliding window), so none would reach across targetLength (${target}); set "sliding_window": null in its config.json, or choose a model with full attention in some layers`;
}

/** Layer numbers that the model does not have. Globs are checked against the tensors when they are merged. */
function checkMergeLayers(recipe: Recipe, base: Inspection, report: Report): void {
  recipe.merge.layers.forEach(({ layers }, place) => {
    const beyond = layerRanges(layers)?.flatMap((range) => range.filter((layer) => layer >= base.layers)) ?? [];
    if (beyond.length > 0) {
      report(`merge.layers[${place}].layers`, `the model has layers 0 to ${base.layers - 1}; there is no layer ${beyond.join(" or ")}`);
    }
  });
}

/** Lists of layers with a slip in them. */
export function checkLayerRanges(recipe: Recipe, report: Report): void {
  recipe.merge.layers.forEach(({ layers }, place) => {
    const ranges = layerRanges(layers);
    if (ranges !== null && !(wellFormed.test(layers) && ranges.every(([first = 0, last = first]) => first <= last))) {
      report(`merge.layers[${place}].layers`, `\`${layers}\` is no list of layers: write them as 3, 0-3 or 0,5-7`);
    }
  });
}

/** As the worker reads them (blend.py). */
const wellFormed = /^\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*$/u;

/** The numbers of each piece of `0,5-7`; null for a glob. */
function layerRanges(layers: string): number[][] | null {
  return /^[\d\s,-]+$/u.test(layers) ? layers.split(",").map((piece) => (piece.match(/\d+/gu) ?? []).map(Number)) : null;
}

/** Whether the logits of a reference can be subtracted from the base's, token by token. */
export function checkReference(base: Inspection, reference: Inspection, report: Report): void {
  const path = "significance.reference.model";
  if (reference.tokenizerHash !== base.tokenizerHash) {
    report(path, "its tokenizer differs from the base model's: scores cannot be compared");
  } else if (!coversTokenizer(base) || !coversTokenizer(reference)) {
    if (reference.vocabularySize !== base.vocabularySize) {
      report(path, `its vocabulary has ${reference.vocabularySize} tokens, the base model's ${base.vocabularySize}`);
    }
  }
  const clash = Object.entries(reference.addedTokens ?? {}).find(([id, token]) => (base.addedTokens?.[id] ?? token) !== token);
  if (clash !== undefined) {
    const [id, token] = clash;
    report(
      path,
      `its added token ${id} is \`${token}\`, the base model's is \`${base.addedTokens?.[id] ?? ""}\`: scores cannot be compared`,
    );
  }
  const layouts = [base, reference].map(rotaryText);
  if (layouts[0] !== layouts[1]) {
    report(
      path,
      `its rotary layout is another: ${layouts[1] ?? ""}; the base model has ${layouts[0] ?? ""}. It is no extended version of the base`,
    );
  }
}

/** Whether a model has an embedding for every token of its tokenizer proper; added ones may come on top. */
function coversTokenizer({ vocabularySize, tokenizerTokens }: Inspection): boolean {
  return tokenizerTokens !== undefined && vocabularySize >= tokenizerTokens;
}

function rotaryText({ headDimension, rotaryLayout, layerReach }: Inspection): string {
  if (headDimension === null) return "no rotary positions";
  const layers = layerReach?.map(({ rotary }) => rotary);
  const some = layers?.includes(false) ? ` in layers ${layers.flatMap((rotary, at) => (rotary ? [String(at)] : [])).join(", ")}` : "";
  return `${headDimension} rotated dimensions a head${rotaryLayout == null ? "" : ` in ${rotaryLayout}`}${some}`;
}
