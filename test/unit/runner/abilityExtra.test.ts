import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { abilityProblems } from "../../../src/runner/abilityExtra.js";
import { fakePython } from "../environment/support.js";
import { recipe, temporaryFolder } from "./support.js";

describe.skipIf(process.platform === "win32")("lm-evaluation-harness", () => {
  it("is asked for before a run starts, with the command that installs it", async () => {
    const folder = await temporaryFolder();
    const python = await fakePython(folder, "python", {});
    const [problem, ...others] = await abilityProblems(recipe({ evaluation: { ability: { enabled: true } } }), folder, python);
    expect(others).toEqual([]);
    expect(problem?.path).toBe("evaluation.ability");
    expect(problem?.message).toContain("longrecipe setup --extras evaluation");
    expect(await abilityProblems(recipe(), folder, python)).toEqual([]);
  });

  it("is not complained of where it is, and a folder of tasks that is absent is", async () => {
    const folder = await temporaryFolder();
    const python = await fakePython(folder, "python", { packages: { lm_eval: "0.4.13" } });
    const settings = recipe({ evaluation: { ability: { enabled: true, include: "tasks" } } });
    expect((await abilityProblems(settings, folder, python)).map(({ path }) => path)).toEqual(["evaluation.ability.include"]);
    await mkdir(join(folder, "tasks"));
    expect(await abilityProblems(settings, folder, python)).toEqual([]);
  });
});
