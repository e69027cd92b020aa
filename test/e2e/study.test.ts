/** A study: shared stages once, a failing run that takes nothing else with it, and going on after a cut. */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { studyReportSchema, type StudyReport } from "../../src/protocol/studyResults.js";
import { stageFolder } from "../../src/protocol/stages.js";
import { runPaths } from "../../src/runner/runDirectory.js";
import { cli, eventsOf, makeWorkspace, start, until, workerPython, writeRecipe } from "./support/cli.js";

let python: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let file: string;

const study = {
  recipe: "base.longrecipe.json",
  set: { "training.validation.enabled": false },
  variants: { longrecipe: {}, pose: { "positions.strategy": "pose" }, diverging: { "training.learningRate": 1e30 } },
  trainingTokens: 3 * 16 * 48,
  seeds: [1],
  models: ["merged"],
  reference: "pose",
};

beforeAll(async () => {
  python = await workerPython();
  workspace = await makeWorkspace(python);
  await writeRecipe(workspace.folder, "base", {
    evaluation: {
      needle: { enabled: true, lengths: [160], depths: [0.5], trials: 2, distractors: 1 },
      perplexity: { enabled: true, documents: 1 },
    },
  });
  file = join(workspace.folder, "three.longstudy.json");
  await writeFile(file, JSON.stringify(study));
});
afterAll(() => workspace.remove());

function directory(): string {
  return join(workspace.folder, ".longrecipe", "studies", "three");
}

async function report(): Promise<StudyReport> {
  return studyReportSchema.parse(JSON.parse(await readFile(join(directory(), "study.json"), "utf8")));
}

/** Run directory of a row. */
function runOf({ cells }: StudyReport, row: string): string {
  return join(directory(), cells.find((cell) => cell.row === row)!.run);
}

/** The directory of the run that is begun first, once it is there. */
async function firstRun(): Promise<string> {
  const runs = join(workspace.folder, ".longrecipe", "studies", ".runs");
  for (let waited = 0; waited < 60_000; waited += 100) {
    const found = existsSync(runs) ? (await readdir(runs)).find((name) => name.startsWith("three-longrecipe")) : undefined;
    if (found !== undefined) return join(runs, found);
    await sleep(100);
  }
  throw new Error("no run was begun");
}

describe("a study", () => {
  it("is refused as a whole where one of its runs is impossible", async () => {
    const bad = join(workspace.folder, "bad.longstudy.json");
    await writeFile(bad, JSON.stringify({ ...study, variants: { good: {}, bad: { "positions.strategi": "pose" } } }));
    const { code, err } = await cli("study", bad, "--python", python);
    expect(code).toBe(2);
    expect(err).toContain("did you mean `strategy`");
    expect(existsSync(join(workspace.folder, ".longrecipe", "studies", "bad"))).toBe(false);
  });

  it("goes on after it was interrupted, and a failing run takes nothing else with it", async () => {
    const first = start("study", file, "--python", python, "--json");
    const run = await firstRun();
    await until(run, (event) => event.kind === "stage" && event.stage === "significance" && event.status === "started");
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(4);

    const { code, err } = await cli("study", file, "--python", python, "--jobs", "2");
    expect(code, err).toBe(6);
    expect(err).toMatch(/diverging, seed 1: .*diverged/su);
    const found = await report();
    expect(found.cells.map(({ row, status }) => [row, status])).toEqual([
      ["longrecipe", "done"],
      ["pose", "done"],
      ["diverging", "failed"],
    ]);
    expect(found.rows.map(({ row }) => row)).toEqual(["base", "rotary scaling alone", "longrecipe", "pose"]);
    const { estimates, differences } = found.rows.find(({ row }) => row === "longrecipe")!;
    expect(estimates["multikey@160"]).toBeDefined();
    expect(estimates["cost.trainingTokens"]!.mean).toBeGreaterThan(0.8 * study.trainingTokens);
    expect(differences["perplexity.inside"]).toBeDefined();
    expect(await readFile(join(directory(), "study.html"), "utf8")).toContain("<svg");
  });

  it("scores the corpus once, asks the base once, and drops the checkpoints of finished runs", async () => {
    const found = await report();
    const statuses = await Promise.all(
      ["longrecipe", "pose"].map(async (row) =>
        (await eventsOf(runOf(found, row))).flatMap((event) =>
          event.kind === "stage" && event.stage === "significance" && event.status !== "started" ? [event.status] : [],
        ),
      ),
    );
    expect(statuses.flat().filter((status) => status === "completed")).toHaveLength(1);
    expect((await readdir(join(directory(), "..", ".runs", ".evaluated"))).length).toBe(4);
    for (const row of ["longrecipe", "pose"]) {
      expect(existsSync(join(runPaths(runOf(found, row)).stages, stageFolder("merge")))).toBe(false);
      expect(existsSync(runPaths(runOf(found, row)).results)).toBe(true);
    }
  });

  it("does nothing anew that is done: by another study, too", async () => {
    const second = join(workspace.folder, "again.longstudy.json");
    await writeFile(second, JSON.stringify({ ...study, variants: { "the same": {} } }));
    const began = Date.now();
    const { code, err, out } = await cli("study", second, "--python", python);
    expect(code, err).toBe(0);
    expect(out).not.toContain("begins");
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});
