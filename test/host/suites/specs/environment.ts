import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { workerProject } from "../../../../src/environment/locations.js";
import { readyManaged } from "../../../../src/environment/managed.js";
import { clickInWindow, readWindow, screenshot } from "../../support/driverClient.js";
import { activated, eventually, extension } from "./extension.js";

/** The extension runs in this very process, so it sees what is set here. */
const kept = { cache: process.env["LONGRECIPE_CACHE"], python: process.env["LONGRECIPE_PYTHON"] };
const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("longrecipe");
let cache: string;

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

describe("making the Python environment", () => {
  before(async () => {
    await activated();
    cache = await mkdtemp(join(tmpdir(), "longrecipe-cache-"));
    process.env["LONGRECIPE_CACHE"] = cache;
    Reflect.deleteProperty(process.env, "LONGRECIPE_PYTHON");
    await settings().update("worker.python", "", vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    restore("LONGRECIPE_CACHE", kept.cache);
    restore("LONGRECIPE_PYTHON", kept.python);
    await rm(cache, { recursive: true, force: true, maxRetries: 10 });
  });

  it("shows its progress, and stops when it is cancelled, leaving nothing that would be taken for whole", async () => {
    const call = vscode.commands.executeCommand("longrecipe.setupEnvironment");
    await eventually(
      "the progress shows",
      async () => (await readWindow(".notifications-toasts")).includes("LongRecipe: Python environment"),
      30_000,
    );
    await screenshot("environment-progress");
    await clickInWindow('.notifications-toasts .monaco-button:has-text("Cancel")');
    await call;
    const said = await readWindow(".monaco-workbench");
    assert.doesNotMatch(said, /The Python environment is in order|unexpected error/);
    assert.equal(await readyManaged({ root: cache, project: workerProject(extension().extensionPath) }), null);
  }).timeout(120_000);
});
