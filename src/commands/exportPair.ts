/** Writes base and extended model of a completed run as ONNX, for live scoring, and offers to use them. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";
import { startAgain } from "./launch.js";

export const exportPair: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Export the models of which run?"),
    none: vscode.l10n.t("No run is complete, so there are no models to export."),
    fits: (candidate) => candidate.status === "completed",
  });
  if (run === null) return;
  const formats = [
    { label: "fp16", description: vscode.l10n.t("half the size, nearly exact") },
    { label: "fp32", description: vscode.l10n.t("exact") },
    { label: "int8", description: vscode.l10n.t("a quarter of the size, ranks differ somewhat") },
  ];
  const format = await vscode.window.showQuickPick(formats, { placeHolder: vscode.l10n.t("How shall the weights be stored?") });
  if (format === undefined) return;
  await startAgain(parts, run, "export", ["--format", format.label]);
};
