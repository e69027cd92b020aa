import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { clickInWindow, readWindow, screenshot, setTheme } from "../../support/driverClient.js";
import { eventually } from "./extension.js";

describe("an empty workspace", () => {
  it("says in the runs view how to begin", async () => {
    await vscode.commands.executeCommand("workbench.view.extension.longrecipe");
    const text = await eventually("the welcome view shows", async () => {
      const shown = await readWindow(".welcome-view-content");
      return shown.includes("Extend Context") && shown;
    });
    for (const link of ["Try the Embedded Example", "Open the Walkthrough", "Check this Machine"]) assert.ok(text.includes(link), text);
    for (const theme of ["light", "high-contrast", "dark"] as const) {
      await setTheme(theme);
      await screenshot(`welcome-${theme}`);
    }
  });

  it("opens the walkthrough from there", async () => {
    await clickInWindow('.welcome-view-content a:has-text("Open the Walkthrough")');
    await eventually("the walkthrough shows", async () =>
      (await readWindow(".gettingStartedContainer")).includes("Extend a model's context window"),
    );
    await screenshot("walkthrough");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });
});
