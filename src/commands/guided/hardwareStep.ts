/** Question 4: where to compute. Shows what this machine has; the answer starts the run. */
import { totalmem } from "node:os";
import * as vscode from "vscode";
import type { Hardware } from "../../environment/hardware.js";
import { formatBytes } from "../../views/format.js";
import type { RecipeDraft } from "./draft.js";
import { group, pick, type Outcome, type StepPlace } from "./steps.js";

interface HardwareItem extends vscode.QuickPickItem {
  readonly device?: RecipeDraft["device"];
  readonly start?: boolean;
}

/**
 * @param hardware null when no Python environment is there yet
 * @param preferred the setting `longrecipe.device`
 */
export async function askHardware(
  hardware: Promise<Hardware | null>,
  preferred: RecipeDraft["device"],
  draft: Partial<RecipeDraft>,
  place: StepPlace,
): Promise<Outcome<Partial<RecipeDraft>>> {
  const outcome = await pick<HardwareItem>(place, {
    placeholder: vscode.l10n.t("Where shall it run?"),
    items: hardware.then((found) => (found === null ? unknownHardware() : knownHardware(found))),
    isActive: (item) => item.device !== undefined && item.device === (draft.device ?? preferred),
  });
  if (outcome.kind !== "next") return outcome;
  return { kind: "done", value: { device: outcome.value.device ?? preferred, start: outcome.value.start !== false } };
}

function knownHardware(hardware: Hardware): HardwareItem[] {
  const [best] = hardware.devices;
  const machine = vscode.l10n.t("{0} processors, {1} memory", hardware.cpus, formatBytes(hardware.memoryBytes));
  const devices = hardware.devices.map((device): HardwareItem => ({
    label: `$(${device.device === "cpu" ? "device-desktop" : "circuit-board"}) ${device.name || device.device}`,
    description: device.device,
    detail: device.memoryBytes === null ? machine : vscode.l10n.t("{0} of its own", formatBytes(device.memoryBytes)),
    device: device.device,
  }));
  return [
    {
      label: vscode.l10n.t("$(rocket) Start on the best device"),
      description: best === undefined ? "" : `${best.name || best.device} (${best.device})`,
      detail: vscode.l10n.t("{0}; {1} free on disk", machine, formatBytes(hardware.diskFreeBytes)),
      device: "auto",
    },
    ...group<HardwareItem>(vscode.l10n.t("start on"), devices),
    ...group<HardwareItem>(vscode.l10n.t("other"), [writeOnly()]),
  ];
}

function unknownHardware(): HardwareItem[] {
  return [
    {
      label: vscode.l10n.t("$(rocket) Start on the best device"),
      description: vscode.l10n.t("accelerators are looked for once the Python environment is made, which is next"),
      detail: vscode.l10n.t("{0} memory", formatBytes(totalmem())),
      device: "auto",
    },
    ...group<HardwareItem>(vscode.l10n.t("other"), [writeOnly()]),
  ];
}

function writeOnly(): HardwareItem {
  return {
    label: vscode.l10n.t("$(file-code) Only write the recipe"),
    description: vscode.l10n.t("to change it before it is run"),
    start: false,
  };
}
