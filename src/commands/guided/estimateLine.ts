/** What the run of a draft would need on a device, in one line. */
import * as vscode from "vscode";
import type { Hardware } from "../../environment/hardware.js";
import { corpusTokens, estimateDevice, measuredRates } from "../../platform/estimateFacts.js";
import { readModelShape } from "../../platform/modelShape.js";
import type { Parts } from "../../platform/parts.js";
import { recipeSchema } from "../../protocol/recipe.js";
import { estimateRun, type RunEstimate } from "../../recipe/estimate.js";
import { formatBytes, formatDuration } from "../../views/format.js";
import { completeDraft, recipeOf, type RecipeDraft } from "./draft.js";

export type EstimateLine = (hardware: Hardware | null, device: RecipeDraft["device"]) => string;

/** @param folder where the recipe will lie */
export async function estimateLine(parts: Pick<Parts, "store">, folder: string, draft: Partial<RecipeDraft>): Promise<EstimateLine> {
  const recipe = recipeSchema.parse(recipeOf(completeDraft({ ...draft, device: "auto", start: true }), folder));
  const shape = await readModelShape(folder, recipe.model);
  if (shape === null) return () => "";
  const facts = { recipe, shape, corpusTokens: await corpusTokens(recipe, folder), rates: await measuredRates(parts.store.all()) };
  return (hardware, device) => lineOf(estimateRun({ ...facts, device: estimateDevice(hardware, device) }));
}

function lineOf(estimate: RunEstimate): string {
  const memory = formatBytes(estimate.peak);
  const fit = fitText(estimate.fits, memory);
  return estimate.time === null ? fit : vscode.l10n.t("{0}, about {1}", fit, formatDuration(estimate.time.total));
}

function fitText(fits: RunEstimate["fits"], memory: string): string {
  switch (fits) {
    case "yes":
      return vscode.l10n.t("estimate: {0} of memory", memory);
    case "tight":
      return vscode.l10n.t("estimate: {0} of memory, which is tight", memory);
    case "no":
      return vscode.l10n.t("estimate: {0} of memory, more than there is", memory);
  }
}
