/** Pieces of SVG as text: no DOM is needed to make a report. */
import { escapeHtml } from "./format.js";

export type Attributes = Readonly<Record<string, string | number>>;

/** An element with attributes and children; text children must have been escaped with `svgText`. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const list = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeHtml(typeof value === "number" ? shortNumber(value) : value)}"`,
  );
  return `<${name}${list.join("")}>${children.join("")}</${name}>`;
}

/** A text element. */
export function svgText(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, [escapeHtml(text)]);
}

/** A whole picture with a name for those who cannot see it. */
export function picture(width: number, height: number, label: string, children: readonly string[]): string {
  return element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, width, height }, children);
}

/** Two decimals are a hundredth of a pixel. */
function shortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
