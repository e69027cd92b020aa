import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { readWindow, screenshot } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { clear, told } from "./messages.js";

/** Our own diagnostics; the JSON schema adds its own. */
function marks(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === "LongRecipe");
}

async function open(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(name));
  await vscode.window.showTextDocument(document);
  return document;
}

function textOf(document: vscode.TextDocument, diagnostics: readonly vscode.Diagnostic[]): Record<string, string> {
  return Object.fromEntries(diagnostics.map(({ range, message }) => [document.getText(range), message]));
}

describe("a recipe in the editor", () => {
  it("is told all its faults at once, each where it stands", async () => {
    await activated();
    const document = await open("bad.longrecipe.json");
    const found = await eventually("faults are marked", () => marks(document.uri).length > 0 && marks(document.uri));
    const byKey = textOf(document, found);
    assert.deepEqual(Object.keys(byKey).sort(), ['"batchsize"', '"targetLength"']);
    assert.match(byKey['"batchsize"'] ?? "", /did you mean `batchSize`/);
    // The JSON support has had its say by now; it must not mark the same again.
    await sleep(2000);
    assert.deepEqual(
      vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source !== "LongRecipe"),
      [],
    );
    await vscode.commands.executeCommand("workbench.actions.view.problems");
    await screenshot("recipe-problems");
    await vscode.commands.executeCommand("workbench.action.closePanel");
  });

  it("is held against the files it names", async () => {
    const document = await open("lost.longrecipe.json");
    const found = await eventually("faults are marked", () => marks(document.uri).length > 1 && marks(document.uri));
    assert.deepEqual(Object.keys(textOf(document, found)).sort(), ['"corpse"', '"model"']);
  });

  it("loses its marks when it is mended", async () => {
    const document = await open("bad.longrecipe.json");
    const good = await vscode.workspace.openTextDocument(inWorkspace("good.longrecipe.json"));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), good.getText());
    await vscode.workspace.applyEdit(edit);
    await eventually("the marks go", () => marks(document.uri).length === 0);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });

  it("has Run and Validate above its first line", async () => {
    const document = await open("good.longrecipe.json");
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri, 10);
    assert.deepEqual(
      lenses.map(({ command }) => [command?.title, command?.command]),
      [
        ["▶ Run", "longrecipe.runRecipe"],
        ["Validate", "longrecipe.validateRecipe"],
      ],
    );
    await eventually("they are shown", async () => (await readWindow(".codelens-decoration")).includes("Run"));
    await screenshot("recipe-codelens");
  });

  it("is validated on request: what is in order is said, what is not is shown among the problems", async () => {
    const good = await open("good.longrecipe.json");
    const asked = vscode.commands.executeCommand("longrecipe.validateRecipe");
    await told("The recipe is in order");
    await clear(asked);
    assert.deepEqual(marks(good.uri), []);
    const bad = inWorkspace("bad.longrecipe.json");
    await vscode.commands.executeCommand("longrecipe.validateRecipe", bad);
    await eventually("the problems show", async () => /did you mean .batchSize/.test(await readWindow(".markers-panel")));
    await vscode.commands.executeCommand("workbench.action.closePanel");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    const without = vscode.commands.executeCommand("longrecipe.validateRecipe");
    await told("Open a recipe (NAME.longrecipe.json) first");
    await clear(without);
  });

  it("is completed and explained from the schema", async () => {
    const document = await open("good.longrecipe.json");
    const text = document.getText();
    const inside = document.positionAt(text.indexOf("{") + 1);
    const labels = await eventually("completions of keys come", async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        document.uri,
        inside,
      );
      const found = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
      return found.some((label) => label.includes("significance")) && found;
    });
    assert.ok(
      ["training", "rope", "evaluation"].every((key) => labels.some((label) => label.includes(key))),
      labels.join(),
    );
    const onKey = document.positionAt(text.indexOf("targetLength") + 2);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", document.uri, onKey);
    const words = hovers
      .flatMap(({ contents }) => contents.map((part) => (part instanceof vscode.MarkdownString ? part.value : "")))
      .join(" ");
    assert.match(words, /context window to reach/);
  });

  it("is not run while it has faults", async () => {
    const document = await open("bad.longrecipe.json");
    const run = vscode.commands.executeCommand("longrecipe.runRecipe", document.uri);
    assert.match(await told("Nothing was started"), /2 problems/);
    await screenshot("recipe-refused");
    await clear(run);
    assert.equal(existsSync(inWorkspace(".longrecipe").fsPath), false);
  });
});
