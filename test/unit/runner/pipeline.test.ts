import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../src/protocol/errors.js";
import type { Recipe } from "../../../src/protocol/recipe.js";
import { runPipeline, type PipelineOptions } from "../../../src/runner/pipeline.js";
import { exists, runPaths } from "../../../src/runner/runDirectory.js";
import { Interrupted, type Stage } from "../../../src/runner/stage.js";
import { fakeStage, inspection, recipe, recorder, temporaryFolder } from "./support.js";

async function makeRun(root: string, name: string) {
  const paths = runPaths(join(root, name));
  await mkdir(paths.stages, { recursive: true });
  return paths;
}

function stages() {
  const prepare = fakeStage(
    "prepare",
    async (context) => {
      await writeFile(join(context.directory, "tokens"), "abc");
      return "3 tokens";
    },
    () => ({ corpus: 1 }),
  );
  const extend = fakeStage(
    "extend",
    async (context) => {
      const tokens = await readFile(join(context.outputOf("prepare"), "tokens"), "utf8");
      await writeFile(join(context.directory, "model"), `${tokens}+`);
      context.emit({ kind: "result", name: "extended", path: join(context.directory, "model") });
      return "trained";
    },
    (context) => ({ rate: context.recipe.training.learningRate }),
  );
  return { prepare, extend, all: [prepare.stage, extend.stage] };
}

function options(
  paths: PipelineOptions["paths"],
  list: readonly Stage[],
  more: Partial<PipelineOptions> & { recipe?: Recipe } = {},
): PipelineOptions {
  return {
    stages: list,
    paths,
    recipe: recipe(),
    recipeDirectory: paths.directory,
    models: { base: inspection, reference: null },
    emit: () => undefined,
    runJob: () => Promise.reject(new Error("no job was expected")),
    interrupt: () => null,
    ...more,
  };
}

