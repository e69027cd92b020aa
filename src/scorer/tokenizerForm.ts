/** What a tokenizer.json says of how it changes a text, as far as offsets depend on it. */
import * as z from "zod";
import { exitCode, UserError } from "../protocol/errors.js";
import { composed, prepended, replaced, type Step } from "./byteMap.js";

const partSchema = z.looseObject({ type: z.string() });
type Part = z.infer<typeof partSchema>;

const tokenizerSchema = z.looseObject({
  added_tokens: z.array(z.looseObject({ id: z.int(), content: z.string() })).default([]),
  normalizer: partSchema.nullish(),
  pre_tokenizer: partSchema.nullish(),
  post_processor: partSchema.nullish(),
  model: z.looseObject({ type: z.string().optional(), byte_fallback: z.boolean().nullish() }),
});

export interface TokenizerForm {
  /** Tokens spell bytes in the alphabet of GPT-2; otherwise they spell characters, and `<0xNN>` a byte. */
  readonly byteLevel: boolean;
  readonly steps: readonly Step[];
  /** Whether blanks at a token's edges are part of it: `inner` keeps those before the text's first token. */
  readonly trims: "none" | "all" | "inner";
  /** Added tokens by id: they stand for their text as it is. */
  readonly added: ReadonlyMap<number, string>;
  /** Finds them in a text, the longest first. */
  readonly addedPattern: RegExp | null;
}

/** @throws UserError for tokenizers whose offsets cannot be derived */
export function tokenizerForm(json: unknown): TokenizerForm {
  const parsed = tokenizerSchema.safeParse(json);
  if (!parsed.success) throw unsupported("its tokenizer.json is damaged");
  const { added_tokens, normalizer, pre_tokenizer, post_processor, model } = parsed.data;
  if ((model.type ?? "BPE") !== "BPE") throw unsupported(`it is a ${model.type ?? "?"} tokenizer, not BPE`);
  const splitters = flat(pre_tokenizer, "pretokenizers");
  const byteLevel = splitters.some(({ type }) => type === "ByteLevel");
  if (!byteLevel && model.byte_fallback !== true) throw unsupported("it has no token for every byte");
  if (splitters.some((part) => part.type === "ByteLevel" && part["add_prefix_space"] === true)) {
    throw unsupported("it puts a blank before every text");
  }
  const steps = flat(normalizer, "normalizers").map(normalizerStep);
  for (const part of splitters) if (part.type === "Metaspace") steps.push(...metaspaceSteps(part));
  const trimmer = flat(post_processor, "processors").find((part) => part.type === "ByteLevel" && part["trim_offsets"] !== false);
  const trims = trimmer === undefined ? "none" : trimmer["add_prefix_space"] === false ? "all" : "inner";
  return {
    byteLevel,
    steps,
    trims,
    added: new Map(added_tokens.map(({ id, content }) => [id, content])),
    addedPattern: pattern(added_tokens),
  };
}

function pattern(added: readonly { readonly content: string }[]): RegExp | null {
  const contents = added.map(({ content }) => content).filter((content) => content !== "");
  if (contents.length === 0) return null;
  contents.sort((a, b) => b.length - a.length);
  return new RegExp(contents.map((content) => content.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&")).join("|"), "gu");
}

function flat(part: Part | null | undefined, key: string): Part[] {
  if (!part) return [];
  return part.type === "Sequence"
    ? z
        .array(partSchema)
        .parse(part[key])
        .flatMap((inner) => flat(inner, key))
    : [part];
}

function normalizerStep(part: Part): Step {
  if (part.type === "NFC") return composed;
  if (part.type === "Prepend") return prepended(z.string().parse(part["prepend"]));
  const pattern = z.object({ String: z.string() }).safeParse(part["pattern"]);
  if (part.type === "Replace" && pattern.success) return replaced(pattern.data.String, z.string().parse(part["content"]));
  throw unsupported(`its normalizer ${part.type} changes texts in a way that is not followed here`);
}

function metaspaceSteps(part: Part): Step[] {
  const sign = z.string().default("▁").parse(part["replacement"]);
  const scheme = part["prepend_scheme"] ?? (part["add_prefix_space"] === false ? "never" : "always");
  return [replaced(" ", sign), ...(scheme === "never" ? [] : [prefixed(sign)])];
}

/** The sign before the text, unless it begins with one. */
function prefixed(sign: string): Step {
  return function* (pieces) {
    let first = true;
    for (const piece of pieces) {
      if (first && !piece.text.startsWith(sign)) yield { text: sign, start: piece.start, end: piece.end };
      first = false;
      yield piece;
    }
  };
}

export function unsupported(why: string): UserError {
  return new UserError(
    "tokenizer-unsupported",
    `The pair's tokenizer cannot be used for live scoring: ${why}.`,
    "Show the scores of a run instead, or choose a pair whose tokenizer is byte-level BPE, such as Llama 3, Qwen or SmolLM.",
    exitCode.badInput,
  );
}
