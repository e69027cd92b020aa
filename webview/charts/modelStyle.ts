/** How a model is told apart in every picture: by colour and by the shape of its mark, never by colour alone. */
import * as l10n from "@vscode/l10n";
import { symbolCircle, symbolDiamond, symbolSquare, symbolTriangle, type SymbolType } from "../d3.js";

export interface ModelStyle {
  readonly colour: 0 | 1 | 2 | 3;
  readonly mark: SymbolType;
  readonly label: string;
}

const known: Readonly<Record<string, ModelStyle>> = {
  base: { colour: 1, mark: symbolSquare, label: l10n.t("Base") },
  rope: { colour: 2, mark: symbolDiamond, label: l10n.t("Rotary scaling only") },
  extended: { colour: 3, mark: symbolTriangle, label: l10n.t("Extended") },
  merged: { colour: 0, mark: symbolCircle, label: l10n.t("Merged") },
};

/** The style of a model by its name in the results; any other model shows under its own name. */
export function modelStyle(model: string): ModelStyle {
  return known[model] ?? { colour: 2, mark: symbolDiamond, label: model };
}
