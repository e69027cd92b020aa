/** Any exception, told so that a person knows what to do. */
import { exitCode, messageOf, UserError } from "../protocol/errors.js";

/** A UserError for every fault: those of the system get a remedy; what nobody foresaw is called a defect. */
export function asUserError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const message = messageOf(error);
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new UserError(
        "disk-full",
        `The disk is full: ${message}.`,
        "Free some space (or set `output` in the recipe to a folder on a larger disk), then resume the run.",
        exitCode.worker,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new UserError(
        "no-permission",
        `No permission: ${message}.`,
        "Give this account the right to read and write that path, then try again.",
        exitCode.badInput,
      );
    case "ENOENT":
    case "EEXIST":
      // Making a folder: Node says ENOENT on a read-only file system, the other where a file is in the way.
      return callOf(error) === "mkdir" ? folderImpossible(message) : defect(message);
    case "ENOTDIR":
    case "ENAMETOOLONG":
      return folderImpossible(message);
    default:
      return defect(message);
  }
}

function folderImpossible(message: string): UserError {
  return new UserError(
    "folder-impossible",
    `The folder cannot be made: ${message}.`,
    "Its file system may be read-only, its name too long, or a file may stand in the way: choose another folder for the run (`output` in the recipe, or --run).",
    exitCode.badInput,
  );
}

function defect(message: string): UserError {
  return new UserError(
    "internal",
    `Something unforeseen happened: ${message}`,
    "This is a defect of LongRecipe. The details are in the log; please report them.",
    exitCode.internal,
  );
}

/** Whether an error is a server's that answers nothing any more: what others gave is kept then. */
export function isServerFault(error: unknown): error is UserError {
  return error instanceof UserError && error.code.startsWith("server-");
}

/** What to throw where servers answer nothing any more: the fault of the one, or one for all, each with what to do about it. */
export function serverFault(faults: readonly UserError[]): UserError | null {
  const [first] = faults;
  if (first === undefined) return null;
  const lines = [...new Set(faults.map(({ message, remedy }) => `${message} ${remedy}`))];
  if (lines.length === 1) return first;
  return new UserError(
    "server-several",
    `${String(lines.length)} servers do not answer:\n${lines.map((line) => `- ${line}`).join("\n")}`,
    "Do what is said of each, then evaluate again: what was answered is kept.",
    first.exit,
  );
}

/** One message with every problem on a line of its own. */
export function describeFault(error: UserError): string {
  return [error.message, ...error.problems.map(({ path, message }) => `  ${path}: ${message}`)].join("\n");
}

/** Code of a system error, such as ENOSPC; null for anything else. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

function callOf(error: unknown): unknown {
  return error instanceof Error && "syscall" in error ? error.syscall : null;
}
