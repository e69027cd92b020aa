/** What the runner makes of a training worker's events: utilization of the device, validation, and what the summary says. */
import type { EventPayload, Measurement } from "../../protocol/events.js";
import { validationEvent, type AskedPrompt } from "../../evaluation/validation.js";
import { devicePeak } from "../../recipe/devicePeaks.js";
import type { WorkerPayload } from "../workerEvents.js";

export interface WatchOptions {
  /** Operations of the model for one trained token. */
  readonly flopsPerToken: number;
  readonly asked: readonly AskedPrompt[];
  /** W. */
  readonly window: number;
}

/** Watches one training job; `translate` is for `runJob`. */
export class TrainingWatch {
  /** By step; one that was measured again counts once. */
  readonly measurements = new Map<number, Measurement>();
  /** Loss by step. */
  readonly losses = new Map<number, number>();
  /** Peak memory in bytes, and the median rate; null until reported. */
  peakMemoryBytes: number | null = null;
  private readonly rates: number[] = [];
  private peak: number | null = null;

  constructor(private readonly options: WatchOptions) {}

  /** Tokens a second, median over the reported steps; null where none was reported. */
  get tokensPerSecond(): number | null {
    const sorted = [...this.rates].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }

  readonly translate = (event: WorkerPayload): EventPayload | null => {
    switch (event.kind) {
      case "device":
        this.peak = event.device === "cuda" ? devicePeak(event.name, event.precision === "bfloat16" ? "bfloat16" : "float32") : null;
        return event;
      case "metric":
        return this.metric(event);
      case "measurement":
        this.measurements.set(event.step, event);
        return validationEvent(event, this.options.asked, this.options.window);
      default:
        return event;
    }
  };

  private metric(event: Extract<WorkerPayload, { kind: "metric" }>): EventPayload {
    const { loss, memoryBytes, tokensPerSecond } = event.values;
    if (loss !== undefined) this.losses.set(event.step, loss);
    if (memoryBytes !== undefined) this.peakMemoryBytes = Math.max(memoryBytes, this.peakMemoryBytes ?? 0);
    if (tokensPerSecond === undefined) return event;
    this.rates.push(tokensPerSecond);
    if (this.peak === null) return event;
    const modelFlopsUtilization = (tokensPerSecond * this.options.flopsPerToken) / this.peak;
    return { ...event, values: { ...event.values, modelFlopsUtilization } };
  }
}
