/** The estimate as people read it: gathered from the machine, the files and earlier runs, and put into words. */
import * as vscode from "vscode";
import type { Hardware } from "../environment/hardware.js";
import { knownHardware } from "../platform/environment.js";
import { corpusTokens, estimateDevice, measuredRates } from "../platform/estimateFacts.js";
import { readModelShape } from "../platform/modelShape.js";
import type { Parts } from "../platform/parts.js";
import type { Recipe } from "../protocol/recipe.js";
import type { EstimateView } from "../protocol/recipeForm.js";
import { estimateRun, type EstimateDevice, type RunEstimate } from "../recipe/estimate.js";
import { parseRecipe } from "../recipe/parse.js";
import { formatBytes, formatDuration } from "../views/format.js";

export interface EstimateOutcome {
  readonly estimate: EstimateView | null;
  /** Why there is none. */
  readonly why: string | null;
}

/** What the machine has is asked once a window: it takes seconds, and does not change. */
let hardware: Promise<Hardware | null> | null = null;

export class RecipeEstimator {
  constructor(private readonly parts: Pick<Parts, "context" | "log" | "store">) {}

  /** At first without accelerators, which take seconds to find; then with them. */
  async *estimate(text: string, folder: string): AsyncGenerator<EstimateOutcome> {
    const parsed = parseRecipe(text);
    if (!("recipe" in parsed)) {
      yield { estimate: null, why: vscode.l10n.t("The estimate comes back when the recipe's problems are solved.") };
      return;
    }
    const { recipe } = parsed;
    const shape = await readModelShape(folder, recipe.model);
    if (shape === null) {
      yield {
        estimate: null,
        why: vscode.l10n.t("The model is not in a folder here, so its size is not known yet. A run downloads it first."),
      };
      return;
    }
    const facts = {
      recipe,
      shape,
      corpusTokens: await corpusTokens(recipe, folder),
      rates: await measuredRates(this.parts.store.all()),
    };
    const show = (device: EstimateDevice, known: boolean): EstimateOutcome => ({
      estimate: estimateView(estimateRun({ ...facts, device }), recipe, device, facts.corpusTokens, known),
      why: null,
    });
    yield show(estimateDevice(null, recipe.device), false);
    if (!vscode.workspace.isTrusted) return;
    const found = await this.findHardware(folder);
    if (found !== null) yield show(estimateDevice(found, recipe.device), true);
  }

  private findHardware(folder: string): Promise<Hardware | null> {
    hardware ??= knownHardware(this.parts, folder).catch((error: unknown) => {
      // The estimate can do without; a run tells what is wrong with the environment.
      this.parts.log.warn(String(error));
      hardware = null;
      return null;
    });
    return hardware;
  }
}

/** @param known whether accelerators were looked for */
export function estimateView(
  estimate: RunEstimate,
  recipe: Recipe,
  device: EstimateDevice,
  tokens: number | null,
  known: boolean,
): EstimateView {
  const { training, inference, time, speed } = estimate;
  const parts = [
    vscode.l10n.t("weights {0}", formatBytes(training.weights)),
    vscode.l10n.t("gradients {0}", formatBytes(training.gradients)),
    vscode.l10n.t("optimizer {0}", formatBytes(training.optimizer)),
    vscode.l10n.t("activations and logits {0}", formatBytes(training.activations)),
    vscode.l10n.t("programs {0}", formatBytes(training.runtime)),
  ];
  return {
    device: vscode.l10n.t("{0}, {1}", device.name, formatBytes(device.memoryBytes)),
    fits: estimate.fits,
    rows: [
      { label: vscode.l10n.t("Memory to train"), value: formatBytes(training.total), detail: parts.join(" + ") },
      {
        label: vscode.l10n.t("Memory to evaluate"),
        value: formatBytes(inference),
        detail: vscode.l10n.t("one model with {0} tokens of context", recipe.targetLength),
      },
      ...(time === null
        ? []
        : [{ label: vscode.l10n.t("Time"), value: vscode.l10n.t("about {0}", formatDuration(time.total)), detail: timeParts(time) }]),
      {
        label: vscode.l10n.t("Disk"),
        value: formatBytes(estimate.disk),
        detail: vscode.l10n.t("models and the two newest checkpoints"),
      },
    ],
    notes: [...speedNotes(speed), ...corpusNotes(tokens), ...(known ? [] : [vscode.l10n.t("Accelerators have not been looked for yet.")])],
  };
}

function timeParts(time: NonNullable<RunEstimate["time"]>): string {
  return [
    ...(time.significance === null ? [] : [vscode.l10n.t("significance {0}", formatDuration(time.significance))]),
    vscode.l10n.t("extension {0}", formatDuration(time.extend)),
    ...(time.replay === 0 ? [] : [vscode.l10n.t("replay {0}", formatDuration(time.replay))]),
    vscode.l10n.t("evaluation {0}", formatDuration(time.evaluate)),
  ].join(" + ");
}

function speedNotes(speed: RunEstimate["speed"]): string[] {
  if (speed === null) return [vscode.l10n.t("How fast this device is, nobody has measured yet: a first run tells.")];
  const rate = `${(speed.operationsPerSecond / 1e12).toPrecision(2)} TFLOP/s`;
  return [
    speed.basis === "measured"
      ? vscode.l10n.t("Time by what earlier runs on this device reached ({0}; runs: {1}).", rate, speed.runs)
      : vscode.l10n.t("Time by an assumed {0}; it may be off by a factor of two. Earlier runs on this device make it better.", rate),
  ];
}

function corpusNotes(tokens: number | null): string[] {
  return tokens === null
    ? [vscode.l10n.t("The corpus was not counted: scoring it comes on top.")]
    : [vscode.l10n.t("The corpus counts as {0} tokens, by its size.", Number(tokens.toPrecision(2)).toLocaleString())];
}
