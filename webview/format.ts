/** How numbers are written for people; one place, so that every view writes them alike. */
import * as l10n from "@vscode/l10n";
import { formatLocale } from "./d3.js";
import { donePercent } from "../src/protocol/percent.js";
import type { MetricName } from "./charts/seriesBuffer.js";

const integer = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat("en-US", { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
const brief = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const missing = "–";
const locale = formatLocale({ decimal: ".", thousands: ",", grouping: [3], currency: ["", ""], percent: " %", minus: "−" });

/** 131072 → "131,072". */
export function formatInteger(value: number): string {
  return Number.isFinite(value) ? integer.format(value) : missing;
}

/** A number of any size in few characters: 2.345, 0.0123, 5.00e-5, 1.2e+9. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return missing;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2);
  return size >= 1000 ? formatInteger(value) : precise.format(value);
}

/** Prompt lengths on an axis: 512, 1k, 1.5k, 128k. */
export function formatLength(tokens: number): string {
  return tokens < 1024 ? String(tokens) : `${brief.format(tokens / 1024)}k`;
}

/** Perplexity: two decimals where they tell something. */
export function formatPerplexity(value: number): string {
  if (!Number.isFinite(value)) return missing;
  return value < 100 ? value.toFixed(2) : formatNumber(value);
}

/** 1536 → "1.50 KiB". */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return missing;
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? formatInteger(value) : brief.format(value)} ${units[unit] ?? ""}`;
}

/** Seconds as people say them: "0.4 s", "42 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return missing;
  if (seconds < 1) return seconds === 0 ? "0 s" : `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86_400) return joined(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return joined(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

/** Remaining time, coarser than {@link formatDuration}: an estimate that shows seconds lies about what it knows. */
export function formatEstimate(seconds: number): string {
  if (!Number.isFinite(seconds)) return missing;
  if (seconds < 10) return l10n.t("a few seconds");
  if (seconds < 90) return `${String(Math.round(seconds / 10) * 10)} s`;
  return seconds < 3600 ? `${String(Math.round(seconds / 60))} min` : formatDuration(Math.round(seconds / 300) * 300);
}

/** 0.4213 → "42 %"; done only when done. */
export function formatPercent(fraction: number): string {
  return Number.isFinite(fraction) ? donePercent(fraction) : missing;
}

export interface ShareStyle {
  /** Behind the point; 0 unless told. */
  readonly digits?: number;
  /** For differences: "+" before what is above 0. */
  readonly signed?: boolean;
  /** Without zeros at the end that say nothing. */
  readonly short?: boolean;
}

/** A share that is not a degree of completion: 0.3519 → "35 %"; to a tenth "35.2 %", signed "+35 %". */
export function formatShare(share: number, { digits = 0, signed = false, short = false }: ShareStyle = {}): string {
  if (!Number.isFinite(share)) return missing;
  const style = `.${String(digits)}${short ? "~" : ""}%`;
  // What rounds to 0 has no sign.
  const plain = locale.format(style)(Math.abs(share));
  return signed && /[1-9]/.test(plain) ? locale.format(`+${style}`)(share) : locale.format(style)(/[1-9]/.test(plain) ? share : 0);
}

/** A difference of shares in percentage points: 0.4 → "+40", -0.12 → "−12". */
export function formatPoints(difference: number): string {
  if (!Number.isFinite(difference)) return missing;
  const points = Math.round(difference * 100);
  return points === 0 ? "0" : `${points > 0 ? "+" : "−"}${String(Math.abs(points))}`;
}

/** What something costs: "1.20 €", "0.004 USD". `currency` stands after the amount and may be empty. */
export function formatCost(amount: number, currency: string): string {
  if (!Number.isFinite(amount)) return missing;
  const text = amount >= 0.1 || amount === 0 ? amount.toFixed(2) : brief.format(amount);
  return currency === "" ? text : `${text} ${currency}`;
}

/** Local time of day. */
export function formatClock(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

/** A value of a metric in its unit. */
export function formatMetric(metric: MetricName, value: number): string {
  if (metric === "memoryBytes") return formatBytes(value);
  return metric === "modelFlopsUtilization" ? formatShare(value, { digits: 1 }) : formatNumber(value);
}

/** The same on an axis, without zeros that say nothing. */
export function formatTick(metric: MetricName, value: number): string {
  if (metric === "memoryBytes") return formatBytes(value);
  if (metric === "modelFlopsUtilization") return formatShare(value, { digits: 1 });
  return formatNumber(value).replace(/(\.\d*?)0+(?=e|$)/, (_, digits: string) => (digits === "." ? "" : digits));
}

/** What people call a metric. */
export const metricLabels: Readonly<Record<MetricName, string>> = {
  loss: l10n.t("Loss"),
  learningRate: l10n.t("Learning rate"),
  gradNorm: l10n.t("Gradient norm"),
  tokensPerSecond: l10n.t("Tokens/s"),
  modelFlopsUtilization: l10n.t("MFU"),
  memoryBytes: l10n.t("Memory"),
};

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${String(large)} ${largeUnit}` : `${String(large)} ${largeUnit} ${String(small)} ${smallUnit}`;
}
