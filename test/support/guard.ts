/**
 * Cleans up after this process however it ends, also when it is killed and can do nothing itself: a second
 * process notices, because the channel between the two closes, and removes what this one had registered.
 */
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What must not outlive this process. */
export interface Guarded {
  /** Process groups, by their leaders. */
  groups: number[];
  /** Markers of processes, see processes.ts. */
  markers: string[];
  directories: string[];
}

const guarded: Guarded = { groups: [], markers: [], directories: [] };
let guard: ChildProcess | undefined;

/** Registers something. The function returned takes it off the list, when it is gone or meant to stay. */
export function guardAgainstExit<K extends keyof Guarded>(kind: K, item: Guarded[K][number]): () => void {
  const list: Guarded[K][number][] = guarded[kind];
  list.push(item);
  tell();
  return () => {
    const index = list.indexOf(item);
    if (index >= 0) {
      list.splice(index, 1);
      tell();
    }
  };
}

function tell(): void {
  guard ??= start();
  // The guard gets the whole list each time, so that no message depends on an earlier one.
  guard.send(guarded, (error) => {
    if (error) {
      console.warn(`Nobody will clean up if the tests are killed: ${error.message}`);
    }
  });
}

function start(): ChildProcess {
  const program = fileURLToPath(new URL("guardProcess.ts", import.meta.url));
  // In a session of its own, so that Ctrl+C in the terminal does not end it along with us.
  const child = fork(program, { execArgv: ["--import", "tsx"], detached: true, stdio: "ignore" });
  child.unref();
  child.channel?.unref();
  return child;
}
