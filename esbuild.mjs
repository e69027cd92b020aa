// Builds everything that runs: the extension, the runner (= the CLI), the scorer, the webviews and, with --tests, the host suites.
// One file, one bundler: what VS Code loads, what Node starts and what Chromium shows all come from here.
import { build, context } from "esbuild";
import { rmSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { globSync } from "tinyglobby";

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
  // onnxruntime-node is native: it is never loaded in the extension host's process, so it may not be reachable from here.
  { ...node, entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", external: ["vscode"] },
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

if (!watch) {
  rmSync("dist", { recursive: true, force: true });
  const results = await Promise.all(targets.map((options) => build(options)));
  if (flags.has("--sizes")) {
    for (const { metafile } of results) {
      for (const [file, output] of Object.entries(metafile?.outputs ?? {})) {
        if (!file.endsWith(".map")) console.log(`${file.padEnd(40)} ${(output.bytes / 1024).toFixed(1).padStart(9)} KB`);
      }
    }
  }
} else {
  for (const options of targets) await (await context(options)).watch();
  console.log("watching");
}
