/** Entry of dist/runner.js: the `longrecipe` command line, which is also the runner that the extension starts. */
import process from "node:process";
import { runCommandLine } from "./cli/program.js";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever read the output has gone (`| head`, a closed terminal). The run goes on; its history is in files.
    if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
  });
}

void runCommandLine(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
