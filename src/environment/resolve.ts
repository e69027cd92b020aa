/** Which Python runs the worker: the one that was named, else one the editor offers, else our own. */
import process from "node:process";
import { exitCode, UserError } from "../protocol/errors.js";
import { ensureManaged, type ManagedOptions } from "./managed.js";
import { isFailure, probePython } from "./probe.js";
import { missing, readRequirements, type Requirements } from "./requirements.js";

export interface ResolveOptions extends ManagedOptions {
  /** The setting longrecipe.worker.python or --python. LONGRECIPE_PYTHON comes after it. */
  readonly explicit?: string | undefined;
  /** Interpreters that may be used when they have what is needed: the one chosen in the Python extension. */
  readonly candidates?: readonly string[] | undefined;
}

export interface ResolvedPython {
  readonly python: string;
  readonly origin: "explicit" | "candidate" | "managed";
}

/**
 * @throws UserError (exit 3) when the named interpreter lacks something, or no environment can be made.
 */
export async function resolvePython(options: ResolveOptions): Promise<ResolvedPython> {
  const requirements = await readRequirements(options.project.pyproject);
  const explicit = options.explicit || process.env["LONGRECIPE_PYTHON"];
  if (explicit) {
    const problems = await problemsOf(explicit, requirements);
    if (problems.length > 0) throw unsuitable(explicit, problems, options.project.lockFile);
    return { python: explicit, origin: "explicit" };
  }
  for (const candidate of options.candidates ?? []) {
    const problems = await problemsOf(candidate, requirements);
    if (problems.length === 0) return { python: candidate, origin: "candidate" };
    options.onProgress({ message: `${candidate} is not used: ${problems.join("; ")}.` });
  }
  return { python: await ensureManaged(options), origin: "managed" };
}

async function problemsOf(python: string, requirements: Requirements): Promise<string[]> {
  const probe = await probePython(
    [python],
    requirements.packages.map(({ name }) => name),
  );
  return isFailure(probe) ? [probe.reason] : missing(probe, requirements);
}

function unsuitable(python: string, problems: readonly string[], lockFile: string): UserError {
  return new UserError(
    "python-unsuitable",
    `The Python interpreter ${python} cannot run the worker.`,
    `Install what is missing (pip install -r ${lockFile}), or take the setting away so that an environment is made for you.`,
    exitCode.environment,
    problems.map((message) => ({ path: python, message })),
  );
}
