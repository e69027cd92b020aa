/** Which characters of a file ought to be tinted, told by a run's tables alone, and which are. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as vscode from "vscode";
import * as z from "zod";
import { selectionFiles, significanceFile } from "../../../../src/runner/stages/files.js";
import { readAll } from "../../../../src/runner/tables/reader.js";
import type { ExtensionApi } from "../../../../src/extension.js";
import type { FollowedRun } from "../../../../src/views/followedRun.js";

/** Offsets (UTF-16 code units) of the characters of tokens whose score reaches the run's threshold, blanks left out. */
export async function impactfulCharacters({ paths }: FollowedRun, path: string, text: string): Promise<Set<number>> {
  const summary = await readFile(join(paths.stage("select"), selectionFiles.summary), "utf8");
  const { threshold } = z.object({ threshold: z.number() }).parse(JSON.parse(summary));
  const documents = await readAll(join(paths.stage("significance"), significanceFile), "significance");
  const document = documents.find((row) => row.path === path);
  assert.ok(document, `${path} has no scores`);
  const found = new Set<number>();
  document.score.forEach((score, token) => {
    if (!(score >= threshold)) return;
    for (let at = document.starts[token] ?? 0; at < (document.ends[token] ?? 0); at++) if (!isBlank(text, at)) found.add(at);
  });
  return found;
}

/** Offsets of the characters that are tinted in what is in view, blanks left out; null while there are no marks. */
export function tintedCharacters(editor: vscode.TextEditor, { highlighting }: ExtensionApi): Set<number> | null {
  const { document } = editor;
  const tints = highlighting.highlights.shown(editor)?.tints ?? [];
  if (tints.length === 0) return null;
  const text = document.getText();
  const found = new Set<number>();
  for (const { range, stale } of tints) {
    assert.equal(stale, false, "a mark is stale though the file has not changed");
    for (let at = document.offsetAt(range.start); at < document.offsetAt(range.end); at++) if (!isBlank(text, at)) found.add(at);
  }
  return found;
}

/** The characters at these offsets, in order. */
export function charactersAt(offsets: Iterable<number>, text: string): string {
  return [...offsets]
    .sort((a, b) => a - b)
    .map((at) => text.charAt(at))
    .join("");
}

function isBlank(text: string, at: number): boolean {
  return /\s/u.test(text.charAt(at));
}
