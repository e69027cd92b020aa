"""Character offsets: tokenizers count code points, editors count UTF-16 code units."""

from __future__ import annotations

import numpy as np


def utf16_bounds(text: str) -> np.ndarray | None:
    """UTF-16 offset of each code point's start and of the end, shape (len(text) + 1,); None where both counts agree."""
    if text.isascii():
        return None
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    beyond = points > 0xFFFF  # these take two units
    if not beyond.any():
        return None
    bounds = np.zeros(len(points) + 1, dtype=np.int64)
    np.cumsum(1 + beyond, out=bounds[1:])
    return bounds


def to_utf16(text: str, offsets: np.ndarray) -> np.ndarray:
    """Convert offsets (n, 2) in code points of `text` to UTF-16 code units; int32 of the same shape."""
    bounds = utf16_bounds(text)
    return (offsets if bounds is None else bounds[offsets]).astype(np.int32)
