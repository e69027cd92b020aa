/** Which processes are alive, told apart from later ones that got the same id. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import * as z from "zod";

export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** When the process started, in whatever form the system tells it; null where it cannot be found out. */
  start: z.string().nullable(),
});
/** A process id together with its start, which a later process of the same id does not share. */
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** @returns the start marker of a live process, null when it is alive but its start is unknown, undefined when it is gone. */
export function startOf(pid: number): string | null | undefined {
  if (process.platform === "linux") return linuxStart(pid);
  if (!answersSignals(pid)) return undefined;
  if (process.platform === "win32") return null;
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || null;
  } catch {
    // ps ends with 1 when the process has gone in between.
    return undefined;
  }
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, start: startOf(pid) ?? null };
}

/** Whether that very process, not a later one of the same id, is still running. */
export function isAlive(identity: ProcessIdentity): boolean {
  const start = startOf(identity.pid);
  if (start === undefined) return false;
  return start === null || identity.start === null || start === identity.start;
}

/** Field 22 of /proc/PID/stat (start time in clock ticks after boot), see proc(5). A zombie counts as gone. */
function linuxStart(pid: number): string | null | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  } catch {
    return answersSignals(pid) ? null : undefined;
  }
  // The command's name, in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return fields[19] ?? null;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists, but belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
