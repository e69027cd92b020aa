/** What the scripts share. They run after bootstrap.mjs: node_modules and dist are there. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import * as z from "zod";

export const root = join(__dirname, "..");
export const runner = join(root, "dist", "runner.js");

export interface Ended {
  readonly code: number;
  /** What it printed, standard error included where it was captured. */
  readonly output: string;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** `show` passes everything on, `both` also keeps it, `keep` keeps standard output and shows standard error. */
  readonly output?: "show" | "both" | "keep";
}

/** Runs a program to its end, in the repository's root. Ctrl+C goes to it, and it decides. */
export async function run(command: string, args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const output = options.output ?? "show";
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ["inherit", output === "show" ? "inherit" : "pipe", output === "both" ? "pipe" : "inherit"],
    shell: process.platform === "win32" && !command.endsWith(".exe"),
  });
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  let text = "";
  const take = (chunk: Buffer, stream: NodeJS.WriteStream): void => {
    text += chunk.toString("utf8");
    if (output === "both") stream.write(chunk);
  };
  child.stdout?.on("data", (chunk: Buffer) => take(chunk, process.stdout));
  child.stderr?.on("data", (chunk: Buffer) => take(chunk, process.stderr));
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, signal) => resolve(exit ?? (signal === null ? 1 : 128)));
    });
    return { code, output: text };
  } finally {
    process.off("SIGINT", ignore);
  }
}

/** Runs a program of node_modules, or a script through tsx. */
export function runNode(script: string, args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return run(process.execPath, [script, ...args], options);
}

/** The `longrecipe` command line. */
export function longrecipe(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return runNode(runner, args, options);
}

const workerSchema = z.object({ interpreter: z.string(), origin: z.enum(["explicit", "candidate", "managed"]) });

/** Makes the worker's environment unless it is there; with the tests' packages when asked to. @returns its interpreter */
export async function workerPython(withTests: boolean): Promise<string> {
  const extras = withTests ? ["--extras", join(root, "native-bin", "worker", "requirements-test.lock")] : [];
  const { code, output } = await longrecipe(["setup", "--json", ...extras], { output: "keep" });
  if (code !== 0) {
    console.error(output);
    process.exit(code);
  }
  return workerSchema.parse(JSON.parse(output.trim().split("\n").at(-1) ?? "")).interpreter;
}
