/** What people can do wrong and what machines run out of: one clear message, an exit code, an event. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, makeWorkspace, seedRun, stateOf, workerPython, writeRecipe, type Ended } from "./support/cli.js";

let python: string;
let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
let seed: string;

beforeAll(async () => {
  python = await workerPython();
  workspace = await makeWorkspace(python);
  seed = join(workspace.folder, "seed", "run");
  const recipe = await writeRecipe(workspace.folder, "seed", { training: { steps: 1 } });
  const { code, err } = await extend(recipe, seed);
  expect(code, err).toBe(0);
});
afterAll(() => workspace.remove());

function extend(recipe: string, run?: string): Promise<Ended> {
  return cli("extend", recipe, "--python", python, ...(run === undefined ? [] : ["--run", run]));
}

async function recipeWithFile(name: string, content: string | Uint8Array): Promise<string> {
  await mkdir(join(workspace.folder, name));
  await writeFile(join(workspace.folder, name, "text.txt"), content);
  return writeRecipe(workspace.folder, name, { corpus: { include: [name] } });
}

describe("bad input", () => {
  it("everything wrong with model and corpora is told at once, and nothing is started", async () => {
    const recipe = await writeRecipe(workspace.folder, "wrong", {
      model: "no-such-model",
      trainedLength: 512,
      corpus: { include: ["no-such-folder"] },
      training: { microBatchSize: 5 },
    });
    const { code, err } = await extend(recipe);
    expect(code).toBe(2);
    for (const part of ["model:", "no-such-model", "trainedLength:", "corpus.include[0]:", "training.microBatchSize:", "what to do:"])
      expect(err).toContain(part);
    const runs = join(workspace.folder, ".longrecipe", "runs");
    expect(existsSync(runs) ? (await readdir(runs)).filter((name) => name.startsWith("wrong")) : []).toEqual([]);
  });

  it("a target inside the window leaves nothing to extend", async () => {
    const { code, err } = await extend(await writeRecipe(workspace.folder, "short", { targetLength: 48, trainedLength: 16 }));
    expect(code).toBe(2);
    expect(err).toContain("nothing to extend");
  });

  it.each([
    ["empty", " \n", "corpus-empty"],
    ["binary", Uint8Array.of(0x54, 0xff, 0xfe, 0x00), "corpus-unreadable"],
    ["tiny", "Too short to train on.", ""],
  ])("a corpus that is %s", async (name, content, expected) => {
    const run = join(workspace.folder, `${name}-runs`, "run");
    const { code, err } = await extend(await recipeWithFile(name, content), run);
    expect(code, err).toBe(2);
    const { status, error, stages } = await stateOf(run);
    expect(status).toBe("failed");
    if (expected !== "") expect(error?.code).toBe(expected);
    expect(err).toContain(error?.message.split("\n")[0]);
    expect(err).toContain(error?.remedy);
    expect(stages[0]?.status).toBe("failed");
  });
});

describe("training that cannot go on", () => {
  it("a loss that is not a number", async () => {
    const run = await seedRun(seed, join(workspace.folder, "nan", "run"));
    const recipe = await writeRecipe(workspace.folder, "nan", { training: { steps: 5, learningRate: 1e30, maxGradNorm: 1e30 } });
    const { code, err } = await extend(recipe, run);
    expect(code, err).toBe(6);
    expect(await stateOf(run)).toMatchObject({ status: "failed", error: { code: "non-finite" } });
    expect(err).toMatch(/learning ?rate/i);
  });

  it("a full disk: told and, once there is room, gone on from", async ({ skip }) => {
    const disk = join(workspace.folder, "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], { stdio: "pipe" });
    } catch {
      skip("a small disk can be mounted by root on Linux only");
    }
    try {
      const run = await seedRun(seed, join(disk, "runs", "run"));
      // Leaves room for events and the worker's log, not for a checkpoint.
      const free = Number(execFileSync("df", ["--output=avail", "-B1", disk], { encoding: "utf8" }).trim().split("\n").at(-1));
      await writeFile(join(disk, "filler"), Buffer.alloc(free - 250_000, 1));
      const recipe = await writeRecipe(workspace.folder, "full", { training: { steps: 6, checkpointEvery: 2 } });
      const { code, err } = await extend(recipe, run);
      expect(code, err).toBe(6);
      expect(await stateOf(run)).toMatchObject({ status: "failed", error: { code: "disk-full" } });
      execFileSync("mount", ["-o", "remount,size=64m", disk]);
      const again = await cli("resume", run, "--python", python);
      expect(again.code, again.err).toBe(0);
      expect((await stateOf(run)).status).toBe("completed");
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });
});
