import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import * as vscode from "vscode";
import { activated } from "./extension.js";

before(() => activated());

describe("tools of chat agents", () => {
  async function call(name: string, input: object): Promise<Record<string, unknown>> {
    const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    return JSON.parse(part.value) as Record<string, unknown>;
  }

  it("tell the significance of tokens, the status of a run, and what is missing", async () => {
    const significance = await call("longrecipe_get_token_significance", { file: "corpus/emoji.txt", limit: 3 });
    assert.deepEqual(
      (significance["tokens"] as { text: string; line: number }[]).map(({ text, line }) => `${String(line)}:${text.trim()}`).sort(),
      ["1:12", "1:7", "3:45"],
    );
    assert.equal((await call("longrecipe_get_run_status", {}))["run"], "good-scored");
    assert.match(String((await call("longrecipe_get_evaluation_results", { run: "good-scored" }))["error"]), /no evaluation results/);
    assert.match(String((await call("longrecipe_get_token_significance", { file: "nowhere.txt" }))["error"]), /no text file/);
  });
});
