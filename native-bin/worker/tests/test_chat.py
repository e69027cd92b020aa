from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from conftest import Runner, make_model, make_tokenizer
from longrecipe_worker.chat import chat_template, prompt_prefix
from longrecipe_worker.jobs.inspect import inspect_model

BEGIN, USER, MODEL = "<|begin|>", "<|user|>", "<|model|>"
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<end>\n"
    "{% endfor %}{% if add_generation_prompt %}<|model|>{% endif %}"
)


def _tokenizer(template: str | None = TEMPLATE) -> PreTrainedTokenizerFast:
    tokenizer = make_tokenizer()
    tokenizer.add_special_tokens({"bos_token": BEGIN, "additional_special_tokens": [USER, MODEL]})
    tokenizer.chat_template = template
    number = tokenizer.convert_tokens_to_ids(BEGIN)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(f"{BEGIN} $A", None, [(BEGIN, number)])
    return tokenizer


def test_the_template_is_told_as_text_that_tokenizes_to_single_ids(runner: Runner) -> None:
    folder = make_model(runner.folder / "model", vocab_size=320)
    _tokenizer().save_pretrained(folder)
    facts = inspect_model(str(folder))
    ids = {token: int(number) for number, token in facts["addedTokens"].items()}
    assert facts["promptPrefix"] == [ids[BEGIN]]
    assert facts["chatTemplate"] == {"before": BEGIN + USER, "after": f"<end>\n{MODEL}"}
    documents = runner.folder / "documents.arrow"
    texts = [facts["chatTemplate"]["before"], facts["chatTemplate"]["after"]]
    table = pa.table({"document": pa.array([0, 1], pa.int32()), "text": texts})
    with pa.OSFile(str(documents), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    output = runner.folder / "tokens.arrow"
    assert runner.run("tokenize", model=str(folder), documents=documents, output=output) == 0
    before, after = pa.ipc.open_file(output).read_all().column("ids").to_pylist()
    assert before == [ids[BEGIN], ids[USER]]
    assert (after[0], after[-1]) == (ids["<end>"], ids[MODEL])


@pytest.mark.parametrize(
    "template",
    [
        None,
        "{{ messages[0]['content'] | upper }}",  # another text
        "{{ messages[0]['content'] }}{{ messages[0]['content'] }}",  # more than once
        "{{ messages[0]['content'] | length }}:{{ messages[0]['content'] }}",  # surroundings that depend on it
        "{{ raise_exception('tools alone') }}",
        "{{ messages[0]['content'][0]['text'] }}",
    ],
)
def test_a_template_without_a_place_for_the_message_is_none(template: str | None) -> None:
    assert chat_template(_tokenizer(template)) is None


def test_a_template_does_not_change_with_the_day_and_does_not_think() -> None:
    tokenizer = _tokenizer(
        "{{ date_string }} {{ messages[0]['content'] }}"
        "{% if enable_thinking is not defined or enable_thinking %}<think>{% endif %}"
    )
    assert chat_template(tokenizer) == {"before": "26 Jul 2024 ", "after": ""}


def test_a_tokenizer_that_adds_nothing_has_an_empty_prefix(llama: Path) -> None:
    assert prompt_prefix(make_tokenizer()) == []
    facts = inspect_model(str(llama))
    assert (facts["promptPrefix"], facts["chatTemplate"]) == ([], None)
