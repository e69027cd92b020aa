/** Passes a worker's events on to the run's history as they come. */
import type { EventPayload, RunEvent, WorkerEvent } from "../protocol/events.js";
import type { StageName } from "../protocol/stages.js";
import { canonicalJson } from "./cacheKey.js";
import { workerEventTail, type EventTail } from "./eventTail.js";

/** What a worker's event says, its time apart. */
export type WorkerPayload = WorkerEvent extends infer E ? (E extends unknown ? Omit<E, "time"> : never) : never;

/**
 * What the run's history says in place of a worker's event; null: nothing. Called for every event of the job, those of
 * earlier starts too, in order.
 */
export type TranslateEvent = (event: WorkerPayload) => EventPayload | null;

/** Events as they are. A measurement has no form of its own in a history: whoever asks for one translates it. */
export const asItIs: TranslateEvent = (event) => {
  if (event.kind === "measurement") throw new Error("a measurement that nobody asked for");
  return event;
};

/** Reads the worker's event file and hands each new event on, once. */
export class WorkerEventForwarder {
  private readonly tail: EventTail<WorkerEvent>;
  private lastError: Extract<EventPayload, { kind: "error" }> | null = null;

  /**
   * @param seen tells events that were passed on before, by a runner that was killed, say. What its worker wrote after them is passed on first.
   */
  constructor(
    file: string,
    private readonly seen: (event: EventPayload, time: number) => boolean,
    private readonly emit: (event: EventPayload, time: number) => void,
    private readonly translate: TranslateEvent = asItIs,
  ) {
    this.tail = workerEventTail(file);
  }

  /** The last error the worker told of. It is not passed on: the pipeline tells it once, with its consequences. */
  get error(): { code: string; message: string; remedy: string } | null {
    return this.lastError;
  }

  /** Passes on what is new. */
  async forward(): Promise<void> {
    for (const { time, ...event } of await this.tail.read()) {
      const payload = this.translate(event);
      if (payload === null || this.seen(payload, time)) continue;
      if (payload.kind === "error") this.lastError = payload;
      else this.emit(payload, time);
    }
  }

  /** Says so when lines could not be understood. */
  finish(): void {
    if (this.tail.malformed === 0) return;
    const message = `${String(this.tail.malformed)} lines in ${this.tail.file} are not events and were left out; the last: ${String(this.tail.lastMalformed)}`;
    this.emit({ kind: "log", level: "warning", message }, Date.now());
  }
}

/**
 * Which worker events a run's history already holds, by stage: all up to the time of the stage's last one,
 * and of those at that very time the ones that are there.
 */
export class SeenEvents {
  private readonly last = new Map<StageName, { time: number; events: Set<string> }>();

  constructor(history: Iterable<RunEvent>) {
    for (const event of history) {
      const { stage, time } = event;
      if (stage === null || event.kind === "run" || event.kind === "stage") continue;
      const text = canonicalJson({ ...event, seq: undefined, stage: undefined });
      const last = this.last.get(stage);
      if (!last || time > last.time) this.last.set(stage, { time, events: new Set([text]) });
      else if (time === last.time) last.events.add(text);
    }
  }

  has(stage: StageName, event: EventPayload, time: number): boolean {
    const last = this.last.get(stage);
    if (!last) return false;
    return time < last.time || last.events.has(canonicalJson({ time, ...event }));
  }
}
