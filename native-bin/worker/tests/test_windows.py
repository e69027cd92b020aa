from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longrecipe_worker.windows import plan_windows


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
