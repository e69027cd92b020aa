/** Paints marks into editors: what is in view at once, the overview ruler a little later. */
import * as vscode from "vscode";
import { rulerWeights, type Decorations, type RulerMark } from "./decorations.js";
import type { Marks } from "./marks.js";
import { LineWalker, spansInView, trimmed } from "./places.js";
import { levelScores } from "./ranks.js";
import { pause } from "./pause.js";
import { ImpactMap, visibleAnchors, visibleTints } from "./viewport.js";

/** Stretches of the overview ruler: about two pixels each. */
const rulerSteps = 400;
/** Characters looked at between two turns of the host. */
const rulerSlice = 1_000_000;

/** The least score of each level at a share, by the run's own threshold where the share is the run's. */
export function cutoffsOf({ distribution, origin }: Marks, share: number): Float32Array {
  const own = origin.selection;
  const exact = own !== null && Math.abs(own.share - share) < 1e-6 ? own.threshold : null;
  return levelScores(distribution, share, exact);
}

/** Marks what is in view. @returns how long it took, in milliseconds */
export function paint(decorations: Decorations, editor: vscode.TextEditor, marks: Marks, share: number): number {
  const start = performance.now();
  const { document } = editor;
  const spans = spansInView(editor);
  const cutoffs = cutoffsOf(marks, share);
  const walker = new LineWalker(document);
  const tints = visibleTints(marks.tokens, cutoffs, spans).map((tint) => {
    // A token brings the blank before its word; the word is what is marked.
    const range = walker.range(tint);
    const text = document.getText(range);
    const blanks = text.length - text.trimStart().length;
    const shown = blanks === text.length || text.slice(0, blanks).includes("\n") ? tint : { ...tint, start: tint.start + blanks };
    return { ...shown, range: shown === tint ? range : walker.range(shown) };
  });
  const anchors = visibleAnchors(marks.tokens, cutoffs, marks.firsts, spans).map((anchor) => ({
    ...anchor,
    line: document.positionAt(trimmed(document, anchor.span).start).line,
  }));
  decorations.show(editor, tints, anchors);
  return performance.now() - start;
}

/** Where in the file the impact lies. Null when `cancelled` says so before the end. */
export async function ruler(
  document: vscode.TextDocument,
  marks: Marks,
  share: number,
  cancelled: () => boolean,
): Promise<{ readonly marks: RulerMark[]; readonly tokens: number; readonly impactful: number } | null> {
  const [threshold = Infinity] = cutoffsOf(marks, share);
  const length = document.offsetAt(new vscode.Position(document.lineCount, 0));
  const steps = Math.max(1, Math.min(rulerSteps, document.lineCount));
  const map = new ImpactMap(steps, length);
  for (let start = 0; start < length; start += rulerSlice) {
    map.add(marks.tokens, threshold, { start, end: Math.min(length, start + rulerSlice) });
    await pause();
    if (cancelled()) return null;
  }
  const found: RulerMark[] = [];
  const usual = Math.min(share, marks.distribution.topShare(threshold));
  for (let step = 0; step < steps; step++) {
    // How much more there is than were impact everywhere alike.
    const excess = map.share(step) / usual;
    if (!(excess >= 0.75)) continue;
    const weight = Math.min(rulerWeights, excess < 1.25 ? 1 : excess < 2 ? 2 : 3);
    const [from, to] = [document.positionAt((step * length) / steps), document.positionAt(((step + 1) * length) / steps - 1)];
    found.push({ range: new vscode.Range(from, to), weight });
  }
  return { marks: found, ...map.totals };
}
