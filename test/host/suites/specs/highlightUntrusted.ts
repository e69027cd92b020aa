import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { activated, eventually, inWorkspace } from "./extension.js";

describe("highlighting in a workspace that is not trusted", () => {
  it("shows the scores that are there, and starts no scorer for what has none", async () => {
    const { highlights, status } = (await activated()).highlighting;
    assert.equal(vscode.workspace.isTrusted, false);
    const scored = await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(inWorkspace("corpus", "emoji.txt")));
    await vscode.commands.executeCommand("longrecipe.toggleHighlight");
    await eventually("three tokens are tinted", () => highlights.shown(scored)?.tints.length === 3);
    const document = await vscode.workspace.openTextDocument({ content: "A text that no run has scored: 12." });
    const editor = await vscode.window.showTextDocument(document);
    await eventually("it is said that there are no scores", () => status.text?.includes("no scores"));
    const state = highlights.of(document)?.state;
    assert.ok(state?.kind === "none" && state.why.includes("trusted"), JSON.stringify(state));
    assert.equal(highlights.shown(editor)?.tints.length ?? 0, 0);
  });
});
