/** Ends process trees started by tests, also those parts of them that left their process group. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { guardAgainstExit } from "./guard.js";

/** Environment variable that marks every process of one host test; children inherit it, detached ones too. */
export const MARKER = "LONGRECIPE_HOST_RUN";

/** Variables that change what VS Code does, set where the tests are started from a terminal or a task in it. */
const FOREIGN_VARIABLES = /^(VSCODE_|CODE_SERVER|ELECTRON_)|^(HASHED_)?PASSWORD$|^PORT$/;

/** How long a process may take to end after it was asked to. */
const GRACE_MS = 3_000;

/** A process that leads a group of its own, and whatever it starts in it. */
export interface ProcessGroup {
  /** What it has printed so far. */
  log: () => string;
  /** Resolves to the exit code when the leader ends. */
  exited: Promise<number>;
  /** Ends the whole group. */
  stop: () => Promise<void>;
}

/** A process found alive. */
export interface LiveProcess {
  pid: number;
  command: string;
}

/** Our environment, without what would make a VS Code started in it behave as a part of another one. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN_VARIABLES.test(name)));
}

/** Starts a process whose children can be ended with it; they are, too, when this process ends. */
export async function startGroup(
  command: string,
  args: readonly string[],
  environment: Readonly<NodeJS.ProcessEnv>,
): Promise<ProcessGroup> {
  const child = execa(command, args, {
    env: environment,
    extendEnv: false,
    detached: true,
    all: true,
    buffer: false,
    reject: false,
    stdin: "ignore",
  });
  const { pid } = child;
  if (pid === undefined) {
    throw new Error(`${command} could not be started.`, { cause: await child });
  }
  let output = "";
  child.all.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number>((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
  const release = guardAgainstExit("groups", pid);
  const stop = async () => {
    await stopGroup(pid);
    release();
  };
  return { log: () => output, exited, stop };
}

/** Whether the process exists and is not merely a zombie waiting to be reaped. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !(await isZombie(pid));
}

/** Waits until `done` holds, and tells whether it came to hold in time. */
export async function waitUntil(done: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await done())) {
    if (Date.now() > deadline) {
      return false;
    }
    await sleep(50);
  }
  return true;
}

async function stopGroup(leader: number): Promise<void> {
  if (process.platform === "win32") {
    await execa("taskkill", ["/pid", String(leader), "/T", "/F"], { reject: false });
    return;
  }
  if (!signal(-leader, "SIGTERM")) {
    return;
  }
  if (!(await waitUntil(async () => !(await isAlive(leader)), GRACE_MS))) {
    console.warn(`Process ${leader} did not end when asked to; killing it.`);
  }
  // Members of the group may outlive its leader.
  killGroup(leader);
}

/** Kills a process group without asking. */
export function killGroup(leader: number): void {
  signal(-leader, "SIGKILL");
}

/** The live processes that carry the marker `value`. Known on Linux only; elsewhere the answer is empty. */
export async function markedProcesses(value: string): Promise<LiveProcess[]> {
  if (process.platform !== "linux") {
    return [];
  }
  const wanted = `${MARKER}=${value}`;
  const found: LiveProcess[] = [];
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) {
      continue;
    }
    // A process can end between any two of these reads; what cannot be read any more is not alive.
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(wanted) && !(await isZombie(pid))) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      found.push({ pid, command: command.replaceAll("\0", " ").trim() });
    }
  }
  return found;
}

/** Waits for the marked processes to end by themselves and returns those that do not. */
export async function remainingProcesses(value: string): Promise<LiveProcess[]> {
  let remaining: LiveProcess[] = [];
  await waitUntil(async () => {
    remaining = await markedProcesses(value);
    return remaining.length === 0;
  }, GRACE_MS);
  return remaining;
}

/** Kills the processes without asking. */
export function killAll(processes: readonly LiveProcess[]): void {
  for (const { pid } of processes) {
    signal(pid, "SIGKILL");
  }
}

/** Sends a signal; false if there is nobody to receive it. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function isZombie(pid: number): Promise<boolean> {
  // The command's name in field 2 may hold spaces and parentheses; the state follows the last one.
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
}
