import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { parse } from "jsonc-parser";
import * as vscode from "vscode";
import { clickInWebview, evaluateInWebview, readWebview, screenshot } from "../../support/driverClient.js";
import { activated, eventually, inWorkspace } from "./extension.js";
import { inEveryTheme } from "./pictureThemes.js";

const FIELD = "#f-targetLength";
let document: vscode.TextDocument;

/** Fills a field as a person does who then leaves it. */
async function fill(selector: string, value: string): Promise<void> {
  const script = `(() => {
    const field = document.querySelector(${JSON.stringify(selector)});
    field.value = ${JSON.stringify(value)};
    field.dispatchEvent(new Event("change", { bubbles: true }));
  })()`;
  await evaluateInWebview(script, selector);
}

function shown(selector: string): Promise<unknown> {
  return evaluateInWebview(`document.querySelector(${JSON.stringify(selector)}).value`, selector);
}

describe("the recipe form", () => {
  before(async () => {
    await activated();
    document = await vscode.workspace.openTextDocument(inWorkspace("embedded.longrecipe.json"));
  });
  after(async () => {
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("is beside the JSON, which stays the editor of recipes", async () => {
    await vscode.window.showTextDocument(document);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, document.uri.fsPath);
    await vscode.commands.executeCommand("longrecipe.openRecipeForm");
    await eventually("the form shows the recipe", async () => (await readWebview("h1")) === "embedded.longrecipe.json");
    assert.equal(await shown(FIELD), "1024");
    const [first, second] = vscode.window.tabGroups.all.map((group) => group.activeTab?.input);
    assert.ok(first instanceof vscode.TabInputText && second instanceof vscode.TabInputCustom);
  });

  it("estimates memory and time for this machine", async () => {
    const text = await eventually("the estimate is there", async () => {
      const now = await readWebview(".estimate");
      return now.includes("Memory to train") && now;
    });
    assert.match(text, /estimates/);
    assert.match(text, /about \d/);
    await inEveryTheme("recipe-form", "body:has(.estimate)", "Memory to train");
  });

  it("writes a change into the text and touches nothing else", async () => {
    const before = document.getText();
    await fill(FIELD, "2048");
    await eventually("the text has it", () => document.getText().includes("2048"));
    assert.equal(document.getText(), before.replace("1024", "2048"));
    assert.ok(document.isDirty);
  });

  it("can be undone and done again, form and text in step", async () => {
    await clickInWebview("h1");
    await vscode.commands.executeCommand("undo");
    await eventually("the text is as before", () => document.getText().includes("1024"));
    await eventually("so is the form", async () => (await shown(FIELD)) === "1024");
    await vscode.commands.executeCommand("redo");
    await eventually("the form has it again", async () => (await shown(FIELD)) === "2048");
    assert.ok(document.getText().includes("2048"));
  });

  it("follows what is typed in the JSON, and shows each problem at its field", async () => {
    const edit = new vscode.WorkspaceEdit();
    const at = document.positionAt(document.getText().indexOf("2048"));
    edit.replace(document.uri, new vscode.Range(at, at.translate(0, 4)), "128");
    await vscode.workspace.applyEdit(edit);
    await eventually("the form has it", async () => (await shown(FIELD)) === "128");
    await eventually("the problem is told", async () => (await readWebview("#f-targetLength-fault")).includes("nothing to extend"));
    await screenshot("recipe-form-problem");
  });

  it("keeps comments when a new key is written", async () => {
    await fill(FIELD, "4096");
    await evaluateInWebview("document.querySelectorAll('details').forEach((details) => { details.open = true; })", FIELD);
    await fill("#f-merge\\.alpha", "0.7");
    await eventually("the key is there", () => document.getText().includes("alpha"));
    const text = document.getText();
    assert.ok(text.includes("// a comment that must stay"), text);
    const recipe: unknown = parse(text);
    assert.deepEqual(Reflect.get(Object(recipe), "merge"), { alpha: 0.7 });
    assert.equal(Reflect.get(Object(recipe), "targetLength"), 4096);
  });
});
