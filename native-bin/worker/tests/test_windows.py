from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longrecipe_worker.windows import Window, batches, plan_parts, plan_windows


@given(st.integers(0, 400), st.integers(2, 64), st.data())
def test_every_token_once_with_enough_context(tokens: int, window: int, data: st.DataObject) -> None:
    min_context = data.draw(st.integers(0, window - 1))
    scored = []
    for part in plan_windows(tokens, window, min_context):
        assert part.end - part.start <= window
        for token in range(part.first, part.end):
            assert token - part.start >= min(token, max(1, min_context))
            scored.append(token)
    assert scored == list(range(1, tokens))


def test_refuses_an_overlap_of_the_whole_window() -> None:
    with pytest.raises(ValueError, match="nothing to score"):
        plan_windows(10, 4, 4)


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(2, 16), st.integers(1, 100), st.data())
def test_parts_tile_every_document(lengths: list[int], window: int, cost: int, data: st.DataObject) -> None:
    min_context = data.draw(st.integers(0, window - 1))
    reached = dict.fromkeys(range(len(lengths)), 0)
    planned: dict[int, list[Window]] = {row: [] for row in reached}
    parts = list(plan_parts(lengths, window, min_context, cost))
    for part in parts:
        assert sum(piece.width for span in part for piece in span.windows) < cost + window
        for span in part:
            assert span.begin == reached[span.row]
            reached[span.row] = span.end
            assert all(span.begin <= piece.first and piece.end <= span.end for piece in span.windows)
            planned[span.row] += span.windows
    assert list(reached.values()) == lengths
    assert all(planned[row] == plan_windows(length, window, min_context) for row, length in enumerate(lengths))
    assert {span.row for part in parts for span in part} == set(reached)


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 120))
def test_batches_hold_every_window_within_the_budget(widths: list[int], budget: int) -> None:
    found = [group.tolist() for group in batches(np.array(widths, dtype=np.int64), budget)]
    assert sorted(index for group in found for index in group) == list(range(len(widths)))
    for group in found:
        assert len(group) == 1 or len(group) * max(widths[index] for index in group) <= budget
