import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventLog } from "../../../src/runner/eventLog.js";
import { runEventTail } from "../../../src/runner/eventTail.js";
import { temporaryFolder } from "./support.js";

const note = (message: string) => ({ kind: "log", level: "info", message }) as const;

describe("event log", () => {
  it("numbers events from 0 and goes on after a restart", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    for (const message of ["first", "second"]) {
      const log = EventLog.open(file);
      log.append(note(message), "prepare", 5);
      log.close();
    }
    const events = await runEventTail(file).read();
    expect(events).toMatchObject([
      { seq: 0, time: 5, stage: "prepare", message: "first" },
      { seq: 1, time: 5, stage: "prepare", message: "second" },
    ]);
  });

  it("takes away a torn last line before it writes", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    const log = EventLog.open(file);
    log.append(note("whole"), null);
    log.close();
    await appendFile(file, '{"seq":1,"time":3,"sta');
    const again = EventLog.open(file);
    again.append(note("after"), null);
    again.close();
    const lines = (await readFile(file, "utf8")).trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1]!)).toMatchObject({ seq: 1, message: "after" });
  });

  it("takes away a torn line longer than one block", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    await writeFile(file, "x".repeat(200_000));
    const log = EventLog.open(file);
    expect(log.append(note("only"), null).seq).toBe(0);
    log.close();
    expect((await readFile(file, "utf8")).startsWith('{"seq":0')).toBe(true);
  });

  it("finds the last number behind long and damaged lines", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    await writeFile(file, `${JSON.stringify({ seq: 41, time: 1, stage: null, ...note("y".repeat(300_000)) })}\nnot an event\n`);
    const log = EventLog.open(file);
    expect(log.append(note("next"), null).seq).toBe(42);
    log.close();
  });

  it("tells each event once it is written", async () => {
    const seen: number[] = [];
    const log = EventLog.open(join(await temporaryFolder(), "events.jsonl"), (event) => seen.push(event.seq));
    log.append(note("a"), null);
    log.append(note("b"), null);
    log.close();
    expect(seen).toEqual([0, 1]);
  });

  it("cut anywhere, it goes on with whole lines and rising numbers", async () => {
    const folder = await temporaryFolder();
    let trial = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (messages, share) => {
          const file = join(folder, `${String(trial++)}.jsonl`);
          const log = EventLog.open(file);
          for (const message of messages) log.append(note(message), null);
          log.close();
          const bytes = await readFile(file);
          await writeFile(file, bytes.subarray(0, Math.floor(share * bytes.length)));
          const kept = (await runEventTail(file).read()).length;
          const again = EventLog.open(file);
          again.append(note("end"), null);
          again.close();
          const tail = runEventTail(file);
          const events = await tail.read();
          expect(events.map((event) => event.seq)).toEqual(Array.from({ length: kept + 1 }, (_, i) => i));
          expect(tail.malformed).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
