/**
 * Needle heat map of one model: prompt length across, depth of the needle down, colour by share right.
 *
 * A grid for keyboard and screen readers as well: one cell takes the focus, arrow keys move it, each cell says what it holds.
 */
import { drawBorder } from "./border.js";
import { interpolateLab, rgb, scaleBand, scaleLinear, select, type ScaleBand } from "../d3.js";
import type { ChartTheme } from "./chartTheme.js";
import { inPercent } from "../../src/protocol/percent.js";
import { formatPoints, formatShare } from "../format.js";
import type { NeedleCell, NeedleGrid } from "./needleData.js";

export interface NeedleHeatmapEvents {
  /** A cell is pointed at or has the focus. */
  readonly inspect: (model: string, cell: NeedleCell) => void;
  /** A cell was chosen, by click or by Enter. */
  readonly choose?: (model: string, cell: NeedleCell) => void;
}

export interface NeedleHeatmapInput {
  readonly grid: NeedleGrid;
  readonly title: string;
  /** Cells hold differences of shares, -1 to 1, instead of shares. */
  readonly difference?: boolean;
  /** W, where it is known, and T, in tokens. */
  readonly window: number | null;
  readonly target: number;
  readonly formatLength: (length: number) => string;
}

interface Cell {
  readonly row: number;
  readonly column: number;
  readonly cell: NeedleCell | null;
}

const margin = { top: 20, right: 8, bottom: 22, left: 40 };
const rowHeight = 26;

export class NeedleHeatmap {
  readonly element = document.createElement("figure");
  readonly #svg = select(this.element).append("svg").attr("role", "grid");
  #focus = { row: 0, column: 0 };

  constructor(private readonly events: NeedleHeatmapEvents) {
    this.element.className = "heatmap";
    if (events.choose !== undefined) this.element.classList.add("choosable");
    const title = document.createElement("h3");
    this.element.prepend(title);
  }

  /** Draws into `width` pixels; the height follows from the number of depths. */
  draw({ grid, title, difference = false, window, target, formatLength }: NeedleHeatmapInput, theme: ChartTheme, width: number): void {
    select(this.element).select("h3").text(title);
    const height = margin.top + margin.bottom + grid.depths.length * rowHeight;
    const x = scaleBand<number>(grid.lengths.keys(), [margin.left, width - margin.right]).paddingInner(0.04);
    const y = scaleBand<number>(grid.depths.keys(), [margin.top, height - margin.bottom]).paddingInner(0.06);
    const fill = difference ? differenceScale(theme) : heatScale(theme);
    const text = difference ? formatPoints : inPercent;
    this.#svg
      .attr("width", width)
      .attr("height", height)
      .attr("font-size", Math.max(10, theme.fontSize - 2));
    this.#svg.attr(
      "aria-label",
      `${title}: ${difference ? "difference of the share" : "share"} of needles found, depth down, prompt length across`,
    );
    this.#svg.selectAll("*").remove();
    this.#drawLabels(grid, x, y, formatLength, height);
    this.#drawCells(grid, x, y, { fill, text }, theme);
    if (window !== null) this.#drawBorder(grid, x, window, "W", height);
    this.#drawBorder(grid, x, target, "T", height);
  }

  #drawLabels(
    grid: NeedleGrid,
    x: ScaleBand<number>,
    y: ScaleBand<number>,
    formatLength: (length: number) => string,
    height: number,
  ): void {
    const every = Math.ceil(34 / Math.max(1, x.step()));
    const labels = this.#svg.append("g").attr("class", "axis").attr("aria-hidden", "true");
    labels
      .selectAll("text.length")
      .data(grid.lengths)
      .join("text")
      .attr("text-anchor", "middle")
      .attr("x", (_, index) => (x(index) ?? 0) + x.bandwidth() / 2)
      .attr("y", height - 8)
      .text((length, index) => ((grid.lengths.length - 1 - index) % every === 0 ? formatLength(length) : ""));
    labels
      .append("g")
      .selectAll("text")
      .data(grid.depths)
      .join("text")
      .attr("text-anchor", "end")
      .attr("dominant-baseline", "central")
      .attr("x", margin.left - 6)
      .attr("y", (_, index) => (y(index) ?? 0) + y.bandwidth() / 2)
      .text((depth) => formatShare(depth));
  }

  #drawCells(grid: NeedleGrid, x: ScaleBand<number>, y: ScaleBand<number>, { fill, text }: CellStyle, theme: ChartTheme): void {
    const rows = this.#svg.selectAll("g.row").data(grid.cells).join("g").attr("class", "row").attr("role", "row");
    const cells = rows
      .selectAll("g")
      .data((row, index) => row.map((cell, column): Cell => ({ row: index, column, cell })))
      .join("g")
      .attr("class", "cell")
      .attr("role", "gridcell")
      .attr("tabindex", (cell) => (cell.row === this.#focus.row && cell.column === this.#focus.column ? 0 : -1))
      .attr("data-place", ({ row, column }) => `${row},${column}`)
      .attr("aria-label", ({ row, column, cell }) => describe(grid, row, column, cell, text))
      .on("pointerenter focus", (_, { cell }: Cell) => {
        if (cell !== null) this.events.inspect(grid.model, cell);
      })
      .on("click", (_, cell: Cell) => {
        this.#moveTo(cell);
        this.#choose(grid, cell);
      })
      .on("keydown", (event: KeyboardEvent, cell: Cell) => {
        if (event.key === "Enter" || event.key === " ") this.#choose(grid, cell);
        else if (!this.#move(event.key, cell, grid)) return;
        event.preventDefault();
      });
    cells
      .append("rect")
      .attr("x", ({ column }) => x(column) ?? 0)
      .attr("y", ({ row }) => y(row) ?? 0)
      .attr("width", x.bandwidth())
      .attr("height", y.bandwidth())
      .attr("rx", 1)
      .attr("fill", ({ cell }) => (cell === null ? "none" : fill(cell.mean)))
      .attr("stroke", theme.highContrast ? theme.foreground : theme.grid);
    if (x.bandwidth() < 24) return;
    cells
      .append("text")
      .attr("text-anchor", "middle")
      .attr("dominant-baseline", "central")
      .attr("x", ({ column }) => (x(column) ?? 0) + x.bandwidth() / 2)
      .attr("y", ({ row }) => (y(row) ?? 0) + y.bandwidth() / 2)
      .attr("fill", ({ cell }) => readableOn(fill(cell?.mean ?? 0), theme))
      .text(({ cell }) => (cell === null ? "" : text(cell.mean)));
  }

  /** A line after the last length that still lies within `limit`. */
  #drawBorder(grid: NeedleGrid, x: ScaleBand<number>, limit: number, name: string, height: number): void {
    const within = grid.lengths.filter((length) => length <= limit).length;
    if (within === 0) return;
    const gap = x.step() - x.bandwidth();
    const place = (x(within - 1) ?? 0) + x.bandwidth() + (within < grid.lengths.length ? gap / 2 : 1);
    const border = this.#svg.append("g").attr("class", "border").attr("aria-hidden", "true");
    drawBorder(border, { place, name, top: margin.top, bottom: height - margin.bottom });
  }

  #move(key: string, from: Cell, grid: NeedleGrid): boolean {
    const [rows, columns] = [grid.depths.length, grid.lengths.length];
    const to = {
      ArrowUp: { row: from.row - 1, column: from.column },
      ArrowDown: { row: from.row + 1, column: from.column },
      ArrowLeft: { row: from.row, column: from.column - 1 },
      ArrowRight: { row: from.row, column: from.column + 1 },
      Home: { row: from.row, column: 0 },
      End: { row: from.row, column: columns - 1 },
    }[key];
    if (to === undefined) return false;
    if (to.row < 0 || to.row >= rows || to.column < 0 || to.column >= columns) return true;
    this.#moveTo(to);
    return true;
  }

  #choose(grid: NeedleGrid, { cell }: Cell): void {
    if (cell !== null) this.events.choose?.(grid.model, cell);
  }

  #moveTo(to: { readonly row: number; readonly column: number }): void {
    this.#focus = { row: to.row, column: to.column };
    this.#svg.selectAll<SVGGElement, Cell>(".cell").attr("tabindex", (cell) => (cell.row === to.row && cell.column === to.column ? 0 : -1));
    this.element.querySelector<SVGGElement>(`[data-place="${to.row},${to.column}"]`)?.focus();
  }
}

