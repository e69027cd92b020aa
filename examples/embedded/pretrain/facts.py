"""Seeded generator of fact sentences: a made-up town and its four-digit access code.

A document states such facts and restates them later. The code in the first statement cannot be predicted; the code in a
restatement can, but only from the earlier statement: those tokens are the ones that gain from a longer context.
There is no separate form for questions: the evaluation cue is a restatement that stops before the code.
"""

from __future__ import annotations

import random

STEMS = (
    *("Alder", "Bram", "Carn", "Dun", "Elm", "Fal", "Glen", "Hart"),
    *("Iver", "Kel", "Lang", "Mar", "Nor", "Oak", "Pem", "Win"),
)
ENDINGS = ("by", "ford", "low")
NAMES: tuple[str, ...] = tuple(stem + ending for stem in STEMS for ending in ENDINGS)
DIGITS = 4


def cue(name: str) -> str:
    """The prompt that asks for a code: a fact sentence up to the code."""
    return f"The access code of {name} is"


def statement(name: str, value: str) -> str:
    """One fact as a sentence."""
    return f"{cue(name)} {value}."


def draw(rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Draw `count` facts with different names and independent codes."""
    return [(name, f"{rng.randrange(10**DIGITS):0{DIGITS}d}") for name in rng.sample(NAMES, count)]
