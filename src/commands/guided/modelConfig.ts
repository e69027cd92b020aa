/** What a model folder says of itself, read without Python: enough to offer target lengths. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

const positive = z.int().positive();
/** config.json of transformers; multimodal models keep the language model's part under `text_config`. */
const configSchema = z.object({
  architectures: z.array(z.string()).optional(),
  model_type: z.string().optional(),
  max_position_embeddings: positive.optional(),
  text_config: z.object({ max_position_embeddings: positive.optional() }).optional(),
});

export interface ModelConfig {
  /** Class name, e.g. LlamaForCausalLM; empty where the file does not say. */
  readonly architecture: string;
  /** W: max_position_embeddings; null where the file does not say. */
  readonly window: number | null;
}

/** @returns null when the folder holds no readable config.json. */
export async function readModelConfig(folder: string): Promise<ModelConfig | null> {
  let text: string;
  try {
    text = await readFile(join(folder, "config.json"), "utf8");
  } catch {
    return null;
  }
  const config = parseConfig(text);
  if (config === null) return null;
  return {
    architecture: config.architectures?.[0] ?? config.model_type ?? "",
    window: config.max_position_embeddings ?? config.text_config?.max_position_embeddings ?? null,
  };
}

/** Whether the folder holds a model as transformers saves it: config.json and safetensors. */
export async function isModelFolder(folder: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return false;
  }
  return names.includes("config.json") && names.some((name) => name.endsWith(".safetensors"));
}

function parseConfig(text: string): z.infer<typeof configSchema> | null {
  try {
    return configSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
