// Builds everything that runs: the extension, the runner (= the CLI), the scorer, the webviews and, with --tests, the host suites.
// One file: what VS Code loads, what Node starts and what Chromium shows all come from here. The extension alone comes in parts
// (scripts/extensionBundle.mjs).
import { build, context } from "esbuild";
import { Buffer } from "node:buffer";
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { build as buildParts, watch as watchParts } from "rolldown";
import { globSync } from "tinyglobby";
import { input, output } from "./scripts/extensionBundle.mjs";

const flags = new Set(process.argv.slice(2));
const production = flags.has("--production");
const watch = flags.has("--watch");

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : "linked",
  logLevel: "warning",
  metafile: flags.has("--sizes"),
};

/** @type {import("esbuild").BuildOptions} */
const node = {
  ...common,
  platform: "node",
  target: "node20",
  format: "cjs",
  // Its UMD build, which Node gets, requires files by a name that no bundler can follow.
  alias: { "jsonc-parser": "./node_modules/jsonc-parser/lib/esm/main.js" },
  // ES modules among the dependencies ask where they are; in a CommonJS bundle the answer is the bundle.
  define: { "import.meta.url": "bundleUrl" },
  banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/** @type {import("esbuild").BuildOptions[]} */
const targets = [
  { ...node, entryPoints: { runner: "src/runner/main.ts" }, outdir: "dist" },
  // The in-editor scorer's process, the only one that loads it.
  { ...node, entryPoints: { scorer: "src/scorer/main.ts" }, outdir: "dist", external: ["onnxruntime-node"] },
  {
    ...common,
    entryPoints: pages(),
    outdir: "dist/webview",
    platform: "browser",
    target: "chrome120",
    format: "iife",
    loader: { ".svg": "text" },
  },
];
if (flags.has("--tests")) {
  targets.push({
    ...node,
    entryPoints: hostSuites(),
    outdir: "dist/test/host",
    external: ["vscode", "mocha"],
    minify: false,
    sourcemap: "inline",
  });
}

function pages() {
  return Object.fromEntries(globSync("webview/pages/*.ts").map((file) => [basename(file, ".ts"), file]));
}

function hostSuites() {
  return Object.fromEntries(globSync("test/host/suites/*.ts").map((file) => [basename(file, ".ts"), file]));
}

const extension = { ...input, output: output(production) };

if (!watch) {
  rmSync("dist", { recursive: true, force: true });
  const [parts, ...results] = await Promise.all([buildParts(extension), ...targets.map((options) => build(options))]);
  if (flags.has("--sizes")) {
    for (const part of parts.output) if (part.type === "chunk") printSize(join("dist", part.fileName), Buffer.byteLength(part.code));
    for (const { metafile } of results) {
      for (const [file, { bytes }] of Object.entries(metafile?.outputs ?? {})) if (!file.endsWith(".map")) printSize(file, bytes);
    }
  }
} else {
  watchParts(extension).on("event", (event) => event.code === "ERROR" && console.error(event.error.message));
  for (const options of targets) await (await context(options)).watch();
  console.log("watching");
}

function printSize(file, bytes) {
  console.log(`${file.padEnd(48)} ${(bytes / 1024).toFixed(1).padStart(9)} KB`);
}
