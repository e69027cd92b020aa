/** The tables of a study, as text. */
import { inPercent, perplexityText, tokensText } from "../evaluation/format.js";
import type { TextTable } from "../evaluation/report.js";
import type { Estimate, StudyReport, StudyRow } from "../protocol/studyResults.js";
import { atLength, lengthsOf, overall, retrievals, type Retrieval } from "./measures.js";
import { classes } from "./tokenClasses.js";

type Format = (value: number) => string;
interface Column {
  readonly head: string;
  readonly name: string;
  readonly format: Format;
  /** Costs are told as they were, without an interval. */
  readonly plain?: boolean;
}

const percentPoints: Format = (share) => inPercent(share);
const retrievalTitles: Readonly<Record<Retrieval, string>> = { multikey: "needles among others", single: "needles alone" };

export function studyTables(report: StudyReport): TextTable[] {
  const names = new Set(report.rows.flatMap(({ estimates }) => Object.keys(estimates)));
  const tables = [
    overview(report, names),
    costs(report, names),
    ...retrievals.map((retrieval) => byLength(report, retrieval, names)),
    differences(report, names),
    tokenKinds(report),
    agreement(report),
  ];
  return tables.filter(({ rows, head }) => rows.length > 0 && head.length > 1);
}

/** Name of a row among those of a report. */
export function rowName({ models }: StudyReport, { row, model }: StudyRow): string {
  return models.length > 1 && models.includes(model) ? `${row}, ${model}` : row;
}

const main: readonly Column[] = [
  { head: "needles among others up to W, %", name: overall.inside("multikey"), format: percentPoints },
  { head: "beyond W, %", name: overall.beyond("multikey"), format: percentPoints },
  { head: "needles alone up to W, %", name: overall.inside("single"), format: percentPoints },
  { head: "beyond W, %", name: overall.beyond("single"), format: percentPoints },
  { head: "perplexity inside W", name: overall.inside("perplexity"), format: perplexityText },
  { head: "beyond W", name: overall.beyond("perplexity"), format: perplexityText },
];

const costColumns: readonly Column[] = [
  { head: "training tokens", name: "cost.trainingTokens", format: compact, plain: true },
  { head: "replay tokens", name: "cost.replayTokens", format: compact, plain: true },
  { head: "training FLOPs", name: "cost.trainingFlops", format: scientific, plain: true },
  { head: "scoring FLOPs (shared)", name: "cost.scoringFlops", format: scientific, plain: true },
  { head: "seconds", name: "cost.seconds", format: (value) => value.toFixed(0), plain: true },
  { head: "peak memory, MB", name: "cost.memoryBytes", format: (value) => (value / 1e6).toFixed(0), plain: true },
];

const interval = "Mean over seeds, in brackets its 95 % interval by Student's t, one run a seed";

export function overview(report: StudyReport, names: ReadonlySet<string>): TextTable {
  const note = `${interval} (${seedsText(report)}). Retrieval: mean of the shares at the prompt lengths up to and beyond the original window W.`;
  return table(
    report,
    "Retrieval and perplexity",
    main.filter(({ name }) => names.has(name)),
    note,
  );
}

export function costs(report: StudyReport, names: ReadonlySet<string>): TextTable {
  const note =
    "Means over seeds. FLOPs are counted from shapes (6 N a token and attention), of extension and replay; seconds and memory are those of the machine that ran it, busy or not.";
  const found = table(
    report,
    "What it cost",
    costColumns.filter(({ name }) => names.has(name)),
    note,
  );
  return { ...found, rows: found.rows.filter(([, ...cells]) => cells.some((cell) => cell !== "–")) };
}

