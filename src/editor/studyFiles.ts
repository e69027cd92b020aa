/** Which documents hold a study. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findNodeAtLocation, parseTree } from "jsonc-parser";
import * as vscode from "vscode";
import { studyFiles, studyName, studyPlaces } from "../study/places.js";
import { isRecipe } from "./recipeFiles.js";

const ending = ".longstudy.json";

/** Whether a document is a study file, or a recipe with a study in it. */
export function holdsStudy(document: vscode.TextDocument): boolean {
  if (document.uri.scheme === "file" && document.uri.path.endsWith(ending)) return true;
  return isRecipe(document.uri) && studyOf(document.getText()) !== null;
}

/** Where the key `study` stands in a recipe; null where there is none. */
export function studyOf(text: string): number | null {
  const root = parseTree(text, [], { allowTrailingComma: true });
  return root === undefined ? null : (findNodeAtLocation(root, ["study"])?.parent?.offset ?? null);
}

/** The study a command is about: the file it was called on, else the one in the active editor. */
export function studyOfArgument(argument: unknown): vscode.Uri | null {
  const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  return uri !== undefined && uri.scheme === "file" && (uri.path.endsWith(ending) || isRecipe(uri)) ? uri : null;
}

/** The report of the study in a document as Markdown, where it has been written. */
export function studyReport(document: vscode.TextDocument): string | null {
  const file = document.uri.fsPath;
  const root = parseTree(document.getText(), [], { allowTrailingComma: true });
  const given: unknown = root === undefined ? undefined : findNodeAtLocation(root, ["name"])?.value;
  const name = typeof given === "string" ? given : studyName(file);
  const report = join(studyPlaces({ file, name }).directory, studyFiles.markdown);
  return existsSync(report) ? report : null;
}
