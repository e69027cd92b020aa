import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as vscode from "vscode";
import { readWindow, screenshot } from "../../support/driverClient.js";
import { activated, eventually } from "./extension.js";

describe("Check this Machine", () => {
  it("says what the machine has", async () => {
    await activated();
    const call = vscode.commands.executeCommand("longrecipe.doctor");
    const text = await eventually(
      "the message shows",
      async () => {
        const now = await readWindow(".notifications-toasts");
        return now.includes("This machine is ready") && now;
      },
      120_000,
    );
    assert.match(text, /Python 3\.\d+\.\d+, PyTorch \d/);
    assert.match(text, /free on disk/);
    await screenshot("walkthrough-machine", ".notifications-toasts .notification-toast");
    await vscode.commands.executeCommand("notifications.clearAll");
    await call;
  }).timeout(150_000);
});
