/** Asks an interpreter what it is and which packages it has, without loading them. */
import { execa, type Result } from "execa";
import * as z from "zod";

const probeSchema = z.object({
  executable: z.string(),
  version: z.string(),
  packages: z.record(z.string(), z.string()),
});
export type Probe = z.infer<typeof probeSchema>;

/** An interpreter that could not be asked, and why. */
export interface ProbeFailure {
  readonly reason: string;
}

const script = `
import json, sys
from importlib import metadata
packages = {}
for name in sys.argv[1:]:
    try:
        packages[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
version = ".".join(str(part) for part in sys.version_info[:3])
print(json.dumps({"executable": sys.executable, "version": version, "packages": packages}))
`;

/** A command that starts Python: a path, or `py -3`. */
export type PythonCommand = readonly [string, ...string[]];

/** @returns what the interpreter says, or why it could not be asked. */
export async function probePython(command: PythonCommand, packages: readonly string[]): Promise<Probe | ProbeFailure> {
  const [file, ...args] = command;
  const result = await execa(file, [...args, "-c", script, ...packages], { reject: false, timeout: 30_000, stdin: "ignore" });
  if (result.failed) return { reason: failureOf(result) };
  try {
    return probeSchema.parse(JSON.parse(result.stdout.trim().split("\n").at(-1) ?? ""));
  } catch {
    return { reason: `it answered ${result.stdout.slice(0, 200)}` };
  }
}

export function isFailure(probe: Probe | ProbeFailure): probe is ProbeFailure {
  return "reason" in probe;
}

/**
 * Loads the packages for real: finds damaged installations that `probePython` takes for whole. Takes seconds.
 * @returns why they cannot be loaded, or null.
 */
export async function importFailure(python: string, modules: readonly string[]): Promise<string | null> {
  const result = await execa(python, ["-c", modules.map((name) => `import ${name}`).join("\n")], {
    reject: false,
    timeout: 180_000,
    stdin: "ignore",
  });
  if (!result.failed) return null;
  return failureOf(result);
}

/** Its last word, else how it ended: what execa says names the whole script. */
function failureOf({
  stderr,
  code,
  exitCode,
  timedOut,
  originalMessage,
}: Pick<Result, "stderr" | "code" | "exitCode" | "timedOut" | "originalMessage">): string {
  const lastLine = typeof stderr === "string" ? stderr.trim().split("\n").at(-1) : "";
  if (lastLine) return lastLine;
  if (code === "ENOENT") return "there is no such program";
  if (timedOut) return "it did not answer in time";
  return exitCode === undefined ? (originalMessage ?? "it cannot be started") : `it ended with code ${String(exitCode)}, without a word`;
}
