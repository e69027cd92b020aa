/** The extension from this repository, with a worker that works. */
import process from "node:process";
import { emptyWorkspace, type Workspace } from "./workspaces.js";
import { workerPython } from "./endToEnd.js";
import type { Session } from "./index.js";

export function machine(root: string, suitePath: string): Session {
  return withWorker(root, suitePath, emptyWorkspace);
}

/** The same on another folder. */
export function withWorker(root: string, suitePath: string, made: () => Promise<Workspace>): Session {
  return async () => {
    // So small a model gains nothing from a second thread, and on a busy machine the threads wait for each other.
    process.env["OMP_NUM_THREADS"] ??= "1";
    const python = await workerPython(root);
    const workspace = await made();
    return {
      options: {
        suitePath,
        extensionPath: root,
        workspace: workspace.path,
        settings: { "longrecipe.worker.python": python },
        timeoutMs: 20 * 60_000,
      },
      finish: () => workspace.remove(),
    };
  };
}
