/** Scores texts with a pair, part by part, what is in view first. Runs in the scorer's own process. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { exitCode, messageOf, UserError } from "../protocol/errors.js";
import type { ScoredPart, TokenScores } from "../protocol/tokenScores.js";
import { significance } from "../recipe/significance.js";
import { blockEnds } from "./blocks.js";
import { pairFiles, readPair, type Pair } from "./pair.js";
import { loadModel, type Log, type RowScores, type ScoringModel } from "./sessions.js";
import { TextTokenizer, type Tokens } from "./tokenizer.js";
import { byUrgency, planWindows, type View, type Window } from "./windows.js";

/** Bytes of logits that one window may take. */
const logitsBudget = 256 * 2 ** 20;
/** Bytes of scores that are kept for blocks that come again. */
const cacheBytes = 64 * 2 ** 20;

/** The part of a text between two block ends, with the tokens before it that its first tokens see. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly tokens: Tokens;
  /** Ids of the tokens before it (as many as it needs), then its own. */
  readonly ids: Int32Array;
  readonly lead: number;
}

export class Engine {
  readonly #scores = new LRUCache<string, ScoredPart[]>({ maxSize: cacheBytes, sizeCalculation: partsBytes });
  readonly #tokens = new LRUCache<string, Tokens>({ maxSize: cacheBytes, sizeCalculation: ({ ids }) => 12 * ids.length + 1 });

  private constructor(
    private readonly pair: Pair,
    private readonly tokenizer: TextTokenizer,
    private readonly base: ScoringModel,
    private readonly extended: ScoringModel,
  ) {}

  /** @param folder of a pair (pair.ts). @throws UserError */
  static async load(folder: string, log: Log, threads?: number): Promise<Engine> {
    const pair = await readPair(folder);
    try {
      const json = JSON.parse(await readFile(join(folder, pairFiles.tokenizer), "utf8")) as unknown;
      const config = JSON.parse(await readFile(join(folder, pairFiles.tokenizerConfig), "utf8")) as unknown;
      const base = await loadModel(join(folder, pair.base.file), log, threads);
      const extended = await loadModel(join(folder, pair.extended.file), log, threads);
      return new Engine(pair, new TextTokenizer(json, config), base, extended);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(
        "scorer-models",
        `The pair of models in ${folder} cannot be loaded: ${messageOf(error)}`,
        "Export the pair again (longrecipe export RUN), or empty the setting `longrecipe.scorer.models` for the built-in pair.",
        exitCode.badInput,
      );
    }
  }

  async release(): Promise<void> {
    await this.base.release();
    await this.extended.release();
  }

