from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conftest import make_tokenizer
from longrecipe_worker.jobs.tokenize import tokenize_batch
from longrecipe_worker.offsets import to_utf16

# ASCII, CJK, combining marks, emoji with joiners and skin tones, right-to-left, beyond the BMP.
_TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("aé漢e\u0301👩🏽\u200d🚀שׁ𝒳\ufe0f \n")),
    max_size=60,
)


@given(_TEXTS, st.data())
def test_slices_of_utf16_are_slices_of_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    ((a, b),) = to_utf16(text, np.array([[start, end]]))
    units = text.encode("utf-16-le")
    assert units[2 * a : 2 * b].decode("utf-16-le") == text[start:end]


@given(st.lists(_TEXTS, min_size=1, max_size=4))
def test_tokens_cover_their_text(texts: list[str]) -> None:
    backend = make_tokenizer_once()
    batch, count = tokenize_batch(backend, list(range(len(texts))), texts)
    assert count == sum(len(ids) for ids in batch.column("ids").to_pylist())
    for row, text in enumerate(texts):
        units = text.encode("utf-16-le")
        ids, starts, ends = (batch.column(name)[row].as_py() for name in ("ids", "starts", "ends"))
        assert len(ids) == len(starts) == len(ends)
        assert starts == sorted(starts)
        assert "".join(backend.decode(ids)) == text
        covered = {place for start, end in zip(starts, ends, strict=True) for place in range(start, end)}
        assert covered == set(range(len(units) // 2))


_CACHE: list = []


def make_tokenizer_once() -> object:
    if not _CACHE:
        _CACHE.append(make_tokenizer().backend_tokenizer)
    return _CACHE[0]
