/** The few icons of the page, 16 × 16, drawn in the current colour. */

const svg = "http://www.w3.org/2000/svg";

const strokes = {
  waiting: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z",
  running: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  completed: "M3 8.5 6.3 12 13 4.5",
  cached: "M3 8.5 6.3 12 13 4.5M9 12h4",
  skipped: "M3 8h10M9.5 4.5 13 8l-3.5 3.5",
  failed: "M4 4l8 8M12 4l-8 8",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  resume: "M5 3.2v9.6L12.5 8Z",
  stop: "M4 4h8v8H4Z",
  checkpoint: "M3 3h8.2L13 4.8V13H3ZM5.5 3v3.2h4V3M5 13V9.2h6V13",
  paused: "M5.5 3.5v9M10.5 3.5v9",
  stopped: "M4 4h8v8H4Z",
  error: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 5v3.8M8 10.4v1",
  notice: "M8 2.5 14 13H2ZM8 6.3v3.4M8 10.9v.8",
} as const;

export type IconName = keyof typeof strokes;

/** Makes an icon; decoration only, the text beside it says the same. */
export function icon(name: IconName): SVGSVGElement {
  const made = document.createElementNS(svg, "svg");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("width", "16");
  made.setAttribute("height", "16");
  made.setAttribute("class", `icon icon-${name}`);
  made.setAttribute("aria-hidden", "true");
  made.setAttribute("focusable", "false");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", strokes[name]);
  made.append(path);
  return made;
}
