/** The sessions: which suite runs in which window. */
import { join } from "node:path";
import process from "node:process";
import type { HostTestOptions } from "../../support/runHostTests.js";
import { endToEnd } from "./endToEnd.js";
import { machine, withWorker } from "./machine.js";
import {
  demoWorkspace,
  emptyWorkspace,
  formWorkspace,
  recipeWorkspace,
  runWorkspace,
  scoredWorkspace,
  type Workspace,
} from "./workspaces.js";

/** Prepares a session; `finish` takes away what it made, whatever came of it. */
export type Session = () => Promise<{ readonly options: HostTestOptions; readonly finish: () => Promise<void> }>;

/** npm runs scripts in the repository's root. */
const root = process.cwd();

function suite(name: string): string {
  return join(root, "dist", "test", "host", `${name}.js`);
}

/** A window on `workspace`, the extension run from this repository. */
function simple(name: string, workspace: () => Promise<Workspace>, more: Partial<HostTestOptions> = {}): Session {
  return async () => {
    const made = await workspace();
    return { options: { suitePath: suite(name), extensionPath: root, workspace: made.path, ...more }, finish: () => made.remove() };
  };
}

/** Sessions that run only when they are named: they need what `npm run demo` left. */
export const onRequest: Readonly<Record<string, Session>> = {
  readme: simple("readme", () => demoWorkspace(root)),
};

export const sessions: Readonly<Record<string, Session>> = {
  firstLook: simple("firstLook", emptyWorkspace),
  recipes: simple("recipes", recipeWorkspace),
  runs: simple("runs", () => runWorkspace(["completed", "paused", "running"])),
  untrusted: simple("untrusted", () => runWorkspace(["paused"]), { trust: false }),
  highlightUntrusted: simple("highlightUntrusted", scoredWorkspace, { trust: false }),
  highlight: simple("highlight", scoredWorkspace),
  form: simple("form", () => formWorkspace(root)),
  commands: withWorker(root, suite("commands"), () => formWorkspace(root)),
  machine: machine(root, suite("machine")),
  endToEnd: endToEnd(root, suite("endToEnd")),
};
