/** The metrics of one training stage as the page keeps them: columns that grow, never rebuilt on a message. */
import type { MetricSeries } from "../../src/protocol/dashboard.js";
import type { StageName } from "../../src/protocol/stages.js";
import { GapFinder } from "./gaps.js";
import { GrowableFloats, at, lowerBound } from "./growable.js";
import { MinMaxIndex } from "./minMaxIndex.js";
import { ExponentialAverage } from "./smoothing.js";

export const metricNames = ["loss", "learningRate", "gradNorm", "tokensPerSecond", "modelFlopsUtilization", "memoryBytes"] as const;
export type MetricName = (typeof metricNames)[number];
export type AxisName = "step" | "time";

/** What a chart draws: `length` points, x ascending, broken before each index in `gaps`. */
export interface Line {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly length: number;
  readonly index: MinMaxIndex;
  readonly gaps: readonly number[];
}

interface Column {
  readonly values: GrowableFloats;
  readonly index: MinMaxIndex;
  readonly averages: Map<number, ExponentialAverage>;
}

let nextId = 0;

export class SeriesBuffer {
  readonly #step = new GrowableFloats();
  readonly #time = new GrowableFloats();
  readonly #columns: Readonly<Record<MetricName, Column>>;
  readonly #gaps = new GapFinder();
  readonly #id = nextId++;
  #changes = 0;

  constructor(readonly stage: StageName) {
    this.#columns = {
      loss: column(),
      learningRate: column(),
      gradNorm: column(),
      tokensPerSecond: column(),
      modelFlopsUtilization: column(),
      memoryBytes: column(),
    };
  }

  get length(): number {
    return this.#step.length;
  }

  /** Differs whenever what is in here differs. */
  get version(): string {
    return `${String(this.#id)}.${String(this.#changes)}`;
  }

  /** Adds points. Where steps are repeated (resumed from a checkpoint), the later run of a step takes the earlier one's place. */
  append(series: MetricSeries): void {
    this.#changes += 1;
    let start = 0;
    for (let index = 0; index < series.step.length; index++) {
      const previous = index > start ? at(series.step, index - 1) : this.#lastStep();
      if (at(series.step, index) > previous) continue;
      this.#take(series, start, index);
      this.#rewind(at(series.step, index));
      start = index;
    }
    this.#take(series, start, series.step.length);
  }

  /** The raw values of a metric over steps or over time. */
  line(metric: MetricName, axis: AxisName): Line {
    const { values, index } = this.#columns[metric];
    return this.#lineOf(values, index, axis);
  }

  /** The same, smoothed; `weight` as in {@link ExponentialAverage}. */
  smoothed(metric: MetricName, axis: AxisName, weight: number): Line {
    const { values, averages } = this.#columns[metric];
    const average = averages.get(weight) ?? new ExponentialAverage(weight);
    averages.set(weight, average);
    average.extend(values.data, values.length);
    return this.#lineOf(average.values, average.index, axis);
  }

  /** The newest value of a metric that was reported; NaN where there is none. */
  latest(metric: MetricName): number {
    const { values } = this.#columns[metric];
    for (let index = values.length - 1; index >= 0; index--) {
      if (!Number.isNaN(at(values.data, index))) return at(values.data, index);
    }
    return NaN;
  }

  /** When the first point came, in milliseconds since the epoch; NaN while there is none. */
  get firstTime(): number {
    return this.length === 0 ? NaN : at(this.#time.data, 0);
  }

  /** Steps a millisecond over the last `points` points without a pause; NaN where too few are known. */
  pace(points = 50): number {
    const last = this.length - 1;
    const from = Math.max(0, last - points, this.#gaps.indices.at(-1) ?? 0);
    if (last - from < 2) return NaN;
    return (at(this.#step.data, last) - at(this.#step.data, from)) / (at(this.#time.data, last) - at(this.#time.data, from));
  }

  #lineOf(values: GrowableFloats, index: MinMaxIndex, axis: AxisName): Line {
    const x = axis === "step" ? this.#step : this.#time;
    return { x: x.data, y: values.data, length: values.length, index, gaps: this.#gaps.indices };
  }

  #lastStep(): number {
    return this.length === 0 ? -Infinity : at(this.#step.data, this.length - 1);
  }

  #take(series: MetricSeries, from: number, to: number): void {
    if (from === to) return;
    this.#gaps.extend(series.time.subarray(from, to), this.length);
    this.#step.append(series.step.subarray(from, to));
    this.#time.append(series.time.subarray(from, to));
    for (const name of metricNames) {
      const { values, index } = this.#columns[name];
      values.append(series[name].subarray(from, to));
      index.extend(values.data, values.length);
    }
  }

  #rewind(step: number): void {
    const length = lowerBound(this.#step.data, step, 0, this.length);
    this.#step.truncate(length);
    this.#time.truncate(length);
    this.#gaps.rewind(length);
    for (const name of metricNames) {
      const { values, index, averages } = this.#columns[name];
      values.truncate(length);
      index.truncate(length);
      for (const average of averages.values()) average.reset();
    }
  }
}

function column(): Column {
  return { values: new GrowableFloats(), index: new MinMaxIndex(), averages: new Map() };
}
