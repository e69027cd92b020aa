/** Makes a virtual environment and installs a lock file into it: with uv where there is one, else with venv and pip. */
import { readFile, rm } from "node:fs/promises";
import { execa } from "execa";
import { exitCode, UserError } from "../protocol/errors.js";
import { venvPython } from "./locations.js";

/** One line for people, and the share done where it is known. */
export interface SetupProgress {
  readonly message: string;
  /** 0 to 1. */
  readonly fraction?: number;
}

export interface InstallOptions {
  readonly venv: string;
  readonly lockFile: string;
  /** Interpreter the environment is made with. */
  readonly python: string;
  readonly onProgress: (progress: SetupProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** @throws UserError (exit 3) when the environment cannot be made; the AbortSignal's reason when cancelled. */
export async function makeVenv(options: InstallOptions, uv: string | null): Promise<void> {
  if (uv !== null) {
    try {
      options.onProgress({ message: `Making a Python environment with ${uv}.` });
      // --seed: pip is there too, for people and for what is installed later.
      await step(options, uv, ["venv", "--seed", "--python", options.python, options.venv]);
      await step(options, uv, ["pip", "install", "--python", venvPython(options.venv), "-r", options.lockFile]);
      return;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // uv does not read pip's configuration, so it fails where only pip knows the package index.
      options.onProgress({ message: `uv failed, going on with venv and pip. ${error.message}` });
      await rm(options.venv, { recursive: true, force: true });
    }
  }
  options.onProgress({ message: `Making a Python environment with ${options.python}.` });
  await step(options, options.python, ["-m", "venv", options.venv]);
  await installLock(options);
}

/** Installs what a lock file names into an environment that has pip. */
export async function installLock(options: InstallOptions): Promise<void> {
  const total = (await readFile(options.lockFile, "utf8")).split("\n").filter((line) => /^[A-Za-z0-9]/.test(line)).length;
  let collected = 0;
  const onLine = (line: string): void => {
    if (/^\s*(Collecting|Processing|Requirement already)/.test(line)) collected += 1;
    if (!/^\s*(Collecting|Processing|Downloading|Installing|Building)/.test(line)) return;
    // Downloads take most of the time, unpacking the rest.
    const fraction = /^\s*Installing collected/.test(line) ? 0.7 : Math.min(0.7, (0.7 * collected) / Math.max(1, total));
    options.onProgress({ message: line.trim().slice(0, 120), fraction });
  };
  const args = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", options.lockFile];
  await step(options, venvPython(options.venv), args, onLine);
}

async function step(options: InstallOptions, command: string, args: readonly string[], onLine?: (line: string) => void): Promise<void> {
  options.signal?.throwIfAborted();
  const child = execa(command, args, {
    reject: false,
    all: true,
    stdin: "ignore",
    ...(options.signal ? { cancelSignal: options.signal } : {}),
  });
  if (onLine) for await (const line of child.iterable({ from: "all" })) onLine(line);
  const result = await child;
  options.signal?.throwIfAborted();
  if (!result.failed) return;
  throw installFault(command, result.all, result.shortMessage ?? "");
}

function installFault(command: string, output: string, reason: string): UserError {
  if (/ensurepip is not\s+available|No module named (ensurepip|venv)/.test(output)) {
    return new UserError(
      "no-venv",
      `${command} cannot make virtual environments: venv or ensurepip is missing.`,
      "Install it (on Debian and Ubuntu: apt install python3-venv), install uv, or name another interpreter with LONGRECIPE_PYTHON or --python.",
      exitCode.environment,
    );
  }
  const last = output.trim().split("\n").slice(-6).join("\n");
  return new UserError(
    "environment-not-made",
    `The Python environment could not be made. ${last === "" ? reason : last}`,
    "Check the network and the free disk space (about 6 GB are needed), then try again; or install the packages of native-bin/worker/requirements.lock yourself and name that interpreter with LONGRECIPE_PYTHON or --python.",
    exitCode.environment,
  );
}

/** Path of uv when it is there and runs. */
export async function findUv(): Promise<string | null> {
  const result = await execa("uv", ["--version"], { reject: false, timeout: 10_000, stdin: "ignore" });
  return result.failed ? null : "uv";
}
