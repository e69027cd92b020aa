/** Looks at what this machine has and says it in one message; the log has every line. */
import { tmpdir } from "node:os";
import * as vscode from "vscode";
import type { Hardware } from "../environment/hardware.js";
import { ensurePython, hardwareOf } from "../platform/environment.js";
import type { Command } from "../platform/parts.js";
import { requireTrust } from "../platform/trust.js";
import { formatBytes } from "../views/format.js";

export const doctor: Command = async (parts) => {
  requireTrust();
  const { python, origin } = await ensurePython(parts);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? tmpdir();
  const title = vscode.l10n.t("LongRecipe: looking at this machine");
  const hardware = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () => hardwareOf(python, folder));
  const lines = [`Python ${hardware.python} (${origin}): ${python}`, ...describe(hardware, folder)];
  for (const line of lines) parts.log.info(line);
  const openLog = vscode.l10n.t("Open Log");
  const choice = await vscode.window.showInformationMessage(summary(hardware), openLog);
  if (choice === openLog) parts.log.show();
};

function describe(hardware: Hardware, folder: string): string[] {
  return [
    `PyTorch ${hardware.torch}, transformers ${hardware.transformers}`,
    ...hardware.devices.map(
      ({ device, name, memoryBytes, bfloat16 }) =>
        `${device}: ${name}${memoryBytes === null ? "" : `, ${formatBytes(memoryBytes)}`}${bfloat16 ? ", bfloat16" : ""}`,
    ),
    `${String(hardware.cpus)} processors, ${formatBytes(hardware.memoryBytes)} memory`,
    `${formatBytes(hardware.diskFreeBytes)} free in ${folder}`,
  ];
}

function summary(hardware: Hardware): string {
  const [best] = hardware.devices;
  const device = best === undefined ? "" : `${best.name || best.device} (${best.device})`;
  return vscode.l10n.t(
    "This machine is ready: Python {0}, PyTorch {1}, {2}, {3} memory, {4} free on disk.",
    hardware.python,
    hardware.torch,
    device,
    formatBytes(hardware.memoryBytes),
    formatBytes(hardware.diskFreeBytes),
  );
}