interface CellStyle {
  readonly fill: (value: number) => string;
  readonly text: (value: number) => string;
}

/** Colour by difference: the background's neighbourhood where there is none, red for less, blue for more. */
export function differenceScale(theme: ChartTheme): (difference: number) => string {
  const [low, high] = theme.heat;
  const [less, more] = [interpolateLab(low, theme.less), interpolateLab(low, high)];
  return (difference) => (difference < 0 ? less : more)(0.06 + 0.94 * Math.min(1, Math.abs(difference)));
}

/** Colour by share right: even steps to the eye (CIELAB) from the background's neighbourhood to the theme's blue. */
export function heatScale(theme: ChartTheme): (share: number) => string {
  const [low, high] = theme.heat;
  const between = interpolateLab(low, high);
  const place = scaleLinear([0, 1], [0.06, 1]).clamp(true);
  return (share) => between(place(share));
}

/** The theme's foreground or background where they can be read on `fill`, black or white where neither can (WCAG contrast 4.5). */
function readableOn(fill: string, theme: ChartTheme): string {
  const readable = [theme.foreground, theme.background].find((colour) => contrast(colour, fill) >= 4.5);
  return readable ?? (contrast("#000", fill) > contrast("#fff", fill) ? "#000" : "#fff");
}

/** Contrast ratio of two colours by WCAG 2, 1 to 21. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const { r, g, b } = rgb(colour);
  const linear = (channel: number): number => (channel <= 10.3 ? channel / 3294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function describe(grid: NeedleGrid, row: number, column: number, cell: NeedleCell | null, text: (value: number) => string): string {
  const place = `length ${String(grid.lengths[column] ?? 0)}, depth ${formatShare(grid.depths[row] ?? 0)}`;
  if (cell === null) return `${place}: not tried`;
  return `${place}: ${text(cell.mean)} %${cell.trials.length === 0 ? "" : ` of ${String(cell.trials.length)}`}`;
}
