/** Question 3: how long the context shall be. */
import * as vscode from "vscode";
import { formatTokens } from "../../views/format.js";
import { parseTokens, targetChoices, type RecipeDraft } from "./draft.js";
import { input, pick, type Answer, type Outcome, type StepPlace } from "./steps.js";

interface LengthItem extends vscode.QuickPickItem {
  readonly tokens: number | null;
}

/** Offered where the model's window is not known yet. */
const usualTargets = [32, 64, 128, 256].map((k) => k * 1024);

export async function askLength(draft: Partial<RecipeDraft>, place: StepPlace): Promise<Outcome<Partial<RecipeDraft>>> {
  const window = draft.window ?? null;
  for (;;) {
    const outcome = await pick(place, {
      placeholder:
        window === null
          ? vscode.l10n.t("How long shall the context be? The model's own window is found when the run starts.")
          : vscode.l10n.t("How long shall the context be? The model's window is {0} tokens.", formatTokens(window)),
      items: lengthItems(window),
      isActive: (item) => item.tokens !== null && item.tokens === draft.targetLength,
    });
    if (outcome.kind !== "next") return outcome;
    if (outcome.value.tokens !== null) return { kind: "next", value: { targetLength: outcome.value.tokens } };
    const custom = await askCustom(window, place);
    if (custom.kind === "cancel") return custom;
    if (custom.kind === "next") return { kind: "next", value: { targetLength: custom.value } };
  }
}

function lengthItems(window: number | null): LengthItem[] {
  const choices =
    window === null
      ? usualTargets.map((tokens): LengthItem => ({ label: vscode.l10n.t("{0} tokens", formatTokens(tokens)), tokens }))
      : targetChoices(window).map(({ factor, tokens }): LengthItem => ({
          label: vscode.l10n.t("{0} tokens", formatTokens(tokens)),
          description: vscode.l10n.t("{0} × the window; trained on samples of {1}", factor, formatTokens(Math.round(0.3 * tokens))),
          tokens,
        }));
  return [...choices, { label: vscode.l10n.t("$(edit) Another length…"), tokens: null }];
}

async function askCustom(window: number | null, place: StepPlace): Promise<Answer<number>> {
  const outcome = await input(place, {
    prompt: vscode.l10n.t("Target length in tokens, such as 24000, 96k or 1M"),
    validate: (text) => {
      const tokens = parseTokens(text);
      if (tokens === null) return vscode.l10n.t("A whole number of tokens is needed, such as 24000, 96k or 1M.");
      if (window !== null && tokens <= window) return vscode.l10n.t("The model's window is {0} already.", formatTokens(window));
      return null;
    },
  });
  if (outcome.kind !== "next") return outcome;
  const tokens = parseTokens(outcome.value);
  return tokens === null ? { kind: "back" } : { kind: "next", value: tokens };
}
