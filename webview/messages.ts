/**
 * Checks what arrives at the page's border. Host and page are built together, but a page restored from an older session, or a host
 * that read a damaged file, may send something else: then the rest is shown and a notice says so.
 *
 * Hand-written, because zod would be more than half of this page's script; the host has checked files against the schemas already.
 */
import type { HostToDashboard, MetricSeries } from "../src/protocol/dashboard.js";
import { stageNames } from "../src/protocol/stages.js";

const seriesColumns = ["step", "time", "loss", "learningRate", "gradNorm", "tokensPerSecond", "memoryBytes"] as const;

export type Parsed =
  | { readonly message: HostToDashboard; readonly problems: readonly string[] }
  | { readonly message: null; readonly problems: readonly string[] };

/** The message in `data`, without those parts that cannot be shown; `problems` says what was left out. */
export function parseMessage(data: unknown): Parsed {
  if (!isRecord(data)) return refused("it is not an object");
  const { type, epoch, run, series } = data;
  if (type !== "snapshot" && type !== "append")
    return refused(`its type is ${typeof type === "string" ? JSON.stringify(type) : "missing"}`);
  if (typeof epoch !== "number") return refused("it has no epoch");
  if (!isRunSnapshot(run)) return refused("its run state is damaged");
  const problems: string[] = [];
  const good = readSeries(series, problems);
  if (type === "append") return { message: { ...(data as AppendMessage), series: good }, problems };
  if (!isIdentity(data["identity"])) return refused("it does not say which run it is");
  const notices = Array.isArray(data["notices"]) ? data["notices"].filter((notice) => typeof notice === "string") : [];
  const results = data["results"] ?? null;
  if (results !== null && !isResults(results)) problems.push("The evaluation results are damaged and are not shown.");
  const message = data as SnapshotMessage;
  return { message: { ...message, series: good, notices, results: isResults(results) ? message.results : null }, problems };
}

type SnapshotMessage = Extract<HostToDashboard, { type: "snapshot" }>;
type AppendMessage = Extract<HostToDashboard, { type: "append" }>;

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
    Array.isArray(value["diagnoses"])
  );
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
