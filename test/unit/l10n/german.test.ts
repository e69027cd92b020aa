import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getL10nJson } from "@vscode/l10n-dev";
import { globSync } from "tinyglobby";
import { describe, expect, it } from "vitest";
import * as z from "zod";

const root = join(import.meta.dirname, "../../..");
const texts = z.record(z.string(), z.string());

function read(file: string): Record<string, string> {
  return texts.parse(JSON.parse(readFileSync(join(root, file), "utf8")));
}

/** {0}, {1} ... of a text, sorted. */
function places(text: string): string[] {
  return [...text.matchAll(/\{\d+\}/g)].map(([place]) => place).sort();
}

/** Commands that a text links to, and icons in it: they may not change with the language. */
function fixed(text: string): string[] {
  return [...text.matchAll(/\(command:[\w.]+\)|\$\([\w-]+\)|`[^`]+`/g)].map(([part]) => part).sort();
}

describe("German", () => {
  it("has every text of package.json, and no other", () => {
    const [english, german] = [read("package.nls.json"), read("package.nls.de.json")];
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english)) expect(fixed(german[key] ?? ""), key).toEqual(fixed(text));
  });

  it("has every text of the extension and its pages, and no other", async () => {
    const files = globSync(["src/**/*.ts", "webview/**/*.ts"], { cwd: root, absolute: true });
    const found = await getL10nJson(files.map((file) => ({ extension: ".ts", contents: readFileSync(file, "utf8") })));
    const german = read("l10n/bundle.l10n.de.json");
    expect(Object.keys(found).length).toBeGreaterThan(200);
    expect({
      untranslated: Object.keys(found).filter((key) => !(key in german)),
      unused: Object.keys(german).filter((key) => !(key in found)),
    }).toEqual({ untranslated: [], unused: [] });
    for (const [english, text] of Object.entries(german)) {
      expect(places(text), english).toEqual(places(english));
      expect(fixed(text), english).toEqual(fixed(english));
    }
  }, 60_000);
});

it("every %text% of package.json is in package.nls.json", () => {
  const manifest = readFileSync(join(root, "package.json"), "utf8");
  const english = read("package.nls.json");
  const used = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key ?? ""));
  expect([...used].filter((key) => !(key in english))).toEqual([]);
  expect(Object.keys(english).filter((key) => !used.has(key))).toEqual([]);
});