export function byLength(report: StudyReport, retrieval: Retrieval, names: ReadonlySet<string>): TextTable {
  const window = report.cells.find((cell) => cell.window !== undefined)?.window ?? Infinity;
  const columns = lengthsOf(retrieval, names).map((length) => ({
    head: `${tokensText(length)}${length > window ? " *" : ""}`,
    name: atLength(retrieval, length),
    format: percentPoints,
  }));
  const note = `Percent retrieved by prompt length in tokens. ${interval}. * beyond the original window.`;
  return table(report, `By prompt length: ${retrievalTitles[retrieval]}`, columns, note);
}

export function differences(report: StudyReport, names: ReadonlySet<string>): TextTable {
  const note = `Row minus reference, seed by seed; ${interval.toLowerCase()}. Retrieval in percentage points. An interval without 0 is marked by !.`;
  const columns = main.filter(({ name }) => names.has(name));
  const rows = report.rows
    .filter((row) => Object.keys(row.differences).length > 0)
    .map((row) => [rowName(report, row), ...columns.map(({ name, format }) => differenceText(row.differences[name], format))]);
  return { title: `Against ${report.reference ?? "nothing"}`, head: ["row", ...columns.map(({ head }) => head)], rows, note };
}

function differenceText(found: Estimate | undefined, format: Format): string {
  if (found === undefined) return "–";
  const text = estimateText(found, (value) => `${value < 0 ? "−" : "+"}${format(Math.abs(value))}`);
  const { low, high } = found;
  return low !== null && high !== null && (low > 0 || high < 0) ? `${text} !` : text;
}

function tokenKinds(report: StudyReport): TextTable {
  const rows = report.cells.flatMap(({ row, seed, models }) => {
    const found = models?.["tokens"];
    if (found === undefined) return [];
    const cell = (name: string): string => (found[name] === undefined ? "–" : inPercent(found[name], 1));
    return [[`${row}, seed ${String(seed)}`, ...classes.flatMap((kind) => [cell(`impactful.${kind}`), cell(`among.${kind}`)])]];
  });
  return {
    title: "Which tokens are impactful",
    head: ["row", ...classes.flatMap((kind) => [`${kind}: impactful, %`, "among impactful, %"])],
    rows,
    note: "Of the tokens of a kind, the share that is impactful; and the share of that kind among all impactful tokens.",
  };
}

function agreement({ agreement: found }: StudyReport): TextTable {
  return {
    title: "Agreement of the scores",
    head: ["pair", "tokens", "rank correlation", "of the first's impactful tokens also the second's, %", "by chance, %"],
    rows: found.map(({ first, second, seed, tokens, spearman, overlap, chance }) => [
      `${first} / ${second}, seed ${String(seed)}`,
      tokensText(tokens),
      spearman.toFixed(2),
      inPercent(overlap),
      inPercent(chance),
    ]),
    note: "Spearman's rank correlation over all tokens scored by both.",
  };
}

function table(report: StudyReport, title: string, columns: readonly Column[], note: string): TextTable {
  const rows = report.rows.map((row) => [
    rowName(report, row),
    ...columns.map(({ name, format, plain = false }) => {
      const found = row.estimates[name];
      if (found === undefined) return "–";
      return plain ? format(found.mean) : estimateText(found, format, format === percentPoints ? [0, 1] : [-Infinity, Infinity]);
    }),
  ]);
  return { title, head: ["row", ...columns.map(({ head }) => head)], rows, note };
}

/** `73 (61–85)`; bounds beyond what is possible are drawn in. */
export function estimateText(
  { mean, low, high }: Estimate,
  format: Format,
  [least, most]: readonly [number, number] = [-Infinity, Infinity],
): string {
  if (low === null || high === null) return format(mean);
  return `${format(mean)} (${format(Math.max(low, least))} to ${format(Math.min(high, most))})`;
}

function seedsText({ rows }: StudyReport): string {
  const counts = [...new Set(rows.map(({ seeds }) => seeds.length))].sort((a, b) => a - b);
  return `${counts.join(" or ")} seeds`;
}

function compact(value: number): string {
  return tokensText(Math.round(value));
}

function scientific(value: number): string {
  return value.toExponential(2);
}
