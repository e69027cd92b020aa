import { describe, it } from "mocha";
import * as vscode from "vscode";
import { readWebview, screenshot, setTheme } from "../../support/driverClient.js";
import { activated, eventually } from "./extension.js";

describe("the demo's run", () => {
  it("shows its curve, its needles and its verdicts", async () => {
    const api = await activated();
    const run = await eventually("the run is found", () => api.store.all().at(-1));
    await setTheme("dark");
    await vscode.commands.executeCommand("workbench.view.extension.longrecipe");
    await vscode.commands.executeCommand("longrecipe.openDashboard", run.directory);
    await eventually("the dashboard shows it", async () => (await readWebview("body:has(.stage-panel)")).includes("Open Report"));
    await screenshot("readme-dashboard");
  });
});
