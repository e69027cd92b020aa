import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isModelFolder, readModelConfig } from "../../../src/commands/guided/modelConfig.js";
import { localProblems } from "../../../src/editor/localProblems.js";
import { recipeSchema, type RecipeInput } from "../../../src/protocol/recipe.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrecipe-local-"));
  await mkdir(join(folder, "model"));
  await writeFile(
    join(folder, "model", "config.json"),
    JSON.stringify({ architectures: ["LlamaForCausalLM"], max_position_embeddings: 256 }),
  );
  await mkdir(join(folder, "corpus"));
  await writeFile(join(folder, "corpus", "a.txt"), "Some text.");
});
afterEach(() => rm(folder, { recursive: true }));

async function problems(change: Partial<RecipeInput>): Promise<string[]> {
  const recipe = recipeSchema.parse({ model: "./model", targetLength: 1024, corpus: { include: ["corpus"] }, ...change });
  return (await localProblems(recipe, folder)).map(({ path }) => path);
}

it("finds nothing wrong with a recipe whose files are there", async () => {
  expect(await problems({})).toEqual([]);
});

it("finds every fault at once", async () => {
  expect(await problems({ model: "./modle", corpus: { include: ["corpse", "*.md"] } })).toEqual(["model", "corpus.include[0]"]);
  expect(await problems({ targetLength: 256 })).toEqual(["targetLength"]);
  expect(await problems({ model: "./corpus" })).toEqual(["model"]);
});

it("leaves hub ids to the worker", async () => {
  expect(await problems({ model: "organization/model" })).toEqual([]);
});

it("knows a model folder by its config and its safetensors", async () => {
  expect(await isModelFolder(join(folder, "model"))).toBe(false);
  await writeFile(join(folder, "model", "model.safetensors"), "");
  expect(await isModelFolder(join(folder, "model"))).toBe(true);
  expect(await isModelFolder(join(folder, "nowhere"))).toBe(false);
});

it("reads windows of plain and multimodal configs, and owns up to what it cannot read", async () => {
  const config = join(folder, "model", "config.json");
  expect(await readModelConfig(join(folder, "model"))).toEqual({ architecture: "LlamaForCausalLM", window: 256 });
  await writeFile(config, JSON.stringify({ model_type: "mm", text_config: { max_position_embeddings: 4096 } }));
  expect(await readModelConfig(join(folder, "model"))).toEqual({ architecture: "mm", window: 4096 });
  await writeFile(config, "{ torn");
  expect(await readModelConfig(join(folder, "model"))).toBeNull();
});
