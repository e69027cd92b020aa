/** `npm run package`: the VSIX for this platform, and what is in it, part by part. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import * as z from "zod";
import { readFile } from "node:fs/promises";
import { root, runNode } from "./lib.js";

const vsce = join(root, "node_modules", "@vscode", "vsce", "vsce");

async function main(): Promise<void> {
  const manifest = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  const target = platformTarget();
  const file = `longrecipe-${target}-${manifest.version}.vsix`;
  // Everything is bundled into dist, so no node_modules go along but those that copyRuntime.ts puts into it.
  // The build itself is package.json's vscode:prepublish.
  const options = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--skip-license"];
  const { code } = await runNode(vsce, ["package", "--target", target, "--out", join(root, file), ...options]);
  if (code !== 0) process.exit(code);
  await listParts();
  console.log(`${file}  ${kilobytes((await stat(join(root, file))).size)}`);
}

/** What VS Code calls this platform. */
function platformTarget(): string {
  const system = process.platform === "linux" && isMusl() ? "alpine" : process.platform;
  return `${system}-${process.arch === "arm" ? "armhf" : process.arch}`;
}

function isMusl(): boolean {
  const report = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) }).parse(process.report.getReport());
  return report.header.glibcVersionRuntime === undefined;
}

/** Sizes of the packaged files, summed by their first folder (two levels inside dist and examples). */
async function listParts(): Promise<void> {
  const { output } = await runNode(vsce, ["ls", "--no-dependencies"], { output: "keep" });
  const sizes = new Map<string, { files: number; bytes: number }>();
  for (const file of output.split("\n").filter((line) => line !== "" && !line.startsWith(">"))) {
    const part = partOf(file);
    const before = sizes.get(part) ?? { files: 0, bytes: 0 };
    sizes.set(part, { files: before.files + 1, bytes: before.bytes + (await stat(join(root, file))).size });
  }
  console.log("\nContents (unpacked):");
  for (const [part, { files, bytes }] of [...sizes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`  ${part.padEnd(28)} ${String(files).padStart(4)} file${files === 1 ? " " : "s"} ${kilobytes(bytes)}`);
  }
}

function partOf(file: string): string {
  const parts = file.split("/");
  if (parts.length === 1) return file;
  if (parts[1] === "node_modules") return parts.slice(0, 3).join("/");
  return parts[0] === "dist" || parts[0] === "examples" || parts[0] === "native-bin" ? parts.slice(0, 2).join("/") : (parts[0] ?? file);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1).padStart(9)} KB`;
}

void main();
