/** Reads a JSON Lines file that somebody else is still writing: only what is new, only whole lines. */
import { open, type FileHandle } from "node:fs/promises";
import type * as z from "zod";
import { runEventSchema, workerEventSchema, type RunEvent, type WorkerEvent } from "../protocol/events.js";

const newline = 0x0a;
const block = 1 << 20;

/** An incremental reader. It keeps a byte offset; a torn last line is left for the next time. */
export class EventTail<T> {
  private position = 0;
  private bad = 0;
  private last: unknown = null;

  constructor(
    readonly file: string,
    private readonly schema: z.ZodType<T>,
  ) {}

  /** Byte offset up to which everything was read. */
  get offset(): number {
    return this.position;
  }

  /** Lines so far that were not events; they are skipped. */
  get malformed(): number {
    return this.bad;
  }

  /** The last line that was not an event, for a message. */
  get lastMalformed(): unknown {
    return this.last;
  }

  /**
   * @returns the events that were added since the last call; none when the file is not there yet.
   * A file that became shorter than what was read is another file: it is read from its start.
   */
  async read(): Promise<T[]> {
    let handle: FileHandle;
    try {
      handle = await open(this.file, "r");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
    try {
      return await this.readFrom(handle);
    } finally {
      await handle.close();
    }
  }

  private async readFrom(handle: FileHandle): Promise<T[]> {
    const { size } = await handle.stat();
    if (size < this.position) this.position = 0;
    const events: T[] = [];
    let pending: Buffer[] = [];
    for (let at = this.position; at < size;) {
      const buffer = Buffer.alloc(Math.min(block, size - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const chunk = buffer.subarray(0, bytesRead);
      const end = chunk.lastIndexOf(newline);
      if (end < 0) {
        pending.push(chunk);
        continue;
      }
      const whole = Buffer.concat([...pending, chunk.subarray(0, end)]);
      pending = [chunk.subarray(end + 1)];
      this.position += whole.length + 1;
      for (const line of whole.toString("utf8").split("\n")) this.take(line, events);
    }
    return events;
  }

  private take(line: string, events: T[]): void {
    if (line.trim() === "") return;
    const parsed = this.schema.safeParse(parseJson(line));
    if (parsed.success) {
      events.push(parsed.data);
    } else {
      this.bad += 1;
      this.last = line.slice(0, 200);
    }
  }
}

/** undefined, which no event schema takes, stands for what is not JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A reader of a run's events.jsonl. */
export function runEventTail(file: string): EventTail<RunEvent> {
  return new EventTail(file, runEventSchema);
}

/** A reader of the file a worker writes. */
export function workerEventTail(file: string): EventTail<WorkerEvent> {
  return new EventTail(file, workerEventSchema);
}
