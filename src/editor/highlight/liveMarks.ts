/** Marks of a text from the live scorer, part by part as they come. Knows nothing of VS Code. */
import type { ScoredPart, TokenScorer, TokenScores } from "../../protocol/tokenScores.js";
import { joined } from "./fileScores.js";
import type { Marks, ScoreOrigin } from "./marks.js";
import { ScoreDistribution } from "./ranks.js";
import type { Probabilities } from "./runScores.js";
import { pause } from "./pause.js";
import { firstTokens } from "./sentences.js";
import { ShiftedTokens, sortPlaces } from "./tokens.js";

/** Of a longer text only the surroundings of what is in view are scored, in UTF-16 units. */
export const maxLiveText = 400_000;
/** New parts are shown together, at most so often, in milliseconds. */
const showEvery = 120;

export interface LiveNews {
  readonly marks: Marks;
  /** Share of the window that has been scored. */
  readonly done: number;
  readonly window: { readonly start: number; readonly end: number };
}

/** The part of a text that is scored: all of it, or whole lines around what is in view. */
export function liveWindow(text: string, visible: { start: number; end: number }): { start: number; end: number } {
  if (text.length <= maxLiveText) return { start: 0, end: text.length };
  // Scores need what stands before them more than what comes after.
  const before = text.lastIndexOf("\n", Math.max(0, visible.start - maxLiveText / 4));
  const start = before + 1;
  const after = text.indexOf("\n", Math.min(text.length, start + maxLiveText));
  return { start, end: Math.max(visible.end, Math.min(after === -1 ? text.length : after, start + 2 * maxLiveText)) };
}

/** Scores a text; ends quietly when the signal aborts. @throws what the scorer throws */
export async function* liveMarks(
  scorer: TokenScorer,
  text: string,
  visible: { start: number; end: number },
  signal: AbortSignal,
): AsyncGenerator<LiveNews, void, undefined> {
  const window = liveWindow(text, visible);
  const inner = text.slice(window.start, window.end);
  const request = { text: inner, visible: { start: Math.max(0, visible.start - window.start), end: visible.end - window.start } };
  const parts: ScoredPart[] = [];
  let shown = 0;
  let fresh = false;
  const news = async (): Promise<LiveNews> => {
    parts.sort((a, b) => a.start - b.start);
    const done = parts.reduce((sum, { start, end }) => sum + end - start, 0) / Math.max(1, inner.length);
    return { marks: await marksOf(parts, inner, window.start), done, window };
  };
  for await (const part of scorer.score(request, signal)) {
    if (signal.aborted) return;
    parts.push(part);
    fresh = true;
    if (Date.now() - shown < showEvery) continue;
    yield await news();
    shown = Date.now();
    fresh = false;
  }
  if (fresh && !signal.aborted) yield await news();
}

async function marksOf(parts: readonly ScoredPart[], text: string, offset: number): Promise<Marks> {
  const scored = joined(parts.map(({ tokens }) => tokens));
  sortPlaces(scored.starts, scored.ends);
  const firsts = await firstTokens(text, scored, pause);
  const distribution = new ScoreDistribution();
  distribution.add(scored.score);
  const tokens = { ...scored, starts: scored.starts.map((at) => at + offset), ends: scored.ends.map((at) => at + offset) };
  return {
    tokens: ShiftedTokens.fresh(tokens),
    firsts,
    distribution,
    origin: new LiveOrigin(parts.map((part) => part.tokens)),
    stale: false,
  };
}

class LiveOrigin implements ScoreOrigin {
  readonly kind = "live";
  readonly name = "";
  readonly selection = null;

  constructor(private readonly parts: readonly TokenScores[]) {}

  probabilities(token: number): Promise<Probabilities | null> {
    let at = token;
    for (const { base, extended } of this.parts) {
      if (at < base.length) return Promise.resolve({ base: Math.exp(base[at] ?? NaN), extended: Math.exp(extended[at] ?? NaN) });
      at -= base.length;
    }
    return Promise.resolve(null);
  }

  keptIn(): Promise<null> {
    return Promise.resolve(null);
  }

  rank(): Promise<null> {
    return Promise.resolve(null);
  }
}
