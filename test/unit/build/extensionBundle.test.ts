/** What VS Code waits for when the extension starts is small, whatever else the extension can do. */
import { readFile } from "node:fs/promises";
import { rolldown, type OutputChunk } from "rolldown";
import { beforeAll, describe, expect, it } from "vitest";
import { input, output } from "../../../scripts/extensionBundle.mjs";

const ENTRY = "extension.js";
const LIMIT_BYTES = 150_000;

describe("the extension's bundle", () => {
  let parts: ReadonlyMap<string, OutputChunk>;
  let atActivation: OutputChunk[];

  beforeAll(async () => {
    const bundle = await rolldown(input);
    const { output: files } = await bundle.generate(output(false));
    parts = new Map(files.filter((file) => file.type === "chunk").map((part) => [part.fileName, part]));
    atActivation = [...reached(parts, ENTRY)];
  });

  it("loads no library but d3-array at activation", () => {
    const modules = atActivation.flatMap(({ moduleIds }) => moduleIds);
    const libraries = modules.flatMap((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(id.replaceAll("\\", "/"))?.[1] ?? []);
    expect([...new Set(libraries)]).toEqual(["d3-array"]);
  });

  it(`has fewer than ${LIMIT_BYTES} bytes to load at activation, before they are minified`, () => {
    const bytes = atActivation.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it("lies where the package takes it from", async () => {
    const packaged = (await readFile(".vscodeignore", "utf8")).split("\n");
    expect(packaged).toEqual(expect.arrayContaining(["!dist/extension.js", "!dist/extension/*.cjs"]));
    const elsewhere = [...parts.keys()].filter((file) => file !== ENTRY && !/^extension\/[^/]+\.cjs$/u.test(file));
    expect(elsewhere).toEqual([]);
    expect(parts.size).toBeGreaterThan(atActivation.length);
  });
});

/** The part and all that are loaded with it. */
function reached(parts: ReadonlyMap<string, OutputChunk>, name: string, found = new Set<OutputChunk>()): Set<OutputChunk> {
  const part = parts.get(name);
  if (part === undefined || found.has(part)) return found;
  found.add(part);
  for (const next of part.imports) reached(parts, next, found);
  return found;
}
