/** Finds a Python on the PATH to make the managed environment with. */
import process from "node:process";
import { exitCode, UserError } from "../protocol/errors.js";
import { isFailure, probePython, type PythonCommand } from "./probe.js";
import { pythonLimit, pythonProblem, type Requirements } from "./requirements.js";

const commands: readonly PythonCommand[] =
  process.platform === "win32"
    ? [["py", "-3"], ["python"], ["python3"]]
    : [["python3"], ["python"], ["python3.13"], ["python3.12"], ["python3.11"], ["python3.14"]];

/**
 * @returns path of the first interpreter whose version will do.
 * @throws UserError (exit 3) when there is none, with what was found instead.
 */
export async function findPython(
  requirements: Pick<Requirements, "python">,
  candidates: readonly PythonCommand[] = commands,
): Promise<string> {
  const found: string[] = [];
  for (const command of candidates) {
    const probe = await probePython(command, []);
    if (isFailure(probe)) continue;
    const problem = pythonProblem(probe.version, requirements);
    if (problem === null) return probe.executable;
    found.push(`${command.join(" ")} is ${probe.version}`);
  }
  throw new UserError(
    "no-python",
    `No Python from ${requirements.python} up to ${pythonLimit} was found${found.length > 0 ? ` (${found.join(", ")})` : ""}.`,
    "Install Python 3.11, 3.12 or 3.13 and see that it is on the PATH, or name an interpreter with the setting longrecipe.worker.python, LONGRECIPE_PYTHON or --python.",
    exitCode.environment,
  );
}
