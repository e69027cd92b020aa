/** An evaluation with several benchmarks and models, from the command line: the embedded model, one with a wider window, and servers. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/environment/locations.js";
import { resultsSchema, type Results } from "../../src/protocol/results.js";
import { runPaths } from "../../src/runner/runDirectory.js";
import { cli, stateOf, workerPython } from "./support/cli.js";

let python: string;
let folder: string;
let server: Server;
let url: string;
/** How many requests the server will answer with nothing of use. */
let broken = 0;
/** Prompts that the server was sent. */
const sent: string[] = [];

beforeAll(async () => {
  python = await workerPython();
  folder = await mkdtemp(join(tmpdir(), "longrecipe-e2e-evaluate-"));
  const embedded = join(packageRoot(), "examples", "embedded");
  for (const name of ["model", "heldout"]) await cp(join(embedded, name), join(folder, name), { recursive: true });
  await cp(join(embedded, "model"), join(folder, "wide"), { recursive: true });
  const config = JSON.parse(await readFile(join(folder, "wide", "config.json"), "utf8")) as Record<string, unknown>;
  await writeFile(join(folder, "wide", "config.json"), JSON.stringify({ ...config, max_position_embeddings: 1_024 }));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      const prompt = String((JSON.parse(body) as { prompt: unknown }).prompt);
      if (broken > 0 && broken-- > 0) {
        response.setHeader("content-type", "application/json").end('{"choices":[]}');
        return;
      }
      sent.push(prompt);
      // It knows the pass key, and nothing else.
      const text = ` ${/The pass key is (\d+)\./u.exec(prompt)?.[1] ?? "nothing"}.`;
      response.setHeader("content-type", "application/json").end(JSON.stringify({ choices: [{ text, finish_reason: "stop" }] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeRecipe(name: string, evaluation: object): Promise<string> {
  const file = join(folder, `${name}.longrecipe.json`);
  const recipe = { model: "model", targetLength: 1_024, corpus: { include: ["heldout"] }, device: "cpu", evaluation };
  await writeFile(file, JSON.stringify(recipe));
  return file;
}

async function resultsOf(run: string): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(runPaths(run).results, "utf8")));
}

const needle = { kinds: ["passkey"], lengths: [192], depths: [0, 1], trials: 2 };

describe("evaluate", () => {
  it("asks a model, a further one and a server RULER and pass keys, and tells what is beyond a window", async () => {
    const recipe = await writeRecipe("several", {
      needle,
      perplexity: { enabled: false },
      ruler: { enabled: true, tasks: ["niah_single_1"], lengths: [512], samples: 2 },
      models: [
        { name: "wide", path: "wide" },
        { name: "served", server: { url, model: "m" } },
      ],
    });
    const run = join(folder, "several");
    const { code, out, err } = await cli("evaluate", join(folder, "model"), "--recipe", recipe, "--run", run, "--python", python);
    expect(code, err + out).toBe(0);
    const { rows, missing } = await resultsOf(run);
    const count = (model: string, task: string) => rows.filter((row) => row.model === model && row.task === task).length;
    expect(["model", "wide", "served"].map((model) => count(model, "needle-passkey"))).toEqual([4, 4, 4]);
    expect(["model", "wide", "served"].map((model) => count(model, "ruler/niah_single_1"))).toEqual([0, 2, 2]);
    expect(missing).toEqual([
      {
        model: "model",
        task: "ruler/niah_single_1",
        length: 512,
        count: 2,
        reason: expect.stringContaining("window of 256 tokens") as string,
      },
    ]);
    expect(rows.filter(({ model, task }) => model === "served" && task === "needle-passkey").every(({ score }) => score === 1)).toBe(true);
    expect(new Set(sent).size).toBe(6);
    for (const table of ["needle-passkey, found in % by length", "RULER, mean of 1 tasks", "Missing"]) expect(out).toContain(table);
    expect(out).toMatch(/served +100\.0/u);
  });

  it("asks a server alone; one that is not there fails the run, which goes on when it is back", async () => {
    const recipe = await writeRecipe("alone", { needle, perplexity: { enabled: false } });
    const run = join(folder, "alone");
    const asked = ["evaluate", "--model", "m", "--recipe", recipe, "--run", run, "--python", python];
    const nobody = await cli(...asked, "--server", "http://127.0.0.1:9/v1");
    expect(nobody.code).toBe(2);
    expect(nobody.err + nobody.out).toContain("cannot be reached");
    expect(await stateOf(run)).toMatchObject({ status: "failed", error: { code: "server-unreachable" } });
    expect((await resultsOf(run)).missing).toMatchObject([{ model: "m", task: "needle-passkey", count: 4 }]);
    const { code, out, err } = await cli(...asked, "--server", url);
    expect(code, err + out).toBe(0);
    expect((await resultsOf(run)).rows.map(({ model, score }) => `${model} ${score}`)).toEqual(Array(4).fill("m 1"));
  });

  it("resumes an evaluation as an evaluation, and asks a server again only what it owes", async () => {
    const models = [{ name: "served", server: { url, model: "m", retries: 0, concurrency: 1 } }];
    const recipe = await writeRecipe("owing", { needle, perplexity: { enabled: false }, ownModels: false, models });
    const run = join(folder, "owing");
    broken = 2;
    const first = await cli("evaluate", join(folder, "model"), "--recipe", recipe, "--run", run, "--python", python);
    expect(first.code, first.err + first.out).toBe(0);
    expect((await resultsOf(run)).missing).toMatchObject([{ model: "served", task: "needle-passkey", count: 2 }]);
    expect(first.out).toContain("*");
    const before = sent.length;
    const again = await cli("resume", run, "--python", python);
    expect(again.code, again.err + again.out).toBe(0);
    expect(sent.length - before).toBe(2);
    const { rows, missing } = await resultsOf(run);
    expect(rows.map(({ score }) => score)).toEqual([1, 1, 1, 1]);
    expect(missing).toBeUndefined();
    expect(await readdir(join(run, "stages"))).not.toContain("01-prepare");
    const once = await cli("evaluate", run, "--python", python);
    expect(once.code, once.err + once.out).toBe(0);
    expect(sent.length - before).toBe(2);
  });
});
