"""In which order prompts are computed, and which together, so that a beginning they share is computed once.

Prompts sorted by their ids are the leaves of a trie in order: what a prompt shares with any before it, it shares with
the one just before it. One cache that is cropped to where two neighbours part therefore does all that a trie would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

SLACK = 64
"""Tokens that a prompt of a batch may compute again for the batch's sake."""


def order(ids: Sequence[np.ndarray]) -> list[int]:
    """Prompts by their ids, compared token by token."""
    return sorted(range(len(ids)), key=lambda row: ids[row].astype(">i4").tobytes())


def common(one: np.ndarray, other: np.ndarray) -> int:
    """Tokens with which both begin."""
    width = min(len(one), len(other))
    different = np.flatnonzero(one[:width] != other[:width])
    return int(different[0]) if len(different) else width


def runs(ids: Sequence[np.ndarray], suffix: int) -> list[tuple[int, list[int]]]:
    """Sorted prompts cut into runs that are computed together, each with the number of tokens that all of it share.

    Within a run no prompt has more than `suffix` tokens of its own, so that a batch of them costs little more than one;
    a prompt without such neighbours is a run of its own, sharing all but its last token.
    """
    found: list[tuple[int, list[int]]] = []
    start = 0
    while start < len(ids):
        shared = best = longest = len(ids[start])
        end = start + 1
        while end < len(ids):
            # The last token of a prompt is always computed: its hidden state is what the answer begins from.
            between = min(common(ids[end - 1], ids[end]), len(ids[end - 1]) - 1, len(ids[end]) - 1)
            low, high = min(shared, between), max(longest, len(ids[end]))
            top = between if end == start + 1 else max(best, between)
            if high - low > suffix or top - low > SLACK:
                break
            shared, best, longest, end = low, top, high, end + 1
        found.append((shared if end > start + 1 else len(ids[start]) - 1, list(range(start, end))))
        start = end
    return found


def batches(
    lengths: Sequence[int], shared: int, most: int, fits: Callable[[int, int], bool]
) -> list[tuple[int, list[int]]]:
    """A run cut into batches: (width, rows); each row computes its last `width` tokens after what it has of the cache.

    Rows of one length need no padding; others are joined where that makes a row compute at most SLACK tokens again.
    `most`: rows at once. `fits(rows, width)`: whether so many rows and tokens may be computed at once.
    """
    ordered = sorted(range(len(lengths)), key=lambda row: lengths[row])
    found: list[tuple[int, list[int]]] = []
    current: list[int] = []
    for row in ordered:
        width = lengths[row] - shared
        first = lengths[current[0]] if current else lengths[row]
        joins = lengths[row] - first <= min(SLACK, shared) and len(current) < most and fits(len(current) + 1, width)
        if current and not joins:
            found.append((lengths[current[-1]] - shared, current))
            current = []
        current.append(row)
    if current:
        found.append((lengths[current[-1]] - shared, current))
    return found


def decode_batches(parts: Sequence[tuple[int, int]], most: int) -> list[list[int]]:
    """Parts of (rows, length) that wait to be continued, joined to batches of like length and at most `most` rows.

    Unlike ones are joined only where few are alike: padding makes attention slower (it needs a mask), a small batch
    makes everything else slower.
    """
    found: list[list[int]] = []
    rows, first, last = 0, 0, 0
    for place in sorted(range(len(parts)), key=lambda place: parts[place][1]):
        count, length = parts[place]
        alike = length == last or (rows < most // 8 and length - first <= max(SLACK, first // 8))
        if found and alike and rows + count <= most:
            found[-1].append(place)
            rows += count
        else:
            found.append([place])
            rows, first = count, length
        last = length
    return found
