/** Opens the dashboard of a run. */
import * as vscode from "vscode";
import type { Command } from "../platform/parts.js";
import { chooseRun } from "./chooseRun.js";

export const openDashboard: Command = async (parts, argument) => {
  const run = await chooseRun(parts, argument, {
    placeholder: vscode.l10n.t("Dashboard of which run?"),
    none: vscode.l10n.t('There is no run yet. "LongRecipe: Extend Context" starts one.'),
    fits: () => true,
  });
  if (run !== null) await parts.dashboards.show(run);
};
