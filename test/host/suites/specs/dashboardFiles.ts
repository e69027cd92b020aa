/** What a dashboard writes, and what it lays over its curves: in the first window of the session `runs`. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { clickInWebview, fileDialog, readWebview, screenshot } from "../../support/driverClient.js";
import { windowNumber } from "../../support/mochaRunner.js";
import { activated, eventually, inWorkspace } from "./extension.js";

const dashboard = "body:has(.stage-panel)";

if (windowNumber === 1) {
  describe("the pictures of a dashboard", () => {
    before(() => activated());

    /** Presses a button below the heat maps and names a file in the dialog that opens. */
    async function save(format: "CSV" | "SVG" | "PNG"): Promise<Buffer> {
      const file = inWorkspace(`needles.${format.toLowerCase()}`).fsPath;
      await clickInWebview(`[aria-label="Save the heat maps"] >> text=${format}`);
      await fileDialog(file);
      await eventually(`${format} is written`, () => existsSync(file));
      return readFile(file);
    }

    it("are saved where a person says, as table, drawing and pixels", async () => {
      await vscode.commands.executeCommand("longrecipe.openDashboard", inWorkspace(".longrecipe", "runs", "good-completed").fsPath);
      await eventually("the dashboard shows the run", async () => (await readWebview(dashboard)).includes("Open Report"));
      const lines = (await save("CSV")).toString().trim().split("\n");
      assert.equal(lines[0], "picture,model,length,depth,value,trials,low,high");
      assert.equal(lines.length, 1 + 4 * 5 * 3);
      assert.match((await save("SVG")).toString(), /^<svg [^]*Merged[^]*<\/svg>$/);
      assert.deepEqual([...(await save("PNG")).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    });

    it("compare the run with another one", async () => {
      await clickInWebview("summary:has-text('Compare')");
      await clickInWebview(".compare-list vscode-checkbox >> nth=0");
      const legend = await eventually("its curve is there", async () => {
        const names = await readWebview(".metrics .legend");
        return names.includes("good-") && names;
      });
      // The runs are of one recipe: their names alone would not tell them apart.
      assert.match(legend, /^good-(paused|running)\s+good$/);
      await screenshot("dashboard-compared");
      await clickInWebview(".compare-list vscode-checkbox >> nth=0");
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    });
  });
}
