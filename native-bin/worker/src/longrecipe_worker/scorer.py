"""One model over spans of documents: logit and log-probability of each true token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .attention import mask_warning
from .devices import Device
from .events import EventLog
from .faults import Fault, non_finite_logits
from .head import Head
from .models import load_model
from .tables import NumberLists
from .windows import Span, Window, batches


@dataclass(frozen=True)
class Place:
    """Where a token stands."""

    document: str
    """Path, or number where no path is known."""
    token: int
    line: int | None = None

    def __str__(self) -> str:
        """For people."""
        return f"{self.document} at token {self.token}{'' if self.line is None else f' (line {self.line})'}"


def non_finite_at(model: str, place: Place) -> Fault:
    """Fault for logits that are NaN or infinite from a token on."""
    return non_finite_logits(
        f"The model {model} gives non-finite logits in {place}.",
        'With onError: "skip" such documents are left out and counted.',
    )


def lacking_at(model: str, vocabulary: int, place: Place, token_id: int | None = None) -> Fault:
    """Fault for a token that a model has no embedding for."""
    named = "a token" if token_id is None else f"token id {token_id}"
    return Fault(
        "token-out-of-range",
        f"The model {model} has {vocabulary} tokens, and {place} is {named}, which it lacks: "
        "the vocabularies differ by added tokens.",
        "Score with models that share the tokenizer of the corpus, or leave that document out with `exclude`. "
        'With onError: "skip" such documents are left out and counted.',
    )


class Scorer:
    """A loaded model. Logits of a whole window are never in memory: the head runs chunk by chunk."""

    def __init__(
        self,
        name: str,
        spec: Any,
        device: Device,
        ids: NumberLists,
        place: Callable[[int, int], Place],
        skipping: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """Load the model. `place` names a token of a row when something is wrong with it.

        Where a row is `skipping`, pieces of its document with non-finite logits, or with tokens that the model lacks,
        have no scores, and `skipped` and `lacking` tell of them.
        """
        self.skipped: dict[int, Place] = {}
        """Rows of documents that were left out at least in part, and the first place in each."""
        self.lacking: dict[int, Place] = {}
        """The same for those among them that hold a token which the model lacks."""
        self._skipping = skipping
        self._name = name
        self._model = load_model(spec, device.dtype, device)
        self._head = Head.of(self._model)
        self._vocabulary: int = self._model.get_input_embeddings().num_embeddings
        self._device = device
        self._ids = ids
        self._place = place

    def warn_of_masks(self, events: EventLog, window: int) -> None:
        """Tell where a forward pass of `window` tokens needs an N × N mask."""
        warning = mask_warning(self._model, min(window, int(self._ids.lengths().max(initial=0))))
        if warning is not None:
            events.log("warning", f"{self._name}: {warning}")

    def score(self, spans: list[Span], check: Callable[[], None]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Logits and log-probabilities of each span, float32 (end - begin,) each; NaN for a document's first token.

        `check` is called before each batch and may raise.
        """
        sizes = [span.end - span.begin for span in spans]
        # Where token 0 of each span's document would stand in one row of all spans.
        bases = np.cumsum([0, *sizes[:-1]]) - np.array([span.begin for span in spans], dtype=np.int64)
        logit = np.full(sum(sizes), np.nan, dtype=np.float32)
        logprob = logit.copy()
        windows = [(number, window) for number, span in enumerate(spans) for window in span.windows]
        widths = np.array([window.width for _, window in windows], dtype=np.int64)
        bad: set[int] = set()
        for group in batches(widths, self._device.token_budget):
            check()
            members = [(spans[windows[i][0]].row, windows[i][1]) for i in group]
            into = np.concatenate(
                [bases[windows[i][0]] + np.arange(windows[i][1].first, windows[i][1].end) for i in group]
            )
            values = self._score_batch(members)
            logit[into], logprob[into] = values
            if not np.isfinite(values).all():
                bad |= {windows[group[i]][0] for i in self._non_finite(members, values)}
        for number in bad:
            part = slice(bases[number] + spans[number].begin, bases[number] + spans[number].end)
            logit[part] = logprob[part] = np.nan
        ends = np.cumsum(sizes)[:-1]
        return np.split(logit, ends), np.split(logprob, ends)

    def fault(self) -> Fault:
        """What is wrong with the first document that was left out."""
        row, place = next(iter(self.skipped.items()))
        return (
            lacking_at(self._name, self._vocabulary, place) if row in self.lacking else non_finite_at(self._name, place)
        )

    @torch.inference_mode()
    def _score_batch(self, members: list[tuple[int, Window]]) -> np.ndarray:
        """Logits and log-probabilities of the scored tokens of each window in turn, float32 (2, n)."""
        inputs = np.zeros((len(members), max(window.width for _, window in members)), dtype=np.int64)
        for place, (row, window) in enumerate(members):
            inputs[place, : window.width] = self._ids[row][window.start : window.end]
        foreign = inputs >= self._vocabulary
        if foreign.any():
            self._note_foreign(members)
            inputs[foreign] = 0
        on_device = torch.from_numpy(inputs).to(self._device.torch)
        hidden = self._hidden(on_device)
        # One call for all windows: a short window alone would not fill the head's matrix product.
        counts = [window.end - window.first for _, window in members]
        row = torch.from_numpy(np.repeat(np.arange(len(members)), counts))
        column = torch.from_numpy(
            np.concatenate([np.arange(window.first - window.start, window.width) for _, window in members])
        )
        targets = on_device[row, column]
        found = self._head.true_token(hidden[row, column - 1], targets, self._device.logits_budget)
        values = torch.stack(found).cpu().numpy()
        values[:, np.repeat(foreign.any(1), counts)] = np.nan
        return values

    def _hidden(self, ids: torch.Tensor) -> torch.Tensor:
        # Padding stands on the right, where causal attention never looks: an all-ones mask is exact and keeps the
        # fast causal kernel.
        return self._model.base_model(
            input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False
        ).last_hidden_state

    def _non_finite(self, members: list[tuple[int, Window]], values: np.ndarray) -> list[int]:
        """Which members have non-finite scores. Each is noted with its first token at fault; raises unless skipping."""
        ends = np.cumsum([window.end - window.first for _, window in members])
        found = np.unique(np.searchsorted(ends, np.flatnonzero((~np.isfinite(values)).any(0)), side="right")).tolist()
        for number in found:
            row, window = members[number]
            if row in self.skipped:
                continue
            place = self._place(row, window.start + self._first_bad(self._ids[row][window.start : window.end]))
            if not self._skipping(row):
                raise non_finite_at(self._name, place)
            self.skipped[row] = place
        return found

    @torch.inference_mode()
    def _first_bad(self, ids: np.ndarray) -> int:
        """Index of the first token with which logits stop being finite.

        By bisection over prefixes: inside one pass a NaN reaches earlier tokens too, since 0 · NaN is NaN in a masked
        product.
        """
        good, bad = 0, len(ids)
        while bad - good > 1:
            middle = (good + bad) // 2
            part = torch.from_numpy(ids[:middle].astype(np.int64))[None].to(self._device.torch)
            hidden = self._hidden(part)[0]
            finite = bool(torch.isfinite(hidden).all())
            if finite and middle > 1:
                scores = self._head.true_token(hidden[:-1], part[0, 1:], self._device.logits_budget)
                finite = bool(torch.isfinite(torch.stack(scores)).all())
            good, bad = (middle, bad) if finite else (good, middle)
        return bad - 1

    def _note_foreign(self, members: list[tuple[int, Window]]) -> None:
        """Note the first token of each document that the model lacks; raises unless skipping."""
        for row, window in members:
            ids = self._ids[row][window.start : window.end]
            at = np.flatnonzero(ids >= self._vocabulary)
            if not len(at) or row in self.lacking:
                continue
            place = self._place(row, window.start + int(at[0]))
            if not self._skipping(row):
                raise lacking_at(self._name, self._vocabulary, place, int(ids[at[0]]))
            self.skipped[row] = self.lacking[row] = place
