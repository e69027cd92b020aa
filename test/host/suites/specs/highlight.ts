import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "mocha";
import * as vscode from "vscode";
import type { ExtensionApi } from "../../../../src/extension.js";
import { press, quickPick, readWebview, readWindow, screenshot, setTheme, evaluateInWebview } from "../../support/driverClient.js";
import { log } from "../../support/mochaRunner.js";
import { activated, eventually, inWorkspace } from "./extension.js";

let api: ExtensionApi;

async function open(...path: string[]): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(...path));
  return vscode.window.showTextDocument(document, { preview: false });
}

/** The words that are tinted, as they stand in the editor; a question mark behind stale ones. */
function tinted(editor: vscode.TextEditor): string[] {
  const shown = api.highlighting.highlights.shown(editor)?.tints ?? [];
  return shown.map(({ range, stale }) => editor.document.getText(range) + (stale ? "?" : ""));
}

function status(): string {
  return api.highlighting.status.text ?? "";
}

async function untilTinted(editor: vscode.TextEditor, words: readonly string[]): Promise<void> {
  await eventually(`tinted: ${words.join(", ")}`, () => JSON.stringify(tinted(editor)) === JSON.stringify(words)).catch(
    (error: unknown) => {
      assert.deepEqual(tinted(editor), words, String(error));
    },
  );
}

before(async () => {
  api = await activated();
});
after(() => setTheme("dark"));

describe("highlighting from a run", () => {
  it("is off until it is asked for", async () => {
    const editor = await open("corpus", "emoji.txt");
    assert.equal(api.highlighting.highlights.enabled, false);
    assert.deepEqual(tinted(editor), []);
  });

  it("tints the right characters among emoji and CJK", async () => {
    const editor = await open("corpus", "emoji.txt");
    await press("Control+K");
    await press("h");
    await untilTinted(editor, ["12", "7", "45"]);
    assert.match(status(), /top 20\s*%.*good/);
    const anchors = api.highlighting.highlights.shown(editor)?.anchors ?? [];
    assert.deepEqual(
      anchors.map(({ line }) => line),
      [0, 2],
    );
    await eventually("the overview ruler is marked", () => (api.highlighting.highlights.shown(editor)?.ruler.length ?? 0) > 0);
  });

  it("tints a file with byte order mark and CRLF, and the strings of JSON Lines", async () => {
    await untilTinted(await open("corpus", "crlf.txt"), ["12", "7", "45"]);
    await untilTinted(await open("corpus", "records.jsonl"), ["12", "7", "45"]);
  });

  it("tells score, rank, probabilities and samples in a hover", async () => {
    const editor = await open("corpus", "emoji.txt");
    await untilTinted(editor, ["12", "7", "45"]);
    const at = editor.document.positionAt(editor.document.getText().indexOf("45"));
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", editor.document.uri, at);
    const text = hovers
      .flatMap(({ contents }) => contents.map((part) => (part instanceof vscode.MarkdownString ? part.value : "")))
      .join("\n");
    assert.match(text, /\*\*45\*\*/);
    assert.match(text.replace(/&nbsp;|\u00a0/g, " ").replace(/\\/g, ""), /top \d.*10 ?%.*80 ?%.*kept in 2 of 4 samples/s);
  });

  it("goes from impactful sentence to sentence, by keys", async () => {
    const editor = await open("corpus", "emoji.txt");
    await untilTinted(editor, ["12", "7", "45"]);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await press("Alt+F7");
    await eventually("the cursor is at the second anchor", () => editor.selection.active.line === 2);
    await press("Shift+Alt+F7");
    await eventually("the cursor is back", () => editor.selection.active.line === 0);
  });

  it("says why a sentence is kept", async () => {
    const editor = await open("corpus", "emoji.txt");
    await untilTinted(editor, ["12", "7", "45"]);
    editor.selection = new vscode.Selection(2, 1, 2, 1);
    const asked = vscode.commands.executeCommand("longrecipe.whyKept");
    const text = await eventually("the list shows", async () => {
      const shown = await readWindow(".quick-input-widget");
      return shown.includes("It is an anchor") && shown;
    });
    assert.match(text, /Kept in 2 of 4 samples/);
    assert.match(text, /45/);
    await screenshot("highlight-why");
    await press("Escape");
    await asked;
  });

  it("exports the selection", async () => {
    await untilTinted(await open("corpus", "emoji.txt"), ["12", "7", "45"]);
    const exported = vscode.commands.executeCommand("longrecipe.exportSelection");
    await quickPick("JSON Lines");
    await exported;
    const lines = vscode.window.activeTextEditor?.document.getText().trim().split("\n") ?? [];
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { impactful: number; keptIn: number }).impactful),
      [2, 1],
    );
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("moves with unsaved edits; what an edit touches is gone, what stands behind it is stale, undo brings all back", async () => {
    const editor = await open("corpus", "emoji.txt");
    await untilTinted(editor, ["12", "7", "45"]);
    const at = editor.document.positionAt(editor.document.getText().indexOf(" pounds"));
    await editor.edit((edit) => edit.insert(at, "👍 漢字"));
    await untilTinted(editor, ["12", "45?"]);
    await vscode.commands.executeCommand("undo");
    await untilTinted(editor, ["12", "7", "45"]);
  });

  it("shows stale marks for a changed file, never wrong ones", async () => {
    const file = inWorkspace("corpus", "emoji.txt").fsPath;
    const before = await readFile(file, "utf8");
    const editor = await open("corpus", "emoji.txt");
    await untilTinted(editor, ["12", "7", "45"]);
    await writeFile(file, before.replace("45", "46").replace("Nothing", "Everything"));
    await untilTinted(editor, ["12?", "7?"]);
    assert.match(status(), /scores are stale: rescore/);
    await screenshot("highlight-stale");
    await writeFile(file, before);
    await untilTinted(editor, ["12", "7", "45"]);
  });
});

