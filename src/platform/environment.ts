/**
 * The worker's Python environment, as the extension finds, makes and repairs it.
 * What starts processes is loaded when it is first needed, so that it costs nothing when a window opens.
 */
import * as vscode from "vscode";
import type { Hardware } from "../environment/hardware.js";
import type { SetupProgress } from "../environment/install.js";
import { cacheDirectory, workerProject } from "../environment/locations.js";
import type { ResolvedPython } from "../environment/resolve.js";
import type { Parts } from "./parts.js";
import { chosenInterpreter } from "./pythonExtension.js";
import { pythonSetting } from "./settings.js";

/** Longer than this, in milliseconds, is worth a notification: an environment that is there is found sooner. */
const PATIENCE_MS = 1500;

/**
 * Finds the interpreter, or makes the environment with progress that can be cancelled.
 * @throws UserError when none can be made; CancellationError when that was cancelled.
 */
export async function ensurePython(parts: Parts, repair = false): Promise<ResolvedPython> {
  const { resolvePython } = await import("../environment/resolve.js");
  const abort = new AbortController();
  const listeners = new Set<(progress: SetupProgress) => void>();
  const work = resolvePython({
    root: await environmentRoot(parts),
    project: workerProject(parts.context.extensionPath),
    explicit: pythonSetting() ?? undefined,
    candidates: await candidates(parts),
    repair,
    signal: abort.signal,
    onProgress: (progress) => {
      parts.log.info(progress.message);
      for (const listener of listeners) listener(progress);
    },
  }).catch((error: unknown) => {
    throw abort.signal.aborted ? new vscode.CancellationError() : error;
  });
  const patience = new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS));
  return (await Promise.race([work, patience])) ?? withNotification(work, abort, listeners);
}

async function withNotification<T>(
  work: Promise<T>,
  abort: AbortController,
  listeners: Set<(progress: SetupProgress) => void>,
): Promise<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t("LongRecipe: Python environment"),
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, token) => {
    let told = 0;
    token.onCancellationRequested(() => abort.abort());
    listeners.add(({ message, fraction }) => {
      const increment = fraction === undefined ? 0 : Math.max(0, fraction * 100 - told);
      told += increment;
      progress.report({ message, increment });
    });
    return work;
  });
}

/**
 * What the machine has, asked through an environment that is there already; nothing is installed for it.
 * @returns null when there is no environment yet.
 */
export async function knownHardware(parts: Pick<Parts, "context">, folder: string): Promise<Hardware | null> {
  const python = await readyPython(parts);
  return python === null ? null : hardwareOf(python, folder);
}

/** What the machine has, through this interpreter. @throws UserError when PyTorch cannot be loaded by it. */
export async function hardwareOf(python: string, folder: string): Promise<Hardware> {
  const { detectHardware } = await import("../environment/hardware.js");
  return detectHardware(python, folder);
}

/** Where managed environments lie: that of the command line when it is whole, so that a clone needs only one; else global storage. */
export async function environmentRoot(parts: Pick<Parts, "context">): Promise<string> {
  const shared = cacheDirectory();
  if (process.env["LONGRECIPE_CACHE"] !== undefined) return shared;
  const { readyManaged } = await import("../environment/managed.js");
  const project = workerProject(parts.context.extensionPath);
  return (await readyManaged({ root: shared, project })) === null ? parts.context.globalStorageUri.fsPath : shared;
}

async function readyPython(parts: Pick<Parts, "context">): Promise<string | null> {
  const named = pythonSetting() ?? process.env["LONGRECIPE_PYTHON"];
  if (named) return named;
  const { readyManaged } = await import("../environment/managed.js");
  return readyManaged({ root: await environmentRoot(parts), project: workerProject(parts.context.extensionPath) });
}

async function candidates(parts: Parts): Promise<string[]> {
  const chosen = await chosenInterpreter(parts.log);
  return chosen === null ? [] : [chosen];
}
