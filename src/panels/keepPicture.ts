/** Writes a picture or a table of a page where the person says. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { PictureFormat } from "../protocol/dashboard.js";

const formatNames: Readonly<Record<PictureFormat, () => string>> = {
  png: () => vscode.l10n.t("PNG picture"),
  svg: () => vscode.l10n.t("SVG picture"),
  csv: () => vscode.l10n.t("Comma-separated values"),
};

/** @param nextTo the run's folder, beside which the dialog begins; @returns the file, or null when none was chosen */
export async function keepPicture(
  format: PictureFormat,
  name: string,
  data: string | Uint8Array,
  nextTo: string,
): Promise<vscode.Uri | null> {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+/u, "") || "picture";
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(vscode.Uri.file(dirname(nextTo)), `${safe}.${format}`),
    filters: { [formatNames[format]()]: [format] },
  });
  if (target === undefined) return null;
  await vscode.workspace.fs.writeFile(target, typeof data === "string" ? new TextEncoder().encode(data) : data);
  return target;
}
