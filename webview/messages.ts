/**
 * Checks what arrives at the page's border. Host and page are built together, but a page restored from an older session, or a host
 * that read a damaged file, may send something else: then the rest is shown and a notice says so.
 *
 * Hand-written, because zod would be more than half of this page's script; the host has checked files against the schemas already.
 */
import type { HostToDashboard, MetricSeries, RunFacts } from "../src/protocol/dashboard.js";
import { emptySnapshot, type RunSnapshot } from "../src/protocol/runSnapshot.js";
import { stageNames } from "../src/protocol/stages.js";

const seriesColumns = [
  "step",
  "time",
  "loss",
  "learningRate",
  "gradNorm",
  "tokensPerSecond",
  "memoryBytes",
  "modelFlopsUtilization",
] as const;

export type Parsed =
  | { readonly message: HostToDashboard; readonly problems: readonly string[] }
  | { readonly message: null; readonly problems: readonly string[] };

/** The message in `data`, without those parts that cannot be shown; `problems` says what was left out. */
export function parseMessage(data: unknown): Parsed {
  if (!isRecord(data)) return refused("it is not an object");
  const { type, epoch, run, series } = data;
  if (type === "compared") return readCompared(data);
  if (type === "log") return isTail(data["tail"]) ? { message: data as LogMessage, problems: [] } : refused("its log lines are damaged");
  if (type !== "snapshot" && type !== "append")
    return refused(`its type is ${typeof type === "string" ? JSON.stringify(type) : "missing"}`);
  if (typeof epoch !== "number") return refused("it has no epoch");
  if (!isRunSnapshot(run)) return refused("its run state is damaged");
  const problems: string[] = [];
  const good = readSeries(series, problems);
  if (type === "append") {
    const message = data as AppendMessage;
    return { message: { ...message, run: whole(message.run), series: good }, problems };
  }
  if (!isIdentity(data["identity"])) return refused("it does not say which run it is");
  const notices = Array.isArray(data["notices"]) ? data["notices"].filter((notice) => typeof notice === "string") : [];
  const results = data["results"] ?? null;
  if (results !== null && !isResults(results)) problems.push("The evaluation results are damaged and are not shown.");
  const message = data as SnapshotMessage;
  const facts = isFacts(data["facts"]) ? message.facts : noFacts;
  return {
    message: { ...message, run: whole(message.run), series: good, notices, facts, results: isResults(results) ? message.results : null },
    problems,
  };
}

function readCompared(data: Record<string, unknown>): Parsed {
  if (!Array.isArray(data["runs"])) return refused("it names no runs");
  const problems: string[] = [];
  const runs = data["runs"].flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry["directory"] === "string"
      ? [{ directory: entry["directory"], series: readSeries(entry["series"], problems) }]
      : [],
  );
  return { message: { type: "compared", runs }, problems };
}

type SnapshotMessage = Extract<HostToDashboard, { type: "snapshot" }>;
type LogMessage = Extract<HostToDashboard, { type: "log" }>;
type AppendMessage = Extract<HostToDashboard, { type: "append" }>;

/** An older host sends neither warnings nor validations. */
function whole(run: RunSnapshot): RunSnapshot {
  return { ...emptySnapshot, ...run };
}

/** What is shown where a page gets none: nothing to compare, no price. */
export const noFacts: RunFacts = { others: [], price: null, expectedSeconds: {} };

function refused(why: string): Parsed {
  return { message: null, problems: [`A message from the extension could not be read: ${why}.`] };
}

function readSeries(value: unknown, problems: string[]): readonly MetricSeries[] {
  if (!Array.isArray(value)) {
    problems.push("The metrics are missing from a message.");
    return [];
  }
  return value.filter((entry): entry is MetricSeries => {
    if (isSeries(entry)) return true;
    const stage = isRecord(entry) && typeof entry["stage"] === "string" ? ` of stage ${entry["stage"]}` : "";
    problems.push(`Some metrics${stage} are damaged and are not shown.`);
    return false;
  });
}

function isSeries(value: unknown): value is MetricSeries {
  if (!isRecord(value) || !isStage(value["stage"])) return false;
  const step = value["step"];
  return step instanceof Float64Array && seriesColumns.every((name) => hasLength(value[name], step.length));
}

function hasLength(value: unknown, length: number): boolean {
  return value instanceof Float64Array && value.length === length;
}

function isRunSnapshot(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["status"] === "string" &&
    typeof value["fraction"] === "number" &&
    Array.isArray(value["stages"]) &&
    value["stages"].every((stage) => isRecord(stage) && isStage(stage["name"]) && typeof stage["status"] === "string") &&
    Array.isArray(value["diagnoses"]) &&
    (value["warnings"] === undefined || Array.isArray(value["warnings"])) &&
    (value["validations"] === undefined || Array.isArray(value["validations"]))
  );
}

function isFacts(value: unknown): boolean {
  return isRecord(value) && Array.isArray(value["others"]) && value["others"].every(isOther) && isRecord(value["expectedSeconds"]);
}

function isOther(value: unknown): boolean {
  return isRecord(value) && typeof value["directory"] === "string" && typeof value["name"] === "string";
}

function isTail(value: unknown): boolean {
  return isRecord(value) && typeof value["file"] === "string" && Array.isArray(value["lines"]);
}

function isIdentity(value: unknown): boolean {
  return (
    isRecord(value) && typeof value["name"] === "string" && typeof value["model"] === "string" && typeof value["targetLength"] === "number"
  );
}

function isResults(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["window"] === "number" &&
    typeof value["targetLength"] === "number" &&
    Array.isArray(value["rows"]) &&
    value["rows"].every(isResultRow)
  );
}

function isResultRow(row: unknown): boolean {
  return (
    isRecord(row) &&
    typeof row["model"] === "string" &&
    typeof row["task"] === "string" &&
    typeof row["length"] === "number" &&
    typeof row["score"] === "number" &&
    (row["depth"] === null || typeof row["depth"] === "number")
  );
}

function isStage(value: unknown): boolean {
  return stageNames.some((name) => name === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
