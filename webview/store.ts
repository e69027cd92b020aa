/** What the page knows of its run: the newest snapshot, and the metrics that have come since, kept in growing buffers. */
import type { HostToDashboard, LogTail, MetricSeries, RunFacts, RunIdentity } from "../src/protocol/dashboard.js";
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
  readonly facts: RunFacts;
}

/** Another run laid over this one. */
export interface ComparedRun {
  readonly directory: string;
  readonly name: string;
  readonly buffers: ReadonlyMap<StageName, SeriesBuffer>;
}

export class Store {
  #state: DashboardState | null = null;
  #buffers = new Map<StageName, SeriesBuffer>();
  #compared: readonly Omit<ComparedRun, "name">[] = [];
  #tail: LogTail | null = null;

  /** In the order in which they were chosen. */
  get compared(): readonly ComparedRun[] {
    const others = this.#state?.facts.others ?? [];
    return this.#compared.map((run) => ({
      ...run,
      name: others.find(({ directory }) => directory === run.directory)?.name ?? run.directory,
    }));
  }

  get tail(): LogTail | null {
    return this.#tail;
  }

  get state(): DashboardState | null {
    return this.#state;
  }

  /** Takes a message in. False: it continues a snapshot this page never got, and a new one must be asked for. */
  apply(message: HostToDashboard): boolean {
    if (message.type === "log") {
      this.#tail = message.tail;
      return true;
    }
    if (message.type === "compared") {
      this.#compared = message.runs.map(({ directory, series }) => ({ directory, buffers: buffersOf(series) }));
      return true;
    }
    if (message.type === "snapshot") {
      this.#buffers = new Map();
      const { epoch, identity, run, results, notices, facts } = message;
      this.#state = { epoch, identity, run, results, notices, facts, buffers: this.#buffers };
    } else if (this.#state?.epoch === message.epoch) {
      this.#state = { ...this.#state, run: message.run };
    } else {
      return false;
    }
    addTo(this.#buffers, message.series);
    return true;
  }
}

function buffersOf(series: readonly MetricSeries[]): Map<StageName, SeriesBuffer> {
  const buffers = new Map<StageName, SeriesBuffer>();
  addTo(buffers, series);
  return buffers;
}

function addTo(buffers: Map<StageName, SeriesBuffer>, all: readonly MetricSeries[]): void {
  for (const series of all) {
    const buffer = buffers.get(series.stage) ?? new SeriesBuffer(series.stage);
    buffers.set(series.stage, buffer);
    buffer.append(series);
  }
}
