/** The sole writer of a run's events.jsonl. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { runEventSchema, type EventPayload, type RunEvent } from "../protocol/events.js";
import type { StageName } from "../protocol/stages.js";

const newline = 0x0a;
const block = 1 << 16;

/** Appends whole lines; numbers them on from what is there; mends the end of a file whose writer was killed. */
export class EventLog {
  private constructor(
    private readonly descriptor: number,
    private nextSeq: number,
    private readonly onEvent: (event: RunEvent) => void,
  ) {}

  /**
   * @param onEvent told of every event once it is written.
   * @returns a log that goes on after the last whole line of `file`.
   */
  static open(file: string, onEvent: (event: RunEvent) => void = () => undefined): EventLog {
    const descriptor = openSync(file, "a+");
    cutTornLine(descriptor);
    return new EventLog(descriptor, lastSeq(descriptor) + 1, onEvent);
  }

  /** Adds one event; `time` is now unless the worker said when. */
  append(payload: EventPayload, stage: StageName | null, time = Date.now()): RunEvent {
    const event: RunEvent = { seq: this.nextSeq, time, stage, ...payload };
    this.write(Buffer.from(`${JSON.stringify(event)}\n`));
    this.nextSeq += 1;
    this.onEvent(event);
    return event;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private write(line: Buffer): void {
    const before = fstatSync(this.descriptor).size;
    try {
      let written = 0;
      // A full disk can take part of a line before it refuses.
      while (written < line.length) written += writeSync(this.descriptor, line, written);
    } catch (error) {
      ftruncateSync(this.descriptor, before);
      throw error;
    }
  }
}

/** Takes away what stands after the last newline: the line that a killed writer did not finish. */
function cutTornLine(descriptor: number): void {
  const size = fstatSync(descriptor).size;
  const buffer = Buffer.alloc(block);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - block);
    const count = readSync(descriptor, buffer, 0, end - start, start);
    const at = buffer.subarray(0, count).lastIndexOf(newline);
    if (at >= 0 || start === 0) {
      const whole = at >= 0 ? start + at + 1 : 0;
      if (whole < size) ftruncateSync(descriptor, whole);
      return;
    }
    end = start;
  }
}

/** The number of the last event, -1 in an empty file. Reads backwards until a valid line is found. */
function lastSeq(descriptor: number): number {
  const size = fstatSync(descriptor).size;
  for (let length = Math.min(size, block); length > 0; length = Math.min(size, length * 4)) {
    const buffer = Buffer.alloc(length);
    readSync(descriptor, buffer, 0, length, size - length);
    const seq = lastSeqIn(buffer.toString("utf8"));
    if (seq !== null || length === size) return seq ?? -1;
  }
  return -1;
}

function lastSeqIn(text: string): number | null {
  for (const line of text.split("\n").reverse()) {
    const event = parseLine(line);
    if (event) return event.seq;
  }
  return null;
}

function parseLine(line: string): RunEvent | null {
  if (line === "") return null;
  try {
    return runEventSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    // Not JSON: the first line of the piece that was read may be cut, and damaged lines are skipped by all readers.
    return null;
  }
}
