// How the extension is bundled: dist/extension.js is all that activate() needs, dist/extension/ what is loaded when it is first
// used. The borders are the `await import()` of the source. Rolldown does it, because esbuild splits no CommonJS.

/** @type {import("rolldown").InputOptions} */
export const input = {
  input: "src/extension.ts",
  platform: "node",
  // onnxruntime-node is native: it is never loaded in the extension host's process, so it may not be reachable from here.
  external: ["vscode"],
  transform: { target: "node20" },
  // Otherwise the entry would only pass on what lies in another file.
  preserveEntrySignatures: "allow-extension",
  // Its UMD build, which Node gets, requires files by a name that no bundler can follow.
  resolve: { alias: { "jsonc-parser$": "jsonc-parser/lib/esm/main.js" } },
};

/**
 * @param {boolean} production
 * @returns {import("rolldown").OutputOptions}
 */
export function output(production) {
  return {
    dir: "dist",
    format: "cjs",
    minify: production,
    sourcemap: !production,
    // vsce takes more than a hundred files in .js for an extension that nobody has bundled.
    chunkFileNames: "extension/[name]-[hash].cjs",
    // What activate() needs is read in one piece, whoever else needs some of it.
    codeSplitting: { groups: [{ name: "extension", tags: ["$initial"] }] },
  };
}
