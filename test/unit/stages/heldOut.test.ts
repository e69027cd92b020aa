import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EventPayload } from "../../../src/protocol/events.js";
import { corpusSchema } from "../../../src/protocol/recipe.js";
import { readHeldOut } from "../../../src/runner/stages/evaluation/corpora.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-out-"));
  await writeFile(join(folder, "good.txt"), "Good text.");
  await writeFile(join(folder, "bad.txt"), Uint8Array.of(0x47, 0xff, 0x20));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("tells and counts what is left out of held-out text, or ends at it", async () => {
  const events: EventPayload[] = [];
  const read = (onError: "fail" | "skip"): Promise<string[]> =>
    readHeldOut(
      { recipeDirectory: folder, emit: (event) => events.push(event) },
      { targetLength: 100, seed: 1 },
      { key: "evaluation.perplexity.corpus", corpus: corpusSchema.parse({ include: ["*.txt"], onError }) },
      10,
    );
  expect(await read("skip")).toEqual(["Good text."]);
  expect(events.map((event) => (event.kind === "log" ? event.message : ""))).toEqual([
    "Left out bad.txt: it is not UTF-8 near byte 1.",
    "evaluation.perplexity.corpus: 1 unreadable left out.",
  ]);
  await expect(read("fail")).rejects.toMatchObject({ code: "corpus-unreadable" });
});
