/** The real process on the shipped pair: answers, is cancelled, dies, and starts again. */
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/environment/locations.js";
import type { UserError } from "../../../src/protocol/errors.js";
import type { ScoredPart, ScoreRequest } from "../../../src/protocol/tokenScores.js";
import { createScorer, type Scorer, type ScorerOptions } from "../../../src/scorer/client.js";

const root = packageRoot();
const pair = join(root, "examples", "embedded", "scorer");
// Inside the repository: ONNX Runtime is found from there.
const folder = join(root, "test-results", `scorer-${process.pid}`);
const program = join(folder, "scorer.js");
let text = "";
const open: Scorer[] = [];

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [join(root, "src", "scorer", "main.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["onnxruntime-node"],
  });
  const files = ["0001.txt", "0002.txt", "0003.txt", "0004.txt"];
  const texts = await Promise.all(files.map((file) => readFile(join(root, "examples", "embedded", "heldout", file), "utf8")));
  text = texts.join("\n");
}, 60_000);
afterAll(async () => {
  for (const scorer of open) scorer.dispose();
  await rm(folder, { recursive: true, force: true });
});

function scorer(options: Partial<ScorerOptions> = {}): Scorer & { readonly told: UserError[]; readonly lines: string[] } {
  const told: UserError[] = [];
  const lines: string[] = [];
  const made = createScorer({
    program,
    pair: () => pair,
    log: (_level, message) => void lines.push(message),
    onCrash: (error) => void told.push(error),
    restartMilliseconds: 20,
    ...options,
  });
  open.push(made);
  return Object.assign(Object.create(made) as Scorer, { told, lines });
}

async function all(parts: AsyncIterable<ScoredPart>): Promise<ScoredPart[]> {
  const found: ScoredPart[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

const request = (start = 0, of = text): ScoreRequest => ({ text: of, visible: { start, end: start + 800 } });
const never = new AbortController().signal;

describe("the scorer's process", { timeout: 60_000 }, () => {
  it("scores what is in view first, then the rest, once", async () => {
    const live = scorer();
    const middle = Math.floor(text.length / 2);
    const parts = await all(live.score(request(middle), never));
    expect(parts.length).toBeGreaterThan(4);
    const [first] = parts;
    expect(first!.start <= middle && first!.end > middle).toBe(true);
    const inOrder = [...parts].sort((a, b) => a.start - b.start);
    let at = 0;
    for (const { start, end, tokens } of inOrder) {
      expect(start).toBe(at);
      at = end;
      expect(Math.min(...tokens.starts)).toBeGreaterThanOrEqual(start);
      expect(Math.max(...tokens.ends)).toBeLessThanOrEqual(end);
      expect([...tokens.score].filter(Number.isNaN).length).toBe(start === 0 ? 1 : 0);
      expect(tokens.base.every((value) => Number.isNaN(value) || value <= 0)).toBe(true);
    }
    expect(at).toBe(text.length);
    // The same text again asks nobody: the process is gone, and none is started.
    const { pid } = live;
    process.kill(pid!, "SIGKILL");
    await expect.poll(() => live.pid).toBeUndefined();
    expect((await all(live.score(request(), never))).length).toBe(parts.length);
    expect(live.pid).toBeUndefined();
  });

  it("stops at once when the signal aborts, and goes on with the next request", async () => {
    const live = scorer();
    const controller = new AbortController();
    let parts = 0;
    for await (const part of live.score(request(), controller.signal)) {
      parts += part.start < part.end ? 1 : 0;
      controller.abort();
    }
    expect(parts).toBe(1);
    expect((await all(live.score(request(0, text.slice(0, 3000)), never))).length).toBeGreaterThan(0);
    expect(live.told).toEqual([]);
  });

  it("tells of its death once, and starts again with the next request", async () => {
    const live = scorer();
    const dying = [1, 2].map(async (number) => {
      for await (const part of live.score(request(0, `${text}${number}`), never)) {
        if (part.end > 0 && live.pid !== undefined) process.kill(live.pid, "SIGKILL");
      }
    });
    const ends = await Promise.allSettled(dying);
    expect(ends.map((end) => (end.status === "rejected" ? (end.reason as UserError).code : "done"))).toEqual([
      "scorer-crashed",
      "scorer-crashed",
    ]);
    expect(live.told.map(({ code }) => code)).toEqual(["scorer-crashed"]);
    expect((await all(live.score(request(0, text.slice(0, 2000)), never))).length).toBeGreaterThan(0);
    expect(live.told.length).toBe(1);
  });

  it("does not tell again while it dies over and over, and pauses longer each time", async () => {
    const broken = join(folder, "broken.js");
    await writeFile(broken, 'console.error("no such library"); process.exit(3);');
    const live = scorer({ program: broken });
    for (let time = 0; time < 3; time++) await expect(all(live.score(request(), never))).rejects.toThrow("no such library");
    expect(live.told.length).toBe(1);
    const started = Date.now();
    await expect(all(live.score(request(), never))).rejects.toThrow("code 3");
    // 20, 40, 80 milliseconds.
    expect(Date.now() - started).toBeGreaterThanOrEqual(75);
  });

  it("ends when it is idle", async () => {
    const live = scorer({ idleMilliseconds: 50 });
    await all(live.score(request(0, text.slice(0, 500)), never));
    expect(live.pid).toBeDefined();
    await expect.poll(() => live.pid).toBeUndefined();
    expect(live.told).toEqual([]);
  });

  it("names a folder that holds no pair, and models that cannot be loaded", async () => {
    await expect(all(scorer({ pair: () => folder }).score(request(), never))).rejects.toMatchObject({ code: "scorer-pair" });
    const damaged = join(folder, "pair");
    await mkdir(damaged);
    for (const file of ["scorer.json", "tokenizer.json", "tokenizer_config.json"]) {
      await writeFile(join(damaged, file), await readFile(join(pair, file)));
    }
    await writeFile(join(damaged, "base.onnx"), "no model");
    const live = scorer({ pair: () => damaged });
    await expect(all(live.score(request(), never))).rejects.toMatchObject({ code: "scorer-models" });
    expect(live.told).toEqual([]);
  });
});
