/** What the tests build RULER from: the embedded model's tokenizer, its corpus as essays, two small data sets. */
import { readdirSync, readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import { hotpotData, squadData } from "../../../../src/evaluation/ruler/answeringData.js";
import type { RulerSources } from "../../../../src/evaluation/ruler/build.js";
import { Essays } from "../../../../src/evaluation/ruler/essays.js";

const embedded = new URL("../../../../examples/embedded/", import.meta.url);

export function json(url: URL): unknown {
  return JSON.parse(readFileSync(url, "utf8"));
}

export const golden = (name: string): unknown => json(new URL(`golden/${name}.json`, import.meta.url));

const tokenizer = new Tokenizer(
  json(new URL("model/tokenizer.json", embedded)) as object,
  json(new URL("model/tokenizer_config.json", embedded)) as object,
);

export function count(texts: readonly string[]): number[] {
  return texts.map((text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length);
}

/** The corpus as far as it is needed: its first 60,000 characters, roughly. */
export function essayTexts(): string[] {
  const folder = new URL("corpus/", embedded);
  const texts: string[] = [];
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .sort()) {
    texts.push(readFileSync(new URL(name, folder), "utf8"));
    if (texts.join(" ").length > 60_000) break;
  }
  return texts;
}

export function sources(ends?: (text: string) => readonly number[]): RulerSources {
  return { essays: new Essays(essayTexts(), ends), squad: squadData(golden("squad")), hotpot: hotpotData(golden("hotpot")) };
}
