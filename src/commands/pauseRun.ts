/** Writes a checkpoint, ends the processes and frees the device; Resume goes on from there. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { leaveRequest } from "./control.js";

export const pauseRun: Command = (parts, argument) =>
  leaveRequest(parts, argument, "pause", vscode.l10n.t("Pausing: the run writes a checkpoint and ends at its next step."));
