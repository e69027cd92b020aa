import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mergeProblems } from "../../../src/runner/mergekit.js";
import { fakePython } from "../environment/support.js";
import { recipe } from "./support.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrecipe-mergekit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === "win32")("mergekit", () => {
  it.each([
    ["slerp", {}, "is not installed"],
    ["ties", { mergekit: "0.0.6" }, "is of version 0.0.6"],
    ["dare", { mergekit: "0.1.5" }, null],
    ["linear", {}, null],
  ] as const)("%s with %o", async (method, packages, expected) => {
    const python = await fakePython(folder, "python", { packages });
    const problems = await mergeProblems(recipe({ merge: { method } }), python);
    expect(problems.map(({ path }) => path)).toEqual(expected === null ? [] : ["merge.method"]);
    if (expected === null) return;
    expect(problems[0]?.message).toContain(expected);
    expect(problems[0]?.message).toContain(`${python} -m pip install "mergekit>=`);
  });
});
