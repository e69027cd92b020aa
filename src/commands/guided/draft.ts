/** The answers of the guided flow, and the recipe they make. Knows nothing of VS Code. */
import { basename, isAbsolute, relative, sep } from "node:path";
import type { RecipeInput } from "../../protocol/recipe.js";
import { formatTokens } from "../../views/format.js";

export interface RecipeDraft {
  /** Absolute folder or hub id. */
  readonly model: string;
  /** W; null for a hub id or a config that does not say. */
  readonly window: number | null;
  /** Absolute files, folders or globs. */
  readonly corpus: readonly string[];
  /** T, in tokens. */
  readonly targetLength: number;
  readonly device: NonNullable<RecipeInput["device"]>;
  /** Whether the run starts once the recipe is written. */
  readonly start: boolean;
}

/** The answers of a flow that went through every question. @throws Error when one was left out, which is a defect. */
export function completeDraft(answers: Partial<RecipeDraft>): RecipeDraft {
  const { model, window, corpus, targetLength, device, start } = answers;
  if (model === undefined || corpus === undefined || targetLength === undefined || device === undefined || start === undefined) {
    throw new Error(`the guided flow left a question out: ${JSON.stringify(answers)}`);
  }
  return { model, window: window ?? null, corpus, targetLength, device, start };
}

/** The recipe of a draft, its paths relative to the folder it will lie in. Everything else keeps its default. */
export function recipeOf(draft: RecipeDraft, folder: string): RecipeInput {
  return {
    // "./" tells a folder from a hub id.
    model: isAbsolute(draft.model) ? relativePath(folder, draft.model).replace(/^(?![./]|[A-Za-z]:)/, "./") : draft.model,
    targetLength: draft.targetLength,
    corpus: { include: draft.corpus.map((path) => relativePath(folder, path)) },
    ...(draft.device === "auto" ? {} : { device: draft.device }),
  };
}

/** "SmolLM2-135M-32k": the model's name and the target. */
export function draftName(draft: Pick<RecipeDraft, "model" | "targetLength">): string {
  const model =
    basename(draft.model)
      .replace(/[^A-Za-z0-9._-]+/g, "-")
      .replace(/^[-.]+/, "") || "model";
  return `${model}-${formatTokens(draft.targetLength)}`;
}

/** Multiples of the window that are worth offering: 2, 4, 8, 16 and 32 times. */
export function targetChoices(window: number): { readonly factor: number; readonly tokens: number }[] {
  return [2, 4, 8, 16, 32].map((factor) => ({ factor, tokens: factor * window }));
}

/** Tokens in "8192", "8k", "8 K", "128k", "1M"; null for anything else. */
export function parseTokens(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([km]?)$/i.exec(text.trim().replace(/[,_](?=\d{3}\b)/g, ""));
  if (match?.[1] === undefined) return null;
  const unit = { "": 1, k: 1024, m: 1024 * 1024 }[(match[2] ?? "").toLowerCase()] ?? 1;
  const tokens = Number(match[1]) * unit;
  return Number.isSafeInteger(tokens) && tokens > 0 ? tokens : null;
}

/** Forward slashes, as in globs, on every system. A path on another drive stays absolute. */
function relativePath(folder: string, path: string): string {
  const result = relative(folder, path);
  return (result === "" ? "." : isAbsolute(result) ? path : result).split(sep).join("/");
}
