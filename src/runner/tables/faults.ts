/** Faults of the file system, told to a person. */
import { exitCode, messageOf, UserError } from "../../protocol/errors.js";

/** The system's code of a failed call (`ENOSPC`, ...), or null where `error` is no such fault. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/**
 * What to throw for a failed file operation: a UserError for faults that people can mend, else the error itself.
 * @param doing for example `write` or `read`: "Cannot write PATH: ..."
 */
export function fileFault(error: unknown, doing: string, path: string): unknown {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new UserError(
        "disk-full",
        `Cannot ${doing} ${path}: the disk is full.`,
        "Free some space (or choose another `output` folder), then resume the run.",
        exitCode.worker,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new UserError(
        "file-permission",
        `Cannot ${doing} ${path}: permission denied.`,
        "Give this user access to the file, or leave it out of the corpus.",
        exitCode.badInput,
      );
    case "ENOENT":
      return new UserError(
        "file-missing",
        `Cannot ${doing} ${path}: it does not exist.`,
        "Check the path in the recipe; if the file belongs to a run, start the run again.",
        exitCode.badInput,
      );
    case "EISDIR":
    case "EIO":
    case "ELOOP":
    case "EMFILE":
      return new UserError(
        "file-unreadable",
        `Cannot ${doing} ${path}: ${messageOf(error)}.`,
        "Check the file and the disk it lies on.",
        exitCode.badInput,
      );
    default:
      return error;
  }
}

/** What to throw for a table that is damaged or cut off. */
export function brokenTable(path: string, reason: string): UserError {
  return new UserError(
    "table-broken",
    `${path} is not a whole Arrow table (${reason}).`,
    "Remove the folder of the stage that wrote it and start the run again.",
    exitCode.internal,
  );
}
