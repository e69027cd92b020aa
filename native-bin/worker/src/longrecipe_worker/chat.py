"""What a tokenizer puts around a text: ids before any text, and the chat template's words around a user's message."""

from __future__ import annotations

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

_TRIALS = ("first\n trial: 1", "second {trial} <2>")
"""Messages by which a template shows its words; two, since one could look like a part of the template."""
_SETTINGS = {"enable_thinking": False, "date_string": "26 Jul 2024"}
"""No thinking: answers are short. The day is the one that Llama 3's template falls back to, so that prompts stay as
they are overnight; templates that ask transformers for today get the day of the inspection."""


def prompt_prefix(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids that the tokenizer puts before a text, such as that of BOS; empty for many."""
    text = _TRIALS[0]
    plain = tokenizer.encode(text, add_special_tokens=False)
    whole = tokenizer.encode(text)
    for start in range(len(whole) - len(plain) + 1):
        if whole[start : start + len(plain)] == plain:
            return [int(number) for number in whole[:start]]
    return []


def chat_template(tokenizer: PreTrainedTokenizerBase) -> dict[str, str] | None:
    """Text before and after one user message, up to where the answer begins.

    None where the model has no template, or where its template changes messages (or their surroundings by what they
    say), so that there is no text around them. Templates that know thinking are asked to do without.
    """
    if not tokenizer.chat_template:
        return None
    found = [_around(tokenizer, message) for message in _TRIALS]
    return found[0] if found[0] == found[1] else None


def _around(tokenizer: PreTrainedTokenizerBase, message: str) -> dict[str, str] | None:
    try:
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": message}], tokenize=False, add_generation_prompt=True, **_SETTINGS
        )
    except (TemplateError, ValueError, TypeError):  # a template of tools, of roles that it lacks, or of other content
        return None
    before, found, after = text.partition(message)
    return {"before": before, "after": after} if found and message not in after else None