  /**
   * The scores of a text. Between windows, others get their turn, and an aborted signal ends it.
   * @throws UserError for tokens the models lack, and for non-finite scores
   */
  async *score(text: string, visible: { readonly start: number; readonly end: number }, signal: AbortSignal): AsyncGenerator<ScoredPart> {
    const ends = this.tokenizer.byBlocks ? blockEnds(text) : text.length === 0 ? [] : [text.length];
    const ranges = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end, index }));
    const ended = (): boolean => signal.aborted;
    for (const range of byUrgency(ranges, visible)) {
      if (ended()) return;
      const before = ranges[range.index - 1];
      const block = this.#block(text, range, before);
      const key = this.#key(block, text);
      // Places in a cached block are relative to it: it may stand elsewhere now.
      const known = this.#scores.get(key);
      if (known) {
        yield* byUrgency(
          known.map((part) => moved(part, block.start)),
          visible,
        );
        continue;
      }
      const made: ScoredPart[] = [];
      for await (const part of this.#parts(block, visible)) {
        if (ended()) return;
        made.push(moved(part, -block.start));
        yield part;
        await new Promise((resolve) => setImmediate(resolve));
        if (ended()) return;
      }
      this.#scores.set(key, made);
    }
  }

  async *#parts(block: Block, visible: { readonly start: number; readonly end: number }): AsyncGenerator<ScoredPart> {
    for (const span of byUrgency(this.#spans(block), visible)) {
      const { first, last } = span;
      const base = await this.#scored(this.base, this.pair.base, block, first, last);
      const extended = await this.#scored(this.extended, this.pair.extended, block, first, last);
      const score = significance(base, extended, this.pair.measure);
      const own = (index: number): number => index - block.lead;
      const tokens: TokenScores = {
        starts: block.tokens.starts.slice(own(first), own(last)).map((at) => at + block.start),
        ends: block.tokens.ends.slice(own(first), own(last)).map((at) => at + block.start),
        score,
        base: base.logprob,
        extended: extended.logprob,
      };
      yield { start: span.start, end: span.end, tokens };
    }
  }

  /** The block's tokens in spans [first, last), one for each window of the extended model, with the text they cover. */
  #spans(block: Block): { first: number; last: number; start: number; end: number }[] {
    const { ids, lead, tokens } = block;
    const cuts = [lead];
    for (const { end } of planWindows(lead, ids.length, this.pair.extended, this.#rows())) {
      // Not between tokens that share a character.
      let at = end;
      while (at < ids.length && at > lead && (tokens.starts[at - lead] ?? 0) < (tokens.ends[at - lead - 1] ?? 0)) at--;
      if (at > (cuts.at(-1) ?? 0)) cuts.push(at);
    }
    if (cuts.at(-1) !== ids.length) cuts.push(ids.length);
    return cuts.slice(1).map((last, index) => {
      const first = cuts[index] ?? lead;
      const start = index === 0 ? block.start : block.start + (tokens.starts[first - lead] ?? 0);
      const end = last === ids.length ? block.end : block.start + (tokens.starts[last - lead] ?? 0);
      return { first, last, start, end };
    });
  }

  /** Scores of tokens [first, last); NaN for the text's first token, which nothing predicts. */
  async #scored(model: ScoringModel, view: View, { ids }: Block, first: number, last: number): Promise<RowScores> {
    const logit = new Float32Array(last - first).fill(Number.NaN);
    const logprob = logit.slice();
    for (const window of planWindows(first, last, view, this.#rows())) {
      const scores = await model.score(ids, window);
      requireFinite(scores, window);
      logit.set(scores.logit, window.first - first);
      logprob.set(scores.logprob, window.first - first);
    }
    return { logit, logprob };
  }

  #rows(): number {
    return Math.max(64, Math.floor(logitsBudget / 4 / this.pair.vocabularySize));
  }

  #block(text: string, { start, end }: { start: number; end: number }, before?: { start: number; end: number }): Block {
    const tokens = this.#encoded(text.slice(start, end));
    const context = Math.max(1, this.pair.base.minContext, this.pair.extended.minContext);
    const lead = before ? this.#encoded(text.slice(before.start, before.end)).ids.slice(-context) : new Int32Array();
    const ids = new Int32Array(lead.length + tokens.ids.length);
    ids.set(lead);
    ids.set(tokens.ids, lead.length);
    const large = ids.find((id) => id >= this.pair.vocabularySize);
    if (large !== undefined) {
      throw new UserError(
        "scorer-vocabulary",
        `The tokenizer gives the token id ${large}, and the models know ${this.pair.vocabularySize} tokens.`,
        "Export the pair again from a run whose model and tokenizer belong together.",
        exitCode.badInput,
      );
    }
    return { start, end, tokens, ids, lead: lead.length };
  }

  #encoded(text: string): Tokens {
    const key = createHash("sha256").update(text, "utf16le").digest("base64");
    let tokens = this.#tokens.get(key);
    if (!tokens) this.#tokens.set(key, (tokens = this.tokenizer.encode(text)));
    return tokens;
  }

  #key(block: Block, text: string): string {
    const lead = block.ids.subarray(0, block.lead);
    const hash = createHash("sha256").update(Buffer.from(lead.buffer, lead.byteOffset, lead.byteLength));
    return hash.update(text.slice(block.start, block.end), "utf16le").digest("base64");
  }
}

function moved({ start, end, tokens }: ScoredPart, by: number): ScoredPart {
  const move = (at: number): number => at + by;
  return { start: start + by, end: end + by, tokens: { ...tokens, starts: tokens.starts.map(move), ends: tokens.ends.map(move) } };
}

function requireFinite({ logprob }: RowScores, window: Window): void {
  const bad = logprob.findIndex((value) => !Number.isFinite(value));
  if (bad === -1) return;
  throw new UserError(
    "scorer-non-finite",
    `The models give no number for token ${window.first + bad} of this part of the text.`,
    "Export the pair as fp32, or score the text through a run.",
    exitCode.badInput,
  );
}

/** Bytes that parts take in a cache. */
export function partsBytes(parts: readonly ScoredPart[]): number {
  return 1 + parts.reduce((sum, { tokens }) => sum + 64 + 20 * tokens.starts.length, 0);
}
