/** What the page knows of its run: the newest snapshot, and the metrics that have come since, kept in growing buffers. */
import type { HostToDashboard, RunIdentity } from "../src/protocol/dashboard.js";
import type { Results } from "../src/protocol/results.js";
import type { RunSnapshot } from "../src/protocol/runSnapshot.js";
import type { StageName } from "../src/protocol/stages.js";
import { SeriesBuffer } from "./charts/seriesBuffer.js";

export interface DashboardState {
  readonly epoch: number;
  readonly identity: RunIdentity;
  readonly run: RunSnapshot;
  /** In the order in which the stages began. */
  readonly buffers: ReadonlyMap<StageName, SeriesBuffer>;
  readonly results: Results | null;
  readonly notices: readonly string[];
}

export class Store {
  #state: DashboardState | null = null;
  #buffers = new Map<StageName, SeriesBuffer>();

  get state(): DashboardState | null {
    return this.#state;
  }

  /** Takes a message in. False: it continues a snapshot this page never got, and a new one must be asked for. */
  apply(message: HostToDashboard): boolean {
    if (message.type === "snapshot") {
      this.#buffers = new Map();
      const { epoch, identity, run, results, notices } = message;
      this.#state = { epoch, identity, run, results, notices, buffers: this.#buffers };
    } else if (this.#state?.epoch === message.epoch) {
      this.#state = { ...this.#state, run: message.run };
    } else {
      return false;
    }
    for (const series of message.series) {
      const buffer = this.#buffers.get(series.stage) ?? new SeriesBuffer(series.stage);
      this.#buffers.set(series.stage, buffer);
      buffer.append(series);
    }
    return true;
  }
}
