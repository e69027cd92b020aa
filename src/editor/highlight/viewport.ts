/** What of a text is tinted: the tokens in view by level, the sentences that hold them, and where in the file they lie. */
import { levelOf } from "./ranks.js";
import { sentenceOf } from "./sentences.js";
import type { ShiftedTokens } from "./tokens.js";

/** UTF-16 offsets [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Tint extends Span {
  /** 1 to `levels`. */
  readonly level: number;
  readonly stale: boolean;
}

/** More marks than this nobody can see at once; only a screenful of one endless line comes near it. */
export const maxTints = 4_000;

/**
 * The tokens to tint within `spans` (ascending, disjoint). Tokens that share characters (the bytes of an emoji) become
 * one mark of the highest level among them.
 * @param cutoffs least score of each level, ascending
 */
export function visibleTints(tokens: ShiftedTokens, cutoffs: Float32Array, spans: readonly Span[]): Tint[] {
  const tints: Tint[] = [];
  const { score } = tokens.tokens;
  for (const { start: from, end: to } of spans) {
    tokens.walk(from, to, (token, start, end) => {
      const level = levelOf(score[token] ?? Number.NaN, cutoffs);
      if (level === 0 || start === end) return undefined;
      const last = tints.at(-1);
      if (last !== undefined && start < last.end) {
        tints[tints.length - 1] = { ...last, end: Math.max(end, last.end), level: Math.max(level, last.level) };
      } else tints.push({ start, end, level, stale: tokens.isStale(start) });
      return tints.length < maxTints;
    });
  }
  return tints;
}

/** A sentence that holds an impactful token. */
export interface Anchor {
  readonly sentence: number;
  /** Its place; without tokens that an edit took away. */
  readonly span: Span;
  readonly stale: boolean;
}

/** The anchors that reach into `spans`, each once. @param firsts first token of each sentence */
export function visibleAnchors(tokens: ShiftedTokens, cutoffs: Float32Array, firsts: Int32Array, spans: readonly Span[]): Anchor[] {
  const anchors: Anchor[] = [];
  const threshold = cutoffs[0] ?? Infinity;
  const { score } = tokens.tokens;
  let last = -1;
  for (const { start: from, end: to } of spans) {
    tokens.walk(from, to, (token) => {
      const sentence = sentenceOf(firsts, token);
      if (sentence === last) return undefined;
      last = sentence;
      const first = firsts[sentence] ?? 0;
      const end = firsts[sentence + 1] ?? score.length;
      for (let at = first; at < end; at++) {
        if (!((score[at] ?? Number.NaN) >= threshold)) continue;
        const span = tokens.span(first, end);
        if (span !== null) anchors.push({ sentence, span, stale: !span.whole || tokens.isStale(span.start) });
        break;
      }
      return anchors.length < maxTints;
    });
  }
  return anchors;
}

/** How much of each of `count` equal stretches of the text is impactful: share of its tokens, 0 where it has none. */
export class ImpactMap {
  private readonly tokens: Uint32Array;
  private readonly impactful: Uint32Array;

  constructor(
    readonly count: number,
    private readonly length: number,
  ) {
    this.tokens = new Uint32Array(count);
    this.impactful = new Uint32Array(count);
  }

  /** Adds the tokens within a part of the text. Each part once. */
  add(shifted: ShiftedTokens, threshold: number, part: Span): void {
    const { score } = shifted.tokens;
    const scale = this.count / Math.max(1, this.length);
    const last = this.count - 1;
    shifted.walk(part.start, part.end, (token, start) => {
      // A token that began in the part before was counted there.
      if (start < part.start) return undefined;
      const at = Math.min(last, Math.floor(start * scale));
      this.tokens[at] = (this.tokens[at] ?? 0) + 1;
      if ((score[token] ?? Number.NaN) >= threshold) this.impactful[at] = (this.impactful[at] ?? 0) + 1;
      return undefined;
    });
  }

  share(at: number): number {
    const tokens = this.tokens[at] ?? 0;
    return tokens === 0 ? 0 : (this.impactful[at] ?? 0) / tokens;
  }

  get totals(): { readonly tokens: number; readonly impactful: number } {
    const sum = (values: Uint32Array): number => values.reduce((total, value) => total + value, 0);
    return { tokens: sum(this.tokens), impactful: sum(this.impactful) };
  }
}
