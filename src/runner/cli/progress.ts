/** Shows a run while it goes on: a bar on a terminal, plain lines elsewhere, JSON lines for programs. */
import process from "node:process";
import { Presets, SingleBar } from "cli-progress";
import type { RunEvent } from "../../protocol/events.js";
import { stageNames, type StageName } from "../../protocol/stages.js";
import { formatCount, formatDuration, RateMeter } from "./rate.js";

export interface RunDisplay {
  show(event: RunEvent): void;
  /** Ends whatever is half drawn. */
  close(): void;
}

/** @param json one JSON object a line instead, the events as they are in events.jsonl */
export function runDisplay(json: boolean): RunDisplay {
  if (json) return { show: (event) => process.stdout.write(`${JSON.stringify(event)}\n`), close: () => undefined };
  return process.stderr.isTTY ? new BarDisplay() : new LineDisplay((line) => console.log(line));
}

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly text: string;
}

/** The state of the current stage, the same for both displays. */
class StageMeter {
  private meter = new RateMeter();
  private stage: StageName | null = null;

  /** @returns progress with rate and time left, or null when the event tells none. */
  take(event: RunEvent): Progress | null {
    if (event.stage !== this.stage) {
      this.stage = event.stage;
      this.meter = new RateMeter();
    }
    if (event.kind === "metric") {
      const loss = event.values.loss === undefined ? "" : `, loss ${event.values.loss.toFixed(3)}`;
      return this.progress(event.time, event.step, event.totalSteps, "steps", loss);
    }
    if (event.kind !== "progress") return null;
    return this.progress(event.time, event.done, event.total, event.unit, event.label === undefined ? "" : `, ${event.label}`);
  }

  private progress(time: number, done: number, total: number, unit: string, more: string): Progress {
    this.meter.add(time, done);
    const rate = this.meter.rate();
    const left = this.meter.secondsLeft(total);
    const speed = rate === null ? "" : `, ${formatCount(rate)} ${unit}/s`;
    const eta = left === null ? "" : `, ${formatDuration(left)} left`;
    return { done, total, text: `${formatCount(done)}/${formatCount(total)} ${unit}${speed}${eta}${more}` };
  }
}

class BarDisplay implements RunDisplay {
  private readonly meter = new StageMeter();
  private readonly lines = new LineDisplay((line) => this.print(line), false);
  private bar: SingleBar | null = null;

  show(event: RunEvent): void {
    const progress = this.meter.take(event);
    if (!progress || progress.total <= 0) {
      this.lines.show(event);
      return;
    }
    if (!this.bar) {
      const format = "{stage} {bar} {percentage}% | {text}";
      this.bar = new SingleBar(
        { format, barsize: 24, hideCursor: true, stream: process.stderr, clearOnComplete: true },
        Presets.shades_classic,
      );
      this.bar.start(progress.total, 0, { stage: event.stage ?? "models", text: "" });
    }
    this.bar.setTotal(progress.total);
    this.bar.update(Math.min(progress.done, progress.total), { stage: event.stage ?? "models", text: progress.text });
  }

  close(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private print(line: string): void {
    this.close();
    console.error(line);
  }
}

/** One line for everything that matters; of progress, one now and then. */
export class LineDisplay implements RunDisplay {
  private readonly meter = new StageMeter();
  private lastProgress = 0;

  /** @param progressEvery milliseconds between lines of progress; false for none */
  constructor(
    private readonly print: (line: string) => void,
    private readonly progressEvery: number | false = 10_000,
  ) {}

  show(event: RunEvent): void {
    const progress = this.meter.take(event);
    if (progress) {
      if (this.progressEvery === false || event.time - this.lastProgress < this.progressEvery) return;
      this.lastProgress = event.time;
      this.print(`  ${event.stage ?? "models"}: ${progress.text}`);
      return;
    }
    const line = describe(event);
    if (line !== null) this.print(line);
  }

  close(): void {
    this.lastProgress = 0;
  }
}

/** An event as a line for people; null for those that would only be noise. Errors are told by the command itself. */
function describe(event: RunEvent): string | null {
  switch (event.kind) {
    case "run":
      return event.status === "started" || event.status === "resumed" ? null : `The run ${ends[event.status]}.`;
    case "stage": {
      const place =
        event.stage === null ? "" : `[${String(stageNames.indexOf(event.stage) + 1)}/${String(stageNames.length)}] ${event.stage}`;
      const took = event.status === "completed" && event.seconds !== undefined ? ` in ${formatDuration(event.seconds)}` : "";
      return `${place} ${event.status}${took}${event.detail === undefined ? "" : `: ${event.detail}`}`;
    }
    case "device":
      return `  computing on ${event.name} (${event.device}, ${event.precision})`;
    case "checkpoint":
      return null;
    case "log":
      return event.level === "debug" ? null : `  ${event.level === "info" ? "" : `${event.level}: `}${event.message}`;
    case "result":
      return `  ${event.name}: ${event.path}`;
    case "diagnosis":
      return `  ${event.title}: ${event.evidence} ${event.cause} (${event.setting})`;
    default:
      return null;
  }
}

const ends = { paused: "is paused", stopped: "was stopped", failed: "failed", completed: "is complete" } as const;
