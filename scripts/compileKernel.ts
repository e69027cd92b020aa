/** The compiled kernel, for the script that writes it and the test that holds it to its source. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { root } from "./lib.js";

/** Where the compiled kernel is kept. */
export const compiledFile = join(root, "src", "recipe", "kernel", "wasm.ts");

// The compiler is started, not imported: its types declare members of every array for all files of a program.
const compiler = join(root, "node_modules", "assemblyscript", "bin", "asc.js");
const options = ["-O3", "--noAssert", "--enable", "simd", "--runtime", "stub"];

/** The module's text as it should stand in `compiledFile`. @throws Error with what the compiler says */
export async function compiledKernel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kernel-"));
  try {
    const file = join(folder, "kernel.wasm");
    const source = join(root, "native-bin", "kernel");
    await promisify(execFile)(process.execPath, [compiler, "index.ts", "--outFile", file, ...options], { cwd: source });
    const base64 = await readFile(file, "base64");
    return `/** Made by \`npm run kernel\` from native-bin/kernel. */\nexport const wasm =\n  "${base64}";\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
