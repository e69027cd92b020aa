import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runEventTail } from "../../../src/runner/eventTail.js";
import { temporaryFolder } from "./support.js";

const line = (seq: number, message = "m") => `${JSON.stringify({ seq, time: 1, stage: null, kind: "log", level: "info", message })}\n`;

describe("event tail", () => {
  it("has nothing to say of a file that is not there yet", async () => {
    const tail = runEventTail(join(await temporaryFolder(), "none.jsonl"));
    expect(await tail.read()).toEqual([]);
  });

  it("leaves a torn last line until it is whole", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    const second = line(1);
    await writeFile(file, line(0) + second.slice(0, 20));
    const tail = runEventTail(file);
    expect((await tail.read()).map((event) => event.seq)).toEqual([0]);
    expect(await tail.read()).toEqual([]);
    await appendFile(file, second.slice(20));
    expect((await tail.read()).map((event) => event.seq)).toEqual([1]);
    expect(tail.malformed).toBe(0);
  });

  it("counts and skips lines that are not events", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    await writeFile(file, `${line(0)}{"seq":1}\nnonsense\n\n${line(2)}`);
    const tail = runEventTail(file);
    expect((await tail.read()).map((event) => event.seq)).toEqual([0, 2]);
    expect(tail.malformed).toBe(2);
    expect(tail.lastMalformed).toBe("nonsense");
  });

  it("starts anew when the file became another", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    await writeFile(file, line(0) + line(1));
    const tail = runEventTail(file);
    await tail.read();
    await writeFile(file, line(7));
    expect((await tail.read()).map((event) => event.seq)).toEqual([7]);
  });

  it("reads lines longer than one block", async () => {
    const file = join(await temporaryFolder(), "events.jsonl");
    await writeFile(file, line(0, "z".repeat(2_500_000)) + line(1));
    const events = await runEventTail(file).read();
    expect(events.map((event) => event.seq)).toEqual([0, 1]);
  });

  it("reads the same events however the bytes arrive", async () => {
    const folder = await temporaryFolder();
    let trial = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 30 }),
        async (messages, cuts) => {
          const file = join(folder, `${String(trial++)}.jsonl`);
          await writeFile(file, "");
          const bytes = Buffer.from(messages.map((message, seq) => line(seq, message)).join(""));
          const tail = runEventTail(file);
          const seen = [];
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            await appendFile(file, bytes.subarray(at, at + cut));
            at = Math.min(bytes.length, at + cut);
            seen.push(...(await tail.read()));
          }
          expect(seen.map((event) => (event.kind === "log" ? event.message : null))).toEqual(messages);
          expect(tail.offset).toBe(bytes.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});
