/** Ends a run for good as far as the list says; it can still be resumed. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { leaveRequest } from "./control.js";

export const stopRun: Command = (parts, argument) =>
  leaveRequest(parts, argument, "stop", vscode.l10n.t("Stopping: the run writes a checkpoint and ends at its next step."));
