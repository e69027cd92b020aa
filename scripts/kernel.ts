/**
 * `npm run kernel`: compiles native-bin/kernel (AssemblyScript) into src/recipe/kernel/wasm.ts, which is kept in the
 * repository, so that nothing needs the compiler but a change of the kernel. A unit test holds the two to each other.
 */
import { writeFile } from "node:fs/promises";
import { compiledFile, compiledKernel } from "./compileKernel.js";

async function main(): Promise<void> {
  await writeFile(compiledFile, await compiledKernel());
}

void main();
