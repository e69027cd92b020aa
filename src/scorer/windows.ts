/** Which tokens go through a model together, as the worker plans it (windows.py), and in which order. */

/** Tokens [start, end) go through the model; those of [first, end) are scored. */
export interface Window {
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/** What one model sees: tokens of a pass, and by how many passes overlap at least. */
export interface View {
  readonly window: number;
  readonly minContext: number;
}

/**
 * Windows that score tokens [first, tokens) once each. Each token sees at least min(its index, max(1, minContext))
 * tokens before it and at most window - 1.
 * @param maxRows largest number of tokens scored by one window: their logits are in memory together
 * @throws RangeError when the overlap leaves nothing to score
 */
export function planWindows(first: number, tokens: number, { window, minContext }: View, maxRows = Infinity): Window[] {
  const overlap = Math.max(1, minContext);
  if (overlap >= window) throw new RangeError(`an overlap of ${overlap} leaves nothing to score in a window of ${window}`);
  const plan: Window[] = [];
  for (let at = Math.max(1, first); at < tokens;) {
    const start = Math.max(0, at - overlap);
    const end = Math.min(start + window, tokens, at + Math.max(1, maxRows));
    plan.push({ start, first: at, end });
    at = end;
  }
  return plan;
}

/**
 * The ranges by urgency: what is in view from top to bottom, then what follows it, then what stands before it, nearest first.
 */
export function byUrgency<T extends { readonly start: number; readonly end: number }>(
  ranges: readonly T[],
  visible: { readonly start: number; readonly end: number },
): T[] {
  const distance = ({ start, end }: T): [number, number] => {
    if (end <= visible.start) return [2, visible.start - end];
    return start >= Math.max(visible.end, visible.start + 1) ? [1, start - visible.end] : [0, start];
  };
  return ranges
    .map((range) => ({ range, key: distance(range) }))
    .sort((a, b) => a.key[0] - b.key[0] || a.key[1] - b.key[1])
    .map(({ range }) => range);
}