describe("pipeline", () => {
  it("does each stage once and takes it from the cache the next time", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    const { prepare, extend, all } = stages();
    await runPipeline(options(paths, all));
    const seen = recorder();
    await runPipeline(options(paths, all, { emit: seen.emit }));
    expect([prepare.calls.count, extend.calls.count]).toEqual([1, 1]);
    expect(seen.events).toEqual([
      ["cached", "prepare"],
      ["cached", "extend"],
      ["result", "extend"],
    ]);
  });

  it("tells the diagnoses of a stage that it takes from another run", async () => {
    const root = await temporaryFolder();
    const { stage } = fakeStage("extend", (context) => {
      context.emit({ kind: "diagnosis", title: "t", evidence: "e", cause: "c", setting: "s" });
      return Promise.resolve("done");
    });
    await runPipeline(options(await makeRun(root, "a"), [stage]));
    const seen = recorder();
    await runPipeline(options(await makeRun(root, "b"), [stage], { emit: seen.emit }));
    expect(seen.events).toEqual([
      ["cached", "extend"],
      ["diagnosis", "extend"],
    ]);
  });

  it("does again what a change touches, and nothing before it, in a clean folder", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    const { prepare, extend, all } = stages();
    await runPipeline(options(paths, all));
    await writeFile(join(paths.stage("extend"), "left over"), "");
    await runPipeline(options(paths, all, { recipe: recipe({ training: { learningRate: 0.5 } }) }));
    expect([prepare.calls.count, extend.calls.count]).toEqual([1, 2]);
    expect(await exists(join(paths.stage("extend"), "left over"))).toBe(false);
  });

  it("takes stages from other runs of the same folder, and owns them", async () => {
    const root = await temporaryFolder();
    const first = stages();
    const a = await makeRun(root, "a");
    await runPipeline(options(a, first.all));
    const second = stages();
    const b = await makeRun(root, "b");
    const results: string[] = [];
    await runPipeline(options(b, second.all, { emit: (event) => event.kind === "result" && results.push(event.path) }));
    expect([second.prepare.calls.count, second.extend.calls.count]).toEqual([0, 0]);
    expect(results).toEqual([join(b.stage("extend"), "model")]);
    // The first run goes its own way: the second keeps what it took.
    await runPipeline(options(a, first.all, { recipe: recipe({ training: { learningRate: 0.5 } }) }));
    expect(await readFile(join(b.stage("extend"), "model"), "utf8")).toBe("abc+");
  });

  it("goes on in the same folder after a failure, and tells which stage failed", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    let tries = 0;
    const { stage } = fakeStage("extend", async (context) => {
      tries += 1;
      await writeFile(join(context.directory, `try${String(tries)}`), "");
      if (tries === 1) throw new UserError("disk-full", "full", "free", 6);
      return "done";
    });
    const seen = recorder();
    await expect(runPipeline(options(paths, [stage], { emit: seen.emit }))).rejects.toThrow("full");
    expect(seen.events.at(-1)).toEqual(["failed", "extend"]);
    await runPipeline(options(paths, [stage]));
    expect(await exists(join(paths.stage("extend"), "try1"))).toBe(true);
  });

  it("does not call an unfinished stage of another run its own", async () => {
    const root = await temporaryFolder();
    const a = await makeRun(root, "a");
    const broken = fakeStage("prepare", async (context) => {
      await writeFile(join(context.directory, "half"), "");
      throw new Error("killed");
    });
    await expect(runPipeline(options(a, [broken.stage]))).rejects.toThrow("killed");
    const b = await makeRun(root, "b");
    const whole = fakeStage("prepare", () => Promise.resolve("done"));
    await runPipeline(options(b, [whole.stage]));
    expect(whole.calls.count).toBe(1);
    expect(await exists(join(b.stage("prepare"), "half"))).toBe(false);
  });

  it("ends between stages when asked to, without calling it a failure", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    const { prepare, extend, all } = stages();
    const seen = recorder();
    let asked = 0;
    const run = runPipeline(options(paths, all, { emit: seen.emit, interrupt: () => (asked++ === 0 ? null : "stop") }));
    await expect(run).rejects.toEqual(new Interrupted("stop"));
    expect([prepare.calls.count, extend.calls.count]).toEqual([1, 0]);
    expect(seen.events.map(([what]) => what)).not.toContain("failed");
  });

  it("lets a long stage notice a request", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    let pause = false;
    const { stage } = fakeStage("samples", (context) => {
      pause = true;
      context.checkpoint();
      return Promise.resolve("never");
    });
    await expect(runPipeline(options(paths, [stage], { interrupt: () => (pause ? "pause" : null) }))).rejects.toBeInstanceOf(Interrupted);
  });

  it("skips what the recipe leaves out, and says so to later stages", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    const replay: Stage = { ...fakeStage("replay", () => Promise.reject(new Error("must not run"))).stage, skip: () => "no corpus" };
    let skipped = false;
    const merge = fakeStage("merge", (context) => {
      skipped = context.wasSkipped("replay");
      return Promise.resolve("");
    });
    await runPipeline(options(paths, [replay, merge.stage]));
    expect(skipped).toBe(true);
  });

  it("does only the stages it is asked for, and refuses to redo those it is to reuse", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    const { prepare, extend, all } = stages();
    await expect(runPipeline(options(paths, all, { reuse: new Set(["prepare"]) }))).rejects.toMatchObject({
      code: "stage-not-done",
      exit: 2,
    });
    await runPipeline(options(paths, all, { only: new Set(["prepare"]) }));
    expect([prepare.calls.count, extend.calls.count]).toEqual([1, 0]);
  });

  it("runs a finished stage again while it is not whole, and lets no other run take it over", async () => {
    const folder = await temporaryFolder();
    const paths = await makeRun(folder, "a");
    const { stage, calls } = fakeStage("evaluate", () => Promise.resolve(""));
    let whole = false;
    const owing: Stage = { ...stage, isWhole: () => Promise.resolve(whole) };
    await runPipeline(options(paths, [owing]));
    await runPipeline(options(await makeRun(folder, "b"), [owing]));
    await runPipeline(options(paths, [owing]));
    expect(calls.count).toBe(3);
    // To be taken as it is: it is.
    await runPipeline(options(paths, [owing], { reuse: new Set(["evaluate"]) }));
    whole = true;
    await runPipeline(options(paths, [owing]));
    await runPipeline(options(await makeRun(folder, "c"), [owing]));
    expect(calls.count).toBe(3);
  });

  it("refuses results that lie outside of the stage's folder", async () => {
    const paths = await makeRun(await temporaryFolder(), "a");
    const { stage } = fakeStage("evaluate", (context) => {
      context.emit({ kind: "result", name: "report", path: join(paths.directory, "report.md") });
      return Promise.resolve("");
    });
    await expect(runPipeline(options(paths, [stage]))).rejects.toThrow("outside");
  });
});
