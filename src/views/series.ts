/** Metrics of a run as growing columns, from which the dashboard gets whole series once and then only what is new. */
import type { MetricSeries } from "../protocol/dashboard.js";
import type { EventOf, RunEvent } from "../protocol/events.js";
import { stageNames, type StageName } from "../protocol/stages.js";

const columns = ["step", "time", "loss", "learningRate", "gradNorm", "tokensPerSecond", "memoryBytes", "modelFlopsUtilization"] as const;
type Column = (typeof columns)[number];
const FIRST_CAPACITY = 256;

/** Columns of one stage; capacity doubles, so appending is O(1) amortised. */
class StageColumns {
  length = 0;
  private data = allocate(FIRST_CAPACITY);

  add(event: EventOf<"metric">): void {
    if (this.length === this.data.step.length) this.grow();
    const row: Partial<Record<Column, number | undefined>> = { step: event.step, time: event.time, ...event.values };
    for (const column of columns) this.data[column][this.length] = row[column] ?? NaN;
    this.length += 1;
  }

  /** Forgets what was reported from `step` on: a resumed run goes through it again. Whether there was any. */
  rewind(step: number): boolean {
    const before = this.length;
    while (this.length > 0 && (this.data.step[this.length - 1] ?? -Infinity) >= step) this.length -= 1;
    return this.length < before;
  }

  /** Copies of rows [from, length). */
  slice(stage: StageName, from: number): MetricSeries {
    const part = (column: Column): Float64Array => this.data[column].slice(from, this.length);
    return {
      stage,
      step: part("step"),
      time: part("time"),
      loss: part("loss"),
      learningRate: part("learningRate"),
      gradNorm: part("gradNorm"),
      tokensPerSecond: part("tokensPerSecond"),
      memoryBytes: part("memoryBytes"),
      modelFlopsUtilization: part("modelFlopsUtilization"),
    };
  }

  private grow(): void {
    const larger = allocate(this.data.step.length * 2);
    for (const column of columns) larger[column].set(this.data[column]);
    this.data = larger;
  }
}

function allocate(capacity: number): Record<Column, Float64Array> {
  return {
    step: new Float64Array(capacity),
    time: new Float64Array(capacity),
    loss: new Float64Array(capacity),
    learningRate: new Float64Array(capacity),
    gradNorm: new Float64Array(capacity),
    tokensPerSecond: new Float64Array(capacity),
    memoryBytes: new Float64Array(capacity),
    modelFlopsUtilization: new Float64Array(capacity),
  };
}

/** How far a reader has read: rows of each stage, valid for one epoch only. */
export interface SeriesCursor {
  readonly epoch: number;
  readonly rows: ReadonlyMap<StageName, number>;
}

/** All metrics of a run. */
export class RunSeries {
  /** Rises when rows already handed out were withdrawn; readers must then begin anew. */
  epoch = 0;
  private readonly stages = new Map<StageName, StageColumns>();

  /** Takes metric events, in order; others change nothing. */
  add(event: RunEvent): void {
    if (event.kind !== "metric" || event.stage === null) return;
    let stage = this.stages.get(event.stage);
    if (stage === undefined) {
      stage = new StageColumns();
      this.stages.set(event.stage, stage);
    }
    if (stage.rewind(event.step)) this.epoch += 1;
    stage.add(event);
  }

  /** Everything, in the order of the stages. */
  all(): MetricSeries[] {
    return this.stageOrder().map(([name, stage]) => stage.slice(name, 0));
  }

  cursor(): SeriesCursor {
    return { epoch: this.epoch, rows: new Map(this.stageOrder().map(([name, stage]) => [name, stage.length])) };
  }

  /** What came after `cursor`, or null where its epoch is over. */
  since(cursor: SeriesCursor): MetricSeries[] | null {
    if (cursor.epoch !== this.epoch) return null;
    return this.stageOrder()
      .map(([name, stage]) => stage.slice(name, cursor.rows.get(name) ?? 0))
      .filter((series) => series.step.length > 0);
  }

  private stageOrder(): [StageName, StageColumns][] {
    return stageNames.flatMap((name): [StageName, StageColumns][] => {
      const stage = this.stages.get(name);
      return stage === undefined ? [] : [[name, stage]];
    });
  }
}
