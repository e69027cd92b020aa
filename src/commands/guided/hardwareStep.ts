/** Question 4: where to compute. Shows what this machine has; the answer starts the run. */
import { totalmem } from "node:os";
import * as vscode from "vscode";
import type { Hardware } from "../../environment/hardware.js";
import { formatBytes } from "../../views/format.js";
import type { RecipeDraft } from "./draft.js";
import type { EstimateLine } from "./estimateLine.js";
import { group, pick, type Outcome, type StepPlace } from "./steps.js";

interface HardwareItem extends vscode.QuickPickItem {
  readonly device?: RecipeDraft["device"];
  readonly start?: boolean;
}

/**
 * @param hardware null when no Python environment is there yet
 * @param preferred the setting `longrecipe.device`
 * @param estimate tells what the run would need
 */
export async function askHardware(
  hardware: Promise<Hardware | null>,
  preferred: RecipeDraft["device"],
  draft: Partial<RecipeDraft>,
  place: StepPlace,
  estimate: Promise<EstimateLine>,
): Promise<Outcome<Partial<RecipeDraft>>> {
  const outcome = await pick<HardwareItem>(place, {
    placeholder: vscode.l10n.t("Where shall it run?"),
    items: Promise.all([hardware, estimate]).then(([found, line]) => (found === null ? unknownHardware(line) : knownHardware(found, line))),
    isActive: (item) => item.device !== undefined && item.device === (draft.device ?? preferred),
  });
  if (outcome.kind !== "next") return outcome;
  return { kind: "done", value: { device: outcome.value.device ?? preferred, start: outcome.value.start !== false } };
}

function knownHardware(hardware: Hardware, line: EstimateLine): HardwareItem[] {
  const [best] = hardware.devices;
  const machine = vscode.l10n.t("{0} processors, {1} memory", hardware.cpus, formatBytes(hardware.memoryBytes));
  const devices = hardware.devices.map((device): HardwareItem => ({
    label: `$(${device.device === "cpu" ? "device-desktop" : "circuit-board"}) ${device.name || device.device}`,
    description: device.device,
    detail: joined(
      device.memoryBytes === null ? machine : vscode.l10n.t("{0} of its own", formatBytes(device.memoryBytes)),
      line(hardware, device.device),
    ),
    device: device.device,
  }));
  return [
    {
      label: vscode.l10n.t("$(rocket) Start on the best device"),
      description: best === undefined ? "" : `${best.name || best.device} (${best.device})`,
      detail: joined(vscode.l10n.t("{0}; {1} free on disk", machine, formatBytes(hardware.diskFreeBytes)), line(hardware, "auto")),
      device: "auto",
    },
    ...group<HardwareItem>(vscode.l10n.t("start on"), devices),
    ...group<HardwareItem>(vscode.l10n.t("other"), [writeOnly()]),
  ];
}

function unknownHardware(line: EstimateLine): HardwareItem[] {
  return [
    {
      label: vscode.l10n.t("$(rocket) Start on the best device"),
      description: vscode.l10n.t("accelerators are looked for once the Python environment is made, which is next"),
      detail: joined(vscode.l10n.t("{0} memory", formatBytes(totalmem())), line(null, "cpu")),
      device: "auto",
    },
    ...group<HardwareItem>(vscode.l10n.t("other"), [writeOnly()]),
  ];
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

function writeOnly(): HardwareItem {
  return {
    label: vscode.l10n.t("$(file-code) Only write the recipe"),
    description: vscode.l10n.t("to change it before it is run"),
    start: false,
  };
}
