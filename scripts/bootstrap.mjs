// The one script that runs on a bare clone: brings node_modules and dist up to date, then hands over to TypeScript.
// Plain JavaScript, because nothing is installed yet when it starts.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [task, ...rest] = process.argv.slice(2);
const isWindows = process.platform === "win32";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`LongRecipe needs Node 20.19 or newer; this is ${process.version}. Install a newer Node and run the command again.`);
  process.exit(3);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: isWindows });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** npm writes this file when it has finished; ours beside it says for which lock file. */
const stamp = join(root, "node_modules", ".longrecipe-lock");
const lock = readFileSync(join(root, "package-lock.json"), "utf8");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  // No package's install script is needed: esbuild ships its binary as a package, and ONNX Runtime's would fetch CUDA.
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, lock);
}
run(process.execPath, ["esbuild.mjs", ...(task === "test" ? ["--tests"] : [])]);
run(process.execPath, ["--import", "tsx", join("scripts", `${task}.ts`), ...rest]);
