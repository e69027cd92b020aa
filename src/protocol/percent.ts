/** Shares in percent: one wording for reports, tables, diagnoses, the command line and pages. */

/** 0.9614 → `96`, to a tenth `96.1`: where a title or the end of a range has the sign. */
export function inPercent(share: number, digits = 0): string {
  return (100 * share).toFixed(digits);
}

export interface PercentStyle {
  /** Behind the point; 0 unless told. */
  readonly digits?: number;
  /** For differences: "+" before what is above 0. */
  readonly signed?: boolean;
}

/** 0.9614 → `96 %`, to a tenth `96.1 %`, signed `+96 %`. */
export function percent(share: number, { digits = 0, signed = false }: PercentStyle = {}): string {
  return `${signed && share > 0 ? "+" : ""}${inPercent(share, digits)} %`;
}

/** How much of something is done: 0.4213 → `42 %`, and nothing says 100 % before it is done. */
export function donePercent(fraction: number): string {
  return percent(fraction >= 1 ? 1 : Math.min(0.99, Math.max(0, fraction)));
}