describe("the choice of scores", () => {
  it("says of a table that a run has scored that its format is not marked, not that it is stale", async () => {
    const editor = await open("corpus", "table.csv");
    await eventually("the status says so", () => status().includes("format not supported"));
    assert.deepEqual(tinted(editor), []);
    await vscode.commands.executeCommand("longrecipe.highlight.focus");
    await eventually("so does the view", async () => (await readWebview("body:has(.slider)")).includes("tables such as CSV"));
    await screenshot("highlight-unsupported");
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });

  it("goes to one run, to live scores, and back", async () => {
    const { highlights } = api.highlighting;
    const editor = await open("corpus", "emoji.txt");
    await untilTinted(editor, ["12", "7", "45"]);
    const choose = async (label: string): Promise<void> => {
      const chosen = vscode.commands.executeCommand("longrecipe.chooseScores");
      await eventually("the run is offered", async () => (await readWindow(".quick-input-list")).includes("has scored this file"));
      await quickPick(label);
      await chosen;
    };
    await choose("good");
    assert.equal(highlights.source.kind, "run");
    await untilTinted(editor, ["12", "7", "45"]);
    await choose("Live");
    assert.equal(highlights.source.kind, "live");
    await eventually("the scores are live", () => highlights.of(editor.document)?.marks?.origin.kind === "live", 30_000);
    await choose("Automatic");
    await untilTinted(editor, ["12", "7", "45"]);
    assert.equal(highlights.of(editor.document)?.marks?.origin.kind, "run");
  });
});

describe("the view of the threshold", () => {
  it("moves the marks while it is dragged", async () => {
    await vscode.commands.executeCommand("longrecipe.highlight.focus");
    const editor = await open("corpus", "story.txt");
    await eventually("marks are there", () => tinted(editor).length > 10);
    const before = tinted(editor).length;
    await eventually("the view tells the source", async () => (await readWebview(".source")).includes("Run good"));
    await evaluateInWebview(
      "(() => { const s = document.querySelector('.slider'); s.value = '50'; s.dispatchEvent(new Event('input')); return s.value; })()",
      ".slider",
    );
    await eventually("more is tinted", () => tinted(editor).length > before && api.highlighting.highlights.share === 0.5);
    await evaluateInWebview(
      "(() => { const s = document.querySelector('.slider'); s.value = '20'; s.dispatchEvent(new Event('input')); return s.value; })()",
      ".slider",
    );
    await eventually("it is as before", () => tinted(editor).length === before);
  });

  for (const theme of ["light", "high-contrast", "high-contrast-light", "dark"] as const) {
    it(`can be looked at in ${theme}`, async () => {
      await setTheme(theme);
      const editor = await open("corpus", "story.txt");
      await eventually("marks are there", () => tinted(editor).length > 10);
      await eventually("the ruler is there", () => (api.highlighting.highlights.shown(editor)?.ruler.length ?? 0) > 0);
      await screenshot(`highlight-${theme}`);
    });
  }
});

describe("live scores", () => {
  it("tint a text that no run knows, and follow what is typed", async () => {
    const text = "The access code of Kelford is 3963. 👩‍👩‍👧 漢字. The access code of Oakford is 7217. ".repeat(4);
    const start = Date.now();
    const document = await vscode.workspace.openTextDocument({ content: text });
    const editor = await vscode.window.showTextDocument(document);
    await eventually("it is scored", () => tinted(editor).length > 0 && status().includes("live"), 30_000);
    log(`        first marks after ${String(Date.now() - start)} ms, the start of the scorer with them`);
    const marks = api.highlighting.highlights.of(document)?.marks;
    assert.equal(marks?.origin.kind, "live");
    const probabilities = await marks.origin.probabilities(3);
    assert.ok(probabilities !== null && probabilities.base > 0 && probabilities.base <= 1);
    await screenshot("highlight-live");
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "Another beginning. "));
    assert.ok(
      tinted(editor).every((word) => word.endsWith("?")),
      "what stands behind an edit is not marked as stale",
    );
    await eventually("it is scored again", () => tinted(editor).length > 0 && tinted(editor).every((word) => !word.endsWith("?")), 30_000);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });
});

describe("a large file", () => {
  it("marks a viewport in time wherever it is scrolled", async function () {
    this.timeout(120_000);
    await api.highlighting.highlights.setEnabled(true);
    const editor = await open("corpus", "large.txt");
    await eventually("marks are there", () => tinted(editor).length > 5, 60_000);
    const times: number[] = [];
    const lines = editor.document.lineCount;
    for (let step = 1; step <= 12; step++) {
      const line = Math.floor((lines * step) / 13);
      editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
      await eventually("the new part is marked", () => {
        const first = api.highlighting.highlights.shown(editor)?.tints[0];
        return first !== undefined && Math.abs(first.range.start.line - line) < 200;
      });
      times.push(api.highlighting.highlights.lastPaint);
    }
    times.sort((a, b) => a - b);
    log(`        ${String(editor.document.getText().length)} characters: a viewport takes ${times.map((t) => t.toFixed(1)).join(", ")} ms`);
    // The middle one: on a busy machine single turns wait for others.
    assert.ok((times[6] ?? Infinity) < 16, `painting a viewport took ${String(times[6])} ms`);
    await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  });
});
