/** What a corpus holds and a run leaves out: counted, the first ones told. */
import type { OmissionCounts } from "../../protocol/corpusSummary.js";
import type { EventPayload } from "../../protocol/events.js";

/** Why a document was left out. */
export type OmissionKind = "unreadable" | "empty" | "repeated" | "foreign";

export interface Omission {
  readonly kind: OmissionKind;
  /** Document, as in the table of documents. */
  readonly path: string;
  readonly reason: string;
}

const mostExamples = 20;
const mostMessages = 5;

/** Counts omissions of one corpus and tells the first ones as warnings. */
export class Omissions {
  private readonly counts = { unreadable: 0, empty: 0, repeated: 0, foreign: 0 };
  private readonly examples: { path: string; reason: string }[] = [];

  constructor(private readonly emit: (event: EventPayload) => void) {}

  readonly add = ({ kind, path, reason }: Omission): void => {
    this.counts[kind]++;
    if (kind === "empty" || kind === "repeated") return;
    if (this.examples.length < mostExamples) this.examples.push({ path, reason });
    const told = this.counts.unreadable + this.counts.foreign;
    if (told > mostMessages) return;
    const last = told === mostMessages ? " Further ones are counted only." : "";
    this.emit({ kind: "log", level: "warning", message: `Left out ${path}: ${reason}.${last}` });
  };

  result(): OmissionCounts {
    return { ...this.counts, examples: this.examples };
  }
}

const named: Readonly<Record<OmissionKind, string>> = {
  unreadable: "unreadable",
  empty: "empty",
  repeated: "repeated",
  foreign: "with tokens that the model lacks",
};

/** `3 unreadable, 1 empty and 2 repeated left out`; "" where nothing was. */
export function omissionText(counts: readonly Pick<OmissionCounts, OmissionKind>[]): string {
  const parts = (["unreadable", "empty", "repeated", "foreign"] as const).flatMap((kind) => {
    const total = counts.reduce((sum, one) => sum + one[kind], 0);
    return total === 0 ? [] : [`${total.toLocaleString("en-US")} ${named[kind]}`];
  });
  if (parts.length === 0) return "";
  return `${[parts.slice(0, -1).join(", "), parts.at(-1) ?? ""].filter(Boolean).join(" and ")} left out`;
}
