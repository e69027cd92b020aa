/** From a recipe to a merged checkpoint, with the built command line and the real worker. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/environment/locations.js";
import { resultsSchema } from "../../src/protocol/results.js";
import { stageNames } from "../../src/protocol/stages.js";
import { findRuns, runPaths } from "../../src/runner/runDirectory.js";
import { cli, eventsOf, makeWorkspace, startProgram, stateOf, weightsHash, workerPython, writeRecipe } from "./support/cli.js";

const evaluation = {
  needle: { enabled: true, lengths: [160, 256], depths: [0, 1], trials: 2, distractors: 1 },
  perplexity: { enabled: true, documents: 2 },
};
const replay = { enabled: true, corpus: { include: ["corpus"] }, samples: 8, batchSize: 4 };

let python: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let run: string;

beforeAll(async () => {
  python = await workerPython();
  workspace = await makeWorkspace(python);
});
afterAll(() => workspace.remove());

describe("extend", () => {
  it("goes through every stage to a checkpoint that transformers loads and generates from", async () => {
    const recipe = await writeRecipe(workspace.folder, "whole", {
      replay,
      evaluation,
      training: { steps: 6, validation: { maxShare: 1 } },
    });
    const { code, out, err } = await cli("extend", recipe, "--python", python);
    expect(code, err + out).toBe(0);
    const [found] = await findRuns(workspace.folder);
    run = found!.directory;
    expect(run).toMatch(/\.longrecipe[\\/]runs[\\/]whole-\d{8}-\d{6}$/);
    for (const stage of stageNames.filter((name) => name !== "export")) expect(out).toContain(`${stage} completed`);

    const state = await stateOf(run);
    expect(state).toMatchObject({ status: "completed", fraction: 1, error: null });
    expect(state.results["merged"]).toBe(runPaths(run).merged);
    const script = join(packageRoot(), "test", "e2e", "support", "check_model.py");
    const checked = await startProgram(python, [script, runPaths(run).merged]).ended;
    expect(checked.code, checked.err).toBe(0);
    const facts: unknown = JSON.parse(checked.out);
    expect(facts).toMatchObject({ architecture: "LlamaForCausalLM", window: 256, newTokens: 4, finite: true });
    const { theta, promptTokens } = facts as { theta: number; promptTokens: number };
    expect(theta).toBeGreaterThan(10_000);
    expect(promptTokens).toBeGreaterThan(64);
  });

  it("leaves one file of results, from which the report was made", async () => {
    const results = resultsSchema.parse(JSON.parse(await readFile(runPaths(run).results, "utf8")));
    expect(new Set(results.rows.map(({ model }) => model))).toEqual(new Set(["base", "rope", "extended", "merged"]));
    expect(results.rows.filter(({ task, model }) => task === "needle" && model === "merged")).toHaveLength(2 * 2 * 2);
    expect(await readFile(runPaths(run).reportMarkdown, "utf8")).toContain("merged");
    expect(await readFile(runPaths(run).reportHtml, "utf8")).toContain("<html");
  });

  it("measures held-out text while it trains", async () => {
    const { validations } = await stateOf(run);
    expect(validations.map(({ stage, step }) => `${String(stage)} ${step}`)).toEqual([
      "extend 0",
      "extend 5",
      "extend 6",
      "replay 0",
      "replay 2",
    ]);
    for (const { perplexity, needles } of validations) {
      expect(perplexity.inside).toBeGreaterThan(1);
      expect(perplexity.beyond).toBeGreaterThan(1);
      expect(needles.length).toBeGreaterThan(0);
    }
  });

  it("numbers its events without a gap, and times every stage", async () => {
    const events = await eventsOf(run);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    const done = (await stateOf(run)).stages.filter(({ status }) => status !== "skipped");
    expect(done).toHaveLength(stageNames.length - 1);
    expect(done.every(({ seconds }) => seconds !== null && seconds > 0)).toBe(true);
  });

  it("a changed evaluation trains nothing again", async () => {
    const recipe = await writeRecipe(workspace.folder, "whole", {
      replay,
      training: { steps: 6 },
      evaluation: { ...evaluation, perplexity: { enabled: false }, ropeOnly: false },
    });
    const weights = await weightsHash(runPaths(run).merged);
    const { code, out, err } = await cli("evaluate", run, "--recipe", recipe, "--json");
    expect(code, err + out).toBe(0);
    const state = await stateOf(run);
    expect(state.stages.map(({ status }) => status)).toEqual([...Array<string>(7).fill("cached"), "completed", "skipped"]);
    expect(await weightsHash(runPaths(run).merged)).toBe(weights);
    const results = resultsSchema.parse(JSON.parse(await readFile(runPaths(run).results, "utf8")));
    expect(new Set(results.rows.map(({ task }) => task))).toEqual(new Set(["needle"]));
  });

  it("evaluates any model by a recipe", async () => {
    const recipe = await writeRecipe(workspace.folder, "alone", {
      evaluation: { needle: { ...evaluation.needle, lengths: [160] }, perplexity: { enabled: false } },
    });
    const { code, out, err } = await cli("evaluate", runPaths(run).merged, "--recipe", recipe, "--python", python);
    expect(code, err + out).toBe(0);
    const [latest] = await findRuns(workspace.folder);
    const results = resultsSchema.parse(JSON.parse(await readFile(runPaths(latest!.directory).results, "utf8")));
    expect(results.rows.length).toBeGreaterThan(0);
    await rm(latest!.directory, { recursive: true });
  });

  it("status, runs and doctor tell what there is", async () => {
    expect((await cli("status", run)).out).toContain("completed");
    expect((await cli("runs", workspace.folder)).out).toContain(run);
    const doctor = await cli("doctor", "--json", "--python", python);
    expect(JSON.parse(doctor.out)).toMatchObject({ interpreter: python, origin: "explicit" });
  });
});
