/** The colours and type that charts draw with; who makes them is not the charts' business. */

export interface ChartTheme {
  readonly foreground: string;
  /** Axis labels and other secondary text. */
  readonly muted: string;
  readonly background: string;
  readonly grid: string;
  readonly focus: string;
  /** Distinguishable without colour vision, in the order of use. */
  readonly series: readonly [string, string, string, string];
  /** Ends of the heat map's scale: nothing right, everything right. */
  readonly heat: readonly [string, string];
  /** End of the scale of differences: less than the base. */
  readonly less: string;
  readonly fontFamily: string;
  /** Pixels. */
  readonly fontSize: number;
  readonly highContrast: boolean;
}
