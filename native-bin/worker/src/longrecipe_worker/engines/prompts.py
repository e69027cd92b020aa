"""Prompts to answer, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from transformers import PreTrainedTokenizerBase

Check = Callable[[], None]
"""Raises where the work is to end; called between passes."""


@dataclass(frozen=True)
class Prompt:
    """A prompt and where its answer ends."""

    number: int
    ids: np.ndarray
    """int32 (n,)"""
    max_new_tokens: int
    stops: tuple[str, ...] = ()
    """Texts that end an answer."""


@dataclass(frozen=True)
class Answer:
    """New tokens of a prompt, without an end token, and their text up to the first stop text."""

    number: int
    ids: np.ndarray
    text: str


@dataclass(frozen=True)
class Lost:
    """A prompt whose logits are not finite."""

    number: int


Outcome = Answer | Lost


class Engine(Protocol):
    """Answers prompts under one model."""

    def answers(self, prompts: list[Prompt], check: Check) -> Iterator[list[Outcome]]:
        """Outcomes, a batch at a time, in any order; each prompt once."""
        ...


def is_stopped(tokenizer: PreTrainedTokenizerBase, ids: list[int], stops: tuple[str, ...]) -> bool:
    """Whether the tokens spell a stop text. Special tokens count as their text: a stop may be one."""
    if not stops:
        return False
    text = tokenizer.decode(ids)
    return any(stop in text for stop in stops)


def answer(tokenizer: PreTrainedTokenizerBase, prompt: Prompt, ids: list[int]) -> Answer:
    """The answer of a prompt from its new tokens: its text ends before the first stop text."""
    text = tokenizer.decode(ids, skip_special_tokens=True)
    ends = [text.index(stop) for stop in prompt.stops if stop in text]
    return Answer(prompt.number, np.array(ids, dtype=np.int32), text[: min(ends)] if ends else text)
