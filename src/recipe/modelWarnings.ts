/** What to know about a model before a run, though it can go on. */
import { trainedLength, type Recipe } from "../protocol/recipe.js";
import type { Inspection } from "../protocol/tables.js";

/** @returns sentences, most important first. */
export function modelWarnings(recipe: Recipe, base: Inspection, reference: Inspection | null): string[] {
  const warnings = [...layerWarnings(recipe, base)];
  if (reference !== null && reference.vocabularySize !== base.vocabularySize) {
    warnings.push(
      `The reference has ${reference.vocabularySize} token embeddings, the base ${base.vocabularySize}: they differ by added tokens. Logits are compared as they are; log-probabilities (measure \`logprob\`) differ by the share of the added tokens too. A text that holds a token one of them lacks is told and ends the run, or is left out where onError is \`skip\`.`,
    );
  }
  return warnings;
}

function layerWarnings(
  recipe: Recipe,
  { architecture, layerReach = [], localRopeParameters, alwaysMasked, ropeParameters }: Inspection,
): string[] {
  const L = trainedLength(recipe);
  const sliding = layerReach.flatMap(({ window }) => (window === null ? [] : [window]));
  const unrotated = layerReach.filter(({ rotary }) => !rotary).length;
  const warnings: string[] = [];
  const narrow = sliding.filter((window) => window < L).length;
  if (alwaysMasked === true || narrow > 0) {
    const who =
      alwaysMasked === true
        ? `transformers builds a mask for ${architecture}`
        : `${narrow} of ${layerReach.length} layers look back over ${Math.min(...sliding)} tokens only and need a mask`;
    const megabytes = (length: number): string => ((length * length) / 2 ** 20).toLocaleString("en-US", { maximumFractionDigits: 0 });
    warnings.push(
      `${who} of N x N: ${megabytes(L)} MB a sample of ${L} tokens, ${megabytes(recipe.targetLength)} MB where ${recipe.targetLength} are evaluated, unless the attention kernel knows windows (flash attention).`,
    );
  }
  if (sliding.length > 0 && sliding.length < layerReach.length && localRopeParameters == null && recipe.rope.type !== "none") {
    warnings.push(
      `${sliding.length} sliding layers share their rotary frequencies with the others: rescaling changes what they have learned at short range too. Training mends it; rotary scaling alone may not.`,
    );
  }
  if (ropeParameters !== null && unrotated > 0) {
    warnings.push(`${unrotated} of ${layerReach.length} layers have no rotary positions (NoPE); skipped positions reach the others alone.`);
  }
  return warnings;
}
