/** The most significant tokens of a file, from the scores of a run. */
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import { cutoffsOf } from "../editor/highlight/editorPainter.js";
import type { Marks } from "../editor/highlight/marks.js";
import { levelOf } from "../editor/highlight/ranks.js";
import { runMarks } from "../editor/highlight/runMarks.js";
import { exitCode, UserError } from "../protocol/errors.js";
import type { Tool } from "./register.js";

const inputSchema = z.object({
  file: z.string().min(1),
  startLine: z.number().optional(),
  endLine: z.number().optional(),
  limit: z.number().optional(),
});
const most = 200;
const usual = 50;

export const tokenSignificance: Tool = async ({ highlights }, input) => {
  const { file, startLine = 1, endLine = Infinity, limit = usual } = inputSchema.parse(input);
  const document = await opened(file);
  const eol = document.eol === vscode.EndOfLine.LF ? "\n" : "\r\n";
  const found = await runMarks(await highlights.runScores(), document.uri.fsPath, { text: document.getText(), eol });
  if (found === null) {
    throw new UserError(
      "no-scores",
      `No run of this workspace has scored ${file}.`,
      "Add it to the corpus of a recipe and run that.",
      exitCode.badInput,
    );
  }
  if (found.marks === null || found.marks.stale) {
    throw new UserError(
      "scores-stale",
      `The scores of ${file} are stale: rescore.`,
      "The file has changed since it was scored. Run its recipe again.",
      exitCode.badInput,
    );
  }
  const { marks } = found;
  const from = document.offsetAt(new vscode.Position(Math.max(0, Math.floor(startLine) - 1), 0));
  const to = endLine === Infinity ? Infinity : document.offsetAt(new vscode.Position(Math.max(0, Math.floor(endLine)), 0));
  return {
    file: document.uri.fsPath,
    run: marks.origin.name,
    topShare: highlights.share,
    tokens: significant(document, marks, highlights.share, from, to, Math.min(most, Math.max(1, Math.floor(limit)))),
  };
};

async function opened(file: string): Promise<vscode.TextDocument> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const tried = isAbsolute(file) ? [vscode.Uri.file(file)] : folders.map(({ uri }) => vscode.Uri.joinPath(uri, file));
  for (const uri of tried) {
    // Files outside of the workspace are nobody's business here.
    if (vscode.workspace.getWorkspaceFolder(uri) === undefined) continue;
    try {
      return await vscode.workspace.openTextDocument(uri);
    } catch {
      continue;
    }
  }
  throw new UserError(
    "no-such-file",
    `${file} is no text file of this workspace.`,
    "Name a file by its path in the workspace.",
    exitCode.badInput,
  );
}

function significant(document: vscode.TextDocument, marks: Marks, share: number, from: number, to: number, limit: number) {
  const cutoffs = cutoffsOf(marks, share);
  const { score } = marks.tokens.tokens;
  const found: { start: number; end: number; score: number }[] = [];
  marks.tokens.walk(from, to, (token, start, end) => {
    const value = score[token] ?? Number.NaN;
    if (!Number.isNaN(value) && !marks.tokens.isStale(start)) found.push({ start, end, score: value });
    return undefined;
  });
  return found
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ start, end, score: value }) => {
      const position = document.positionAt(start);
      return {
        text: document.getText(new vscode.Range(position, document.positionAt(end))),
        line: position.line + 1,
        column: position.character + 1,
        score: Number(value.toPrecision(5)),
        topShareOfCorpus: Number(marks.distribution.topShare(value).toPrecision(3)),
        impactful: levelOf(value, cutoffs) > 0,
      };
    });
}
