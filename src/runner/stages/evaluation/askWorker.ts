/** Prompts answered by models that the worker loads. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Recipe } from "../../../protocol/recipe.js";
import { hashOf } from "../../cacheKey.js";
import { readRows } from "../../tables/reader.js";
import { evaluationFiles } from "../files.js";
import type { EvaluationTools, TaskTokenizer } from "./benchmark.js";
import { withCache, type EvaluatedModel } from "./cache.js";
import { retokenized, sharedLimit, writePromptTable, type Prompt } from "./prompts.js";
import { workerTokenizer } from "./tokenizer.js";

/** Models that are asked the same tokens. */
export interface ModelGroup {
  readonly models: readonly EvaluatedModel[];
  readonly tokenizer: TaskTokenizer | undefined;
  /** Prompts in the group's tokens that are not too long for its models. */
  readonly prompts: readonly Prompt[];
  /** Prompts that are not asked, and why. */
  readonly left: readonly { readonly prompts: readonly Prompt[]; readonly reason: (first: string) => string }[];
}

/** Gathers the models by tokenizer and window; another tokenizer's prompts are tokenized anew from their text. */
export async function modelGroups(
  tools: EvaluationTools,
  models: readonly EvaluatedModel[],
  prompts: readonly Prompt[],
): Promise<ModelGroup[]> {
  const gathered = new Map<string, EvaluatedModel[]>();
  for (const model of models) {
    const key = hashOf({ tokenizer: model.tokenizer ?? null, window: model.window ?? null });
    gathered.set(key, [...(gathered.get(key) ?? []), model]);
  }
  const groups: ModelGroup[] = [];
  for (const members of gathered.values()) {
    const { tokenizer, window } = members[0] ?? {};
    const own =
      tokenizer === undefined
        ? { prompts: [...prompts], withoutTemplate: [] }
        : await retokenized(prompts, tokenizer, workerTokenizer(tools, tokenizer.model));
    const fits = ({ ids }: Prompt): boolean => window === undefined || ids.length <= window;
    groups.push({
      models: members,
      tokenizer,
      prompts: own.prompts.filter(fits),
      left: [
        { prompts: own.prompts.filter((prompt) => !fits(prompt)), reason: tooLong(window ?? 0) },
        { prompts: own.withoutTemplate, reason: (first) => `It has no chat template for ${first}.` },
      ],
    });
  }
  return groups;
}

/** Why a prompt is not asked of a model whose window it exceeds. */
export function tooLong(window: number): (first: string) => string {
  return (first) => `Its window of ${window} tokens is shorter than ${first}.`;
}

export interface WorkerRequest {
  readonly group: ModelGroup;
  /** Those of the group's prompts to ask now. */
  readonly prompts: readonly Prompt[];
  /** Folder for their tables, made where it is not there. */
  readonly folder: string;
  readonly cache: string | undefined;
  readonly engine: Recipe["evaluation"]["engine"];
}

/**
 * Asks, and takes up again what was asked before in the same folder.
 * @returns for each model its answers by prompt; prompts whose logits were not finite have none
 */
export async function askWorker(tools: EvaluationTools, request: WorkerRequest): Promise<Map<string, Map<number, string>>> {
  const { group, prompts, folder, engine } = request;
  await mkdir(folder, { recursive: true });
  const table = join(folder, evaluationFiles.prompts);
  await writePromptTable(table, prompts);
  const limit = sharedLimit(prompts);
  const maxNewTokens = limit ?? Math.max(...prompts.map(({ question }) => question.maxNewTokens));
  const generations = (name: string): string => join(folder, `generations-${name}.arrow`);
  const hashes = prompts.map(({ hash }) => hash);
  const own = group.tokenizer === undefined ? {} : { tokens: prompts.map(({ ids }) => hashOf([...ids])) };
  await withCache({
    cache: request.cache,
    models: group.models,
    question:
      limit === null
        ? { kind: "generate", ...own, prompts: prompts.map(({ hash, question: { maxNewTokens: limit, stop } }) => ({ hash, limit, stop })) }
        : { kind: "generate", ...own, maxNewTokens, prompts: hashes },
    table: generations,
    // A prompt without an answer is to be asked again another time, and told again.
    isWhole: async (made) => (await answersIn(made)).size === prompts.length,
    work: (models) =>
      tools.runJob({
        kind: "generate",
        models: [...models],
        prompts: table,
        maxNewTokens,
        onNonFinite: "skip",
        ...(engine === "auto" ? {} : { engine }),
        output: folder,
      }),
  });
  const answers = new Map<string, Map<number, string>>();
  for (const { name } of group.models) {
    answers.set(name, await answersIn(generations(name)));
  }
  return answers;
}

async function answersIn(table: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for await (const { prompt, text } of readRows(table, "generations")) found.set(prompt, text);
  return found;
}
