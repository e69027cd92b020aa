/** Asks for a checkpoint without ending the run. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { leaveRequest } from "./control.js";

export const checkpointNow: Command = (parts, argument) =>
  leaveRequest(parts, argument, "checkpoint", vscode.l10n.t("The run writes a checkpoint at its next step."));
