/** Held-out documents, needle prompts and probes of the validation while training: built once, for all training stages. */
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import * as z from "zod";
import { planNeedles } from "../../evaluation/needlePlan.js";
import { trainedLength, type Recipe } from "../../protocol/recipe.js";
import { drawPositions } from "../../recipe/positions.js";
import { Random, subSeed } from "../../recipe/random.js";
import { segmentSentences, sentenceTokens } from "../../recipe/sentences.js";
import type { ValidationPlan } from "../../recipe/validationPlan.js";
import { hashOf } from "../cacheKey.js";
import type { StageContext } from "../stage.js";
import { systemCode } from "../tables/faults.js";
import { writeTable } from "../tables/writer.js";
import { frameOf } from "./evaluation/frame.js";
import { buildPrompts, factTexts } from "./evaluation/needlePrompts.js";
import type { TokenizedText } from "./evaluation/tokenizer.js";
import { measuredDocuments } from "./evaluation/perplexityTask.js";
import { tokenizedTexts } from "./validationTexts.js";

const files = { documents: "documents.arrow", prompts: "prompts.arrow", probe: "probe.arrow", description: "validation.json" } as const;

const descriptionSchema = z.object({
  /** Of everything that the files were made from. */
  key: z.string(),
  documents: z.int().nonnegative(),
  asked: z.array(z.object({ prompt: z.int(), length: z.int(), depth: z.number(), expected: z.string() })),
  probes: z.int().nonnegative(),
});
/** validation.json: what the tables beside it hold. Written last. */
export type ValidationDescription = z.infer<typeof descriptionSchema>;

/** The tables of a validation, where they are whole. */
export interface ValidationTables {
  readonly description: ValidationDescription;
  readonly documents: string;
  readonly prompts: string;
  readonly probe: string;
}

/** The tables in `folder`, made for the same plan; null where there are none. */
export async function findValidation(folder: string, recipe: Recipe, plan: ValidationPlan): Promise<ValidationTables | null> {
  let text: string;
  try {
    text = await readFile(join(folder, files.description), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
  const description = descriptionSchema.parse(JSON.parse(text));
  return description.key === keyOf(recipe, plan) ? tablesIn(folder, description) : null;
}

/** Builds the tables in `folder`. @throws UserError when a held-out corpus has no files or cannot be read */
export async function buildValidation(context: StageContext, folder: string, plan: ValidationPlan): Promise<ValidationTables> {
  const { recipe, models } = context;
  await mkdir(folder, { recursive: true });
  const seed = subSeed(recipe.seed, "validation");
  const plans = planNeedles("sentence", needleSettings(recipe, plan), plan.lengths, seed);
  const frame = frameOf("base", models.base);
  const texts = await tokenizedTexts(context, folder, plan.documents, factTexts(plans, frame), seed);
  const chosen = measuredDocuments(
    texts.measured.map(({ ids }, document) => ({ document, ids })),
    plan.documents,
    recipe.targetLength,
  );
  const prompts = plans.length === 0 ? [] : buildPrompts(plans, frame, texts.facts, texts.haystack, seed).prompts;
  await writeTable(join(folder, files.documents), "tokens", async (writer) => {
    // Offsets are of no use to scoring.
    for (const { document, ids } of chosen) {
      const cut = ids.subarray(0, plan.length);
      await writer.append({ document, ids: cut, starts: cut, ends: cut });
    }
  });
  await writeTable(join(folder, files.prompts), "prompts", async (writer) => {
    for (const { prompt } of prompts) await writer.append({ prompt: writer.count, ids: prompt.ids });
  });
  const probed = chosen.flatMap(({ document }) => texts.measured[document] ?? []);
  const probes = await writeProbes(recipe, join(folder, files.probe), probed, plan.probes, seed);
  const description = {
    key: keyOf(recipe, plan),
    documents: chosen.length,
    asked: prompts.map(({ plan: { length }, asked: { depth, references } }, prompt) => ({
      prompt,
      length,
      depth,
      expected: references[0] ?? "",
    })),
    probes,
  };
  await writeFileAtomic(join(folder, files.description), `${JSON.stringify(description, null, 1)}\n`);
  return tablesIn(folder, description);
}

function tablesIn(folder: string, description: ValidationDescription): ValidationTables {
  const path = (name: Exclude<keyof typeof files, "description">): string => join(folder, files[name]);
  return { description, documents: path("documents"), prompts: path("prompts"), probe: path("probe") };
}

/** Corpora are named, not read: what is measured while training is shown, and nothing depends on it. */
function keyOf(recipe: Recipe, plan: ValidationPlan): string {
  const { seed, targetLength, trainedLength, positions, evaluation, corpus } = recipe;
  const { documents, length, lengths, depths, trials, probes } = plan;
  const size = { documents, length, lengths, depths, trials, probes };
  return hashOf({ size, seed, targetLength, trainedLength, positions, evaluation, corpus });
}

/** Plain sentences, a haystack for each, to be gone on from: whatever kinds of needles the evaluation has. */
function needleSettings(recipe: Recipe, { lengths, depths, trials }: ValidationPlan): Recipe["evaluation"]["needle"] {
  const plain = { haystacks: "own", prompting: "base" } as const;
  return { ...recipe.evaluation.needle, ...plain, lengths: [...lengths], depths: [...depths], trials };
}

/**
 * Pieces of L tokens of the documents, one document after the other, with positions drawn as in training.
 * @returns how many were written
 */
function writeProbes(recipe: Recipe, path: string, documents: readonly TokenizedText[], count: number, seed: number): Promise<number> {
  const length = trainedLength(recipe);
  const random = new Random(seed, "probe");
  return writeTable(path, "samples", async (writer) => {
    for (let first = 0; documents.some(({ ids }) => ids.length >= first + length); first += length) {
      for (const [document, { text, ids, starts, ends }] of documents.entries()) {
        if (writer.count === count) return count;
        if (ids.length < first + length) continue;
        const sentences = sentenceTokens(text, segmentSentences(text), starts, ends);
        const within = sentences.filter((token) => token > first && token < first + length).map((token) => token - first);
        const placed = drawPositions(
          length,
          Int32Array.of(0, ...within),
          { ...recipe.positions, targetLength: recipe.targetLength },
          random,
        );
        await writer.append({ sample: writer.count, document, ids: ids.subarray(first, first + length), ...placed });
      }
    }
    return writer.count;
  });
}
