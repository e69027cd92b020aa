/** Starts a runner that outlives whoever started it: a window, its extension host, a terminal. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { exitCode, messageOf, UserError } from "../protocol/errors.js";

export interface LaunchOptions {
  /** The Node (or Electron) program; in a VS Code window `process.execPath`. */
  readonly node: string;
  /** dist/runner.js */
  readonly runnerScript: string;
  /** Command line of the runner, e.g. ["extend", RECIPE, "--run", DIR]. */
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** File to which the runner's output is appended. */
  readonly log: string;
}

/**
 * @returns the process id of the runner.
 * @throws UserError when the program cannot be started.
 */
export async function launchRunner(options: LaunchOptions): Promise<{ readonly pid: number }> {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, "a");
  try {
    const child = spawn(options.node, [options.runnerScript, ...options.args], {
      cwd: options.cwd,
      detached: true,
      stdio: ["ignore", log, log],
      windowsHide: true,
      env: {
        ...process.env,
        // In the desktop window execPath is Electron, which this variable turns into plain Node.
        ...(process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: "1" }),
        ...options.env,
      },
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid ?? 0));
    });
    child.unref();
    return { pid };
  } catch (error) {
    throw new UserError(
      "runner-not-started",
      `The runner could not be started: ${messageOf(error)}.`,
      `Check that ${options.node} can be run and that ${options.cwd} exists.`,
      exitCode.internal,
    );
  } finally {
    closeSync(log);
  }
}
