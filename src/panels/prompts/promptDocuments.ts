/** Prompts of an evaluation as read-only documents: the exact text, with the needle, the distractors and the question marked. */
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import { exitCode, UserError } from "../../protocol/errors.js";
import type { ResultRow } from "../../protocol/results.js";
import { runPaths } from "../../runner/runDirectory.js";
import { evaluationFiles } from "../../runner/stages/files.js";
import { readResults } from "../resultsFile.js";
import { PROMPT_SCHEME } from "./lazyPromptDocuments.js";
import { findPrompt, promptParts, type StoredPrompt, type TextRange } from "./promptFile.js";
import { inBackground } from "../../platform/log.js";

/** What a document's address says: where the prompts are, and which one it is. */
interface Address {
  readonly results: string;
  readonly hash: string;
}

export class PromptDocuments implements vscode.Disposable {
  private readonly needle = mark("editor.findMatchBackground", "editorOverviewRuler.findMatchForeground", "underline");
  private readonly distractor = mark("editor.wordHighlightBackground", "editorOverviewRuler.wordHighlightForeground", "underline dotted");
  private readonly question = mark(
    "editor.selectionHighlightBackground",
    "editorOverviewRuler.selectionHighlightForeground",
    "underline dashed",
  );
  private readonly subscriptions: { dispose(): unknown }[];

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.subscriptions = [
      vscode.window.onDidChangeVisibleTextEditors((editors) => this.decorateAll(editors)),
      this.needle,
      this.distractor,
      this.question,
    ];
    this.decorateAll(vscode.window.visibleTextEditors);
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  /** Opens the prompt beside the panel, at its needle. @param results the results file it belongs to */
  async show(results: string, hash: string): Promise<void> {
    const prompt = await load({ results, hash });
    const document = await vscode.workspace.openTextDocument(addressOf({ results, hash }, prompt));
    const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    await this.decorate(editor);
    const [needle] = promptParts(prompt).needles;
    if (needle === undefined) return;
    const range = rangeOf(document, needle);
    editor.selection = new vscode.Selection(range.start, range.start);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenter);
  }

  /** Text of a document of the scheme. */
  async read(uri: vscode.Uri): Promise<string> {
    return (await load(readAddress(uri))).text;
  }

  private decorateAll(editors: readonly vscode.TextEditor[]): void {
    for (const editor of editors) {
      if (editor.document.uri.scheme !== PROMPT_SCHEME) continue;
      inBackground(this.log, this.decorate(editor));
    }
  }

  private async decorate(editor: vscode.TextEditor): Promise<void> {
    const address = readAddress(editor.document.uri);
    const prompt = await load(address);
    const { needles, distractors, question } = promptParts(prompt);
    const answers = await answersTo(address);
    const options = (hover: vscode.MarkdownString) => (range: TextRange) => ({
      range: rangeOf(editor.document, range),
      hoverMessage: hover,
    });
    editor.setDecorations(this.needle, needles.map(options(plain(vscode.l10n.t("Needle: {0} is to be found.", prompt.expected)))));
    editor.setDecorations(this.distractor, distractors.map(options(plain(vscode.l10n.t("Distractor")))));
    editor.setDecorations(this.question, (question === null ? [] : [question]).map(options(answerHover(prompt, answers))));
  }
}

function mark(background: string, ruler: string, line: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(background),
    overviewRulerColor: new vscode.ThemeColor(ruler),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    // Colour alone would be lost in high contrast.
    textDecoration: line,
  });
}

async function load({ results, hash }: Address): Promise<StoredPrompt> {
  const file = join(dirname(results), evaluationFiles.promptTexts);
  // Results also lie at the top of a run; their prompts stay with the stage.
  for (const candidate of [file, join(runPaths(dirname(results)).stage("evaluate"), evaluationFiles.promptTexts)]) {
    const prompt = await findPrompt(candidate, hash).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    });
    if (prompt !== null) return prompt;
  }
  throw new UserError(
    "prompt-missing",
    vscode.l10n.t("The text of this prompt is not in {0}.", file),
    vscode.l10n.t("Evaluate the run again; it writes the prompts anew."),
    exitCode.badInput,
  );
}

async function answersTo({ results, hash }: Address): Promise<ResultRow[]> {
  return (await readResults(results)).results?.rows.filter((row) => row.promptHash === hash && row.depth !== null) ?? [];
}

/** What each model said: text of models, so it goes in as text. */
function answerHover({ expected }: StoredPrompt, answers: readonly ResultRow[]): vscode.MarkdownString {
  const hover = new vscode.MarkdownString();
  hover.appendText(vscode.l10n.t("Expected: {0}", expected));
  for (const { model, answer } of answers) hover.appendMarkdown("\n\n").appendText(`${model}: ${answer ?? vscode.l10n.t("no answer")}`);
  return hover;
}

function plain(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString().appendText(text);
}

function addressOf(address: Address, { length, depth }: StoredPrompt): vscode.Uri {
  const place = depth == null ? "" : `-${String(Math.round(depth * 100))}pct`;
  return vscode.Uri.from({
    scheme: PROMPT_SCHEME,
    path: `/needle-${String(length)}${place}-${address.hash.slice(0, 6)}.txt`,
    query: JSON.stringify(address),
  });
}

function readAddress(uri: vscode.Uri): Address {
  const value: unknown = JSON.parse(uri.query);
  if (typeof value === "object" && value !== null && "results" in value && "hash" in value) {
    const { results, hash } = value;
    if (typeof results === "string" && typeof hash === "string") return { results, hash };
  }
  throw new Error(`not the address of a prompt: ${uri.toString()}`);
}

function rangeOf(document: vscode.TextDocument, { start, end }: TextRange): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
