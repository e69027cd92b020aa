/** What a corpus holds and a run leaves out: counted, the first ones told. */
import type { OmissionCounts } from "../../protocol/corpusSummary.js";
import type { EventPayload } from "../../protocol/events.js";

/** Why a document was left out. */
export type OmissionKind = "unreadable" | "empty" | "repeated";

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
  private readonly counts = { unreadable: 0, empty: 0, repeated: 0 };
  private readonly examples: { path: string; reason: string }[] = [];

  constructor(private readonly emit: (event: EventPayload) => void) {}

  readonly add = ({ kind, path, reason }: Omission): void => {
    this.counts[kind]++;
    if (kind !== "unreadable") return;
    if (this.examples.length < mostExamples) this.examples.push({ path, reason });
    if (this.counts.unreadable > mostMessages) return;
    const last = this.counts.unreadable === mostMessages ? " Further ones are counted only." : "";
    this.emit({ kind: "log", level: "warning", message: `Left out ${path}: ${reason}.${last}` });
  };

  result(): OmissionCounts {
    return { ...this.counts, examples: this.examples };
  }
}

/** `3 unreadable, 1 empty and 2 repeated documents left out`; "" where nothing was. */
export function omissionText(counts: readonly Pick<OmissionCounts, OmissionKind>[]): string {
  const parts = (["unreadable", "empty", "repeated"] as const).flatMap((kind) => {
    const total = counts.reduce((sum, one) => sum + one[kind], 0);
    return total === 0 ? [] : [`${total.toLocaleString("en-US")} ${kind}`];
  });
  if (parts.length === 0) return "";
  return `${[parts.slice(0, -1).join(", "), parts.at(-1) ?? ""].filter(Boolean).join(" and ")} left out`;
}
