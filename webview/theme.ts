/** The one place where VS Code's colours become ours. Charts get them as values, everything else through theme.css. */
import { color, interpolateRgb } from "./d3.js";
import type { ChartTheme } from "./charts/chartTheme.js";

/** Reads the theme as it stands on the page now. */
export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.body);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  const solid = (name: string): string => color(read(name))?.formatRgb() ?? style.color;
  const classes = document.body.classList;
  const highContrast = classes.contains("vscode-high-contrast") || classes.contains("vscode-high-contrast-light");
  // As --lr-grid, which is a colour-mix: canvas and d3 need the mixed colour itself.
  const grid = interpolateRgb(solid("--lr-background"), solid("--lr-foreground"))(highContrast ? 0.3 : 0.14);
  return {
    foreground: solid("--lr-foreground"),
    muted: solid("--lr-muted"),
    background: solid("--lr-background"),
    grid,
    focus: solid("--lr-focus"),
    series: [solid("--lr-series-1"), solid("--lr-series-2"), solid("--lr-series-3"), solid("--lr-series-4")],
    heat: [solid("--lr-background"), solid("--lr-heat")],
    less: solid("--lr-less"),
    fontFamily: style.fontFamily,
    fontSize: Number.parseFloat(style.fontSize) || 13,
    highContrast,
  };
}

/** Calls back after each change of theme: VS Code swaps the body's class and the variables on the root's style. */
export function observeTheme(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class", "style", "data-vscode-theme-id"] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  matchMedia("(forced-colors: active)").addEventListener("change", changed);
}
