/** How highlighting speaks: numbers and places of tokens in words. */
import * as vscode from "vscode";

/** A token's text on one line, blanks made visible where it holds nothing else. */
export function shownToken(text: string): string {
  const flat = text.replace(/\r\n|\r|\n/gu, "⏎").replace(/\t/gu, "⇥");
  return flat.trim() === "" ? flat.replace(/ /gu, "␣") : flat.trim();
}

export function percent(share: number, digits = 0): string {
  const format = new Intl.NumberFormat(vscode.env.language, { style: "percent", maximumFractionDigits: digits });
  return format.format(share);
}

/** A top share: `top 0.4 %`, never `top 0 %`. */
export function topShare(share: number): string {
  const shown = share < 0.001 ? `< ${percent(0.001, 1)}` : percent(share, share < 0.1 ? 1 : 0);
  return vscode.l10n.t("top {0}", shown);
}

export function probability(value: number): string {
  return value > 0 && value < 0.0001 ? value.toExponential(1) : percent(value, value < 0.1 ? 2 : 1);
}

export function count(value: number): string {
  return value.toLocaleString(vscode.env.language);
}

export function signed(score: number): string {
  return `${score > 0 ? "+" : ""}${score.toFixed(2)}`;
}
