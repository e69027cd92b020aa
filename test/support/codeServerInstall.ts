/**
 * Installs code-server from npm into the cache, without a compiler, without root checks, without downloads
 * from anywhere but the npm registry.
 *
 * `npm install code-server` alone fails in many containers: its install scripts refuse root, build native
 * modules and fetch binaries from elsewhere. So the scripts stay off, and the few things they would have done
 * and that tests need are done here.
 */
import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cached } from "./cache.js";

/** The release of code-server under test, and the version of VS Code that it is. */
export const CODE_SERVER_VERSION = "4.100.3";
export const VSCODE_VERSION = "1.100.3";

/** This code-server demands Node 20. Whoever runs another Node gets this one beside it, from npm as well. */
const NODE_MAJOR = 20;
const NODE_VERSION = "20.20.2";

/** `@vscode/ripgrep` of this release carries its binaries in npm packages; code-server's own downloads them. */
const RIPGREP_VERSION = "1.18.0";

/** Raise this when the steps below change, so that old entries of the cache are not taken for new ones. */
const RECIPE = 1;

/** Stands in for argon2, which would have to be compiled: code-server loads it always but calls it for passwords only. */
const ARGON2_STUB = `"use strict";
const unavailable = async () => { throw new Error("This code-server was installed for tests and knows no passwords."); };
module.exports = { hash: unavailable, verify: unavailable };
`;

/** An installed code-server: the Node that runs it, and its entry script. */
export interface CodeServer {
  node: string;
  entry: string;
}

/** Installs code-server unless the cache has it (about 15 s and 300 MB the first time). */
export async function installCodeServer(): Promise<CodeServer> {
  if (process.platform === "win32") {
    throw new Error("code-server does not run on Windows; host tests need a downloadable VS Code there.");
  }
  const [node, root] = await Promise.all([
    nodeForCodeServer(),
    cached(`code-server-${CODE_SERVER_VERSION}-r${RECIPE}-${process.platform}-${process.arch}`, build),
  ]);
  return { node, entry: join(root, "node_modules", "code-server", "out", "node", "entry.js") };
}

async function build(root: string): Promise<void> {
  console.log(`Installing code-server ${CODE_SERVER_VERSION} into the cache …`);
  const ripgrep = `@vscode/ripgrep-${process.platform}-${process.arch}`;
  await npmInstall(root, [`code-server@${CODE_SERVER_VERSION}`, `${ripgrep}@${RIPGREP_VERSION}`]);
  await writeFile(join(root, "node_modules", "argon2", "argon2.js"), ARGON2_STUB);

  // The workbench and the built-in extensions come with shrinkwraps of their own, installed from inside.
  const vscode = join(root, "node_modules", "code-server", "lib", "vscode");
  await npmInstall(vscode, []);
  await npmInstall(join(vscode, "extensions"), []);

  // VS Code looks for some of its modules in an archive of this name.
  await symlink("node_modules", join(vscode, "node_modules.asar"));
  const suffix = process.platform === "darwin" ? "darwin" : "linux";
  await symlink(`code-${suffix}.sh`, join(vscode, "bin", "remote-cli", "code-server"));
  await symlink(`browser-${suffix}.sh`, join(vscode, "bin", "helpers", "browser.sh"));

  // Without ripgrep neither `workspace.findFiles` nor search finds anything.
  const bin = join(vscode, "node_modules", "@vscode", "ripgrep", "bin");
  await mkdir(bin, { recursive: true });
  await copyFile(join(root, "node_modules", ripgrep, "bin", "rg"), join(bin, "rg"));
}

async function nodeForCodeServer(): Promise<string> {
  if (Number(process.versions.node.split(".")[0]) === NODE_MAJOR) {
    return process.execPath;
  }
  const name = `node-${process.platform}-${process.arch}`;
  const root = await cached(`${name}-${NODE_VERSION}`, (directory) => npmInstall(directory, [`${name}@${NODE_VERSION}`]));
  return join(root, "node_modules", name, "bin", "node");
}

/** Installs `packages`, or what the directory's own package.json asks for if there are none. */
async function npmInstall(directory: string, packages: readonly string[]): Promise<void> {
  if (packages.length > 0) {
    // Without it npm would look for a project in the directories above.
    await writeFile(join(directory, "package.json"), JSON.stringify({ private: true }));
  }
  const flags = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  await execa("npm", ["install", ...flags, ...packages], { cwd: directory });
}
