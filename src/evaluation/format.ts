/** Numbers and text as reports show them. */
import { inPercent } from "../protocol/percent.js";

export { inPercent, percent } from "../protocol/percent.js";

/** A mean score of 0.9614 in a table whose title says %: `96.1`. */
export function scoreText(share: number): string {
  return inPercent(share, 1);
}

/** A perplexity: two decimals, fewer where it is large. */
export function perplexityText(value: number): string {
  if (!Number.isFinite(value)) return "not finite";
  return value < 100 ? value.toFixed(2) : value < 1e6 ? value.toFixed(0) : value.toExponential(1);
}

/** A number of tokens: `2,048`. */
export function tokensText(tokens: number): string {
  return tokens.toLocaleString("en-US");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text safe inside HTML elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => entities[character] ?? character);
}

/** Text safe inside a cell of a Markdown table. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\|`*_<>[\]]/gu, (character) => `\\${character}`).replace(/\s+/gu, " ");
}
