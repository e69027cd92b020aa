import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { buildProgram } from "../../../src/runner/cli/program.js";
import { taskActions, taskArguments, taskFolder, taskName, taskSchema } from "../../../src/tasks/taskDefinition.js";

const definitionSchema = z.object({
  contributes: z.object({
    taskDefinitions: z.tuple([
      z.object({
        type: z.string(),
        required: z.array(z.string()),
        properties: z.object({ action: z.object({ enum: z.array(z.string()) }) }).loose(),
      }),
    ]),
  }),
});
const manifest = definitionSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8")));
const [contributed] = manifest.contributes.taskDefinitions;

describe("tasks", () => {
  it("are as package.json declares them, and commands of the command line", () => {
    expect(contributed.properties.action.enum).toEqual([...taskActions]);
    expect(Object.keys(contributed.properties).sort()).toEqual(
      Object.keys(taskSchema.shape)
        .filter((key) => key !== "type")
        .sort(),
    );
    const commands = buildProgram().commands.map((command) => command.name());
    for (const action of ["extend", "evaluate"]) expect(commands).toContain(action);
  });

  it("stand for a command line", () => {
    const extend = taskSchema.parse({ type: "longrecipe", action: "extend", recipe: "a/x.longrecipe.json" });
    expect(taskArguments(extend, "/w", "")).toEqual(["extend", "/w/a/x.longrecipe.json"]);
    expect(taskFolder(extend, "/w")).toBe("/w/a");
    expect(taskName(extend)).toBe("extend x");
    const evaluate = taskSchema.parse({ type: "longrecipe", action: "evaluate", recipe: "x.longrecipe.json", target: "m" });
    expect(taskArguments(evaluate, "/w", "ignored")).toEqual(["evaluate", "/w/m", "--recipe", "/w/x.longrecipe.json"]);
    const own = taskSchema.parse({ type: "longrecipe", action: "evaluate", recipe: "x.longrecipe.json" });
    expect(taskArguments(own, "/w", "org/model")).toEqual(["evaluate", "org/model", "--recipe", "/w/x.longrecipe.json"]);
  });

  it("that say something else are refused", () => {
    expect(taskSchema.safeParse({ type: "longrecipe", action: "delete", recipe: "x" }).success).toBe(false);
    expect(taskSchema.safeParse({ type: "longrecipe", action: "extend" }).success).toBe(false);
  });
});
