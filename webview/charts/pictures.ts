/** Pictures to keep: charts on the page joined to one SVG that needs no style sheet, and the same as PNG. */
import type { ChartTheme } from "./chartTheme.js";

export interface Picture {
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

const namespace = "http://www.w3.org/2000/svg";
const gap = 16;
const titleHeight = 22;
/** What a style sheet may say about a shape or a text; it goes into the file as attributes. */
const styles = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-family", "visibility"] as const;

/** One picture of the figures, as they stand beside and under each other on the page. */
export function joinedSvg(figures: Iterable<HTMLElement>, theme: ChartTheme): Picture {
  const boxes = [...figures].map((figure) => ({ figure, box: figure.getBoundingClientRect() }));
  const left = Math.min(...boxes.map(({ box }) => box.left));
  const top = Math.min(...boxes.map(({ box }) => box.top));
  const width = Math.ceil(Math.max(...boxes.map(({ box }) => box.right)) - left + 2 * gap);
  const height = Math.ceil(Math.max(...boxes.map(({ box }) => box.bottom)) - top + 2 * gap);
  const root = document.createElementNS(namespace, "svg");
  set(root, { xmlns: namespace, width, height, viewBox: `0 0 ${String(width)} ${String(height)}` });
  const back = document.createElementNS(namespace, "rect");
  set(back, { width, height, fill: theme.background });
  root.append(back);
  for (const { figure, box } of boxes) {
    const group = document.createElementNS(namespace, "g");
    set(group, { transform: `translate(${String(box.left - left + gap)},${String(box.top - top + gap)})` });
    const title = document.createElementNS(namespace, "text");
    set(title, { x: 40, y: titleHeight - 6, fill: theme.foreground, "font-family": theme.fontFamily, "font-size": theme.fontSize });
    title.textContent = figure.querySelector("h3")?.textContent ?? "";
    group.append(title);
    const drawing = figure.querySelector("svg");
    if (drawing !== null) {
      const copy = withStyles(drawing);
      set(copy, { y: drawing.getBoundingClientRect().top - box.top });
      group.append(copy);
    }
    root.append(group);
  }
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

/** The picture's pixels, twice as dense as it is large. @throws when the browser cannot draw it */
export async function svgToPng({ text, width, height }: Picture): Promise<Uint8Array> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(width * 2, height * 2);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("The browser gives no canvas.");
  context.drawImage(image, 0, 0, width * 2, height * 2);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}

/** A copy that looks the same without the page's style sheet, and without what is only for pointer and keyboard. */
function withStyles(drawing: SVGSVGElement): SVGSVGElement {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, index) => {
    const original = originals[index];
    if (original === undefined) return;
    const computed = getComputedStyle(original);
    for (const name of styles) element.setAttribute(name, computed.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role", "data-place", "aria-label", "aria-hidden"]) element.removeAttribute(name);
  });
  return copy;
}

function set(element: Element, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
