import assert from "node:assert/strict";
import { execa } from "execa";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { activated, inWorkspace } from "./extension.js";

describe("tasks", () => {
  it("are there for every recipe", async () => {
    await activated();
    const names = (await vscode.tasks.fetchTasks({ type: "longrecipe" })).map(({ name }) => name).sort();
    for (const name of ["extend embedded", "evaluate embedded", "extend bad"]) assert.ok(names.includes(name), names.join());
  });

  it("stand for the command line, which names the place of each problem", async () => {
    const task = (await vscode.tasks.fetchTasks({ type: "longrecipe" })).find(({ name }) => name === "extend unopened");
    assert.ok(task?.execution instanceof vscode.ProcessExecution);
    assert.deepEqual(task.problemMatchers, ["$longrecipe"]);
    // Not in a terminal: the test host has none. The matcher itself has a unit test.
    const { process: program, args, options } = task.execution;
    assert.ok(options?.cwd !== undefined && options.env !== undefined);
    const { exitCode, stderr } = await execa(program, args, { cwd: options.cwd, env: options.env, reject: false });
    assert.equal(exitCode, 2, stderr);
    const file = inWorkspace("unopened.longrecipe.json").fsPath;
    assert.ok(stderr.includes(`${file}:3:3: error: targetLength: `), stderr);
    assert.ok(stderr.includes(`${file}:10:5: error: training.batchsize: `), stderr);
  }).timeout(60_000);
});
