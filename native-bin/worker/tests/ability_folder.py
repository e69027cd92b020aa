"""A folder of tasks for lm-evaluation-harness with local data, as a person may keep beside a recipe."""

from __future__ import annotations

import json
from pathlib import Path

CHOICES = [
    {"question": "The quick brown", "choices": ["fox", "dog", "box", "jug"], "answer": 0},
    {"question": "jumps over the lazy", "choices": ["fox", "dog", "box", "jug"], "answer": 1},
    {"question": "Pack my", "choices": ["fox", "dog", "box", "jug"], "answer": 2},
]
WORDS = [{"text": "lazy dog. Pack my", "word": " box"}, {"text": "The quick brown", "word": " fox"}]
PROGRAMS = [{"prompt": "def one():\n    return ", "test": "assert one() == 1", "good": "1"}]

_FILES = {
    "local_choice.yaml": """
task: local_choice
dataset_path: json
dataset_kwargs: {data_files: {test: data/choice.jsonl}}
output_type: multiple_choice
test_split: test
fewshot_split: test
num_fewshot: 0
doc_to_text: "{{question}}"
doc_to_choice: "{{choices}}"
doc_to_target: answer
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
metadata: {version: 2.5}
""",
    "local_words.yaml": """
task: local_words
tag: local_tag
dataset_path: json
dataset_kwargs: {data_files: {test: data/words.jsonl}}
output_type: generate_until
test_split: test
doc_to_text: "{{text}}"
doc_to_target: "{{word}}"
generation_kwargs: {until: ["."], do_sample: false, max_gen_toks: 4}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true, ignore_case: true}
metadata: {version: 1.0}
""",
    "local_rolling.yaml": """
task: local_rolling
dataset_path: json
dataset_kwargs: {data_files: {test: data/words.jsonl}}
output_type: loglikelihood_rolling
test_split: test
doc_to_text: ""
doc_to_target: "{{text}}"
metric_list:
  - {metric: word_perplexity}
metadata: {version: 1.0}
""",
    "local_code.yaml": """
task: local_code
dataset_path: json
dataset_kwargs: {data_files: {test: data/code.jsonl}}
unsafe_code: true
output_type: generate_until
test_split: test
doc_to_text: "{{prompt}}"
doc_to_target: "{{test}}"
generation_kwargs: {until: ["\\n"], do_sample: false, max_gen_toks: 2}
metric_list:
  - {metric: !function code.pass_at_1, aggregation: mean, higher_is_better: true}
filter_list:
  - {name: program, filter: [{function: custom, filter_fn: !function code.programs}]}
metadata: {version: 1.0}
""",
    "code.py": """
import evaluate

score = evaluate.load("code_eval")


def pass_at_1(references, predictions):
    return score.compute(references=references, predictions=predictions, k=[1])[0]["pass@1"]


def programs(resps, docs):
    # The tiny model of the tests knows no Python: what counts is that its program is run.
    return [[doc["prompt"] + doc["good"] for _ in resp] for resp, doc in zip(resps, docs)]
""",
    "local_own_code.yaml": """
include: local_code.yaml
task: local_own_code
metric_list:
  - {metric: !function own.run, aggregation: mean, higher_is_better: true}
filter_list:
  - {name: none, filter: [{function: take_first}]}
""",
    "own.py": """
def run(references, predictions):
    exec(predictions[0])
""",
    "local_group.yaml": """
group: local_group
task: [local_choice, local_words]
aggregate_metric_list:
  - {metric: acc, aggregation: mean, weight_by_size: true}
metadata: {version: 3.0}
""",
    "local_no_data.yaml": """
include: local_words.yaml
task: local_no_data
dataset_kwargs: {data_files: {test: data/nothing.jsonl}}
""",
    "local_no_package.yaml": """
include: local_words.yaml
task: local_no_package
process_results: !function needs.score
""",
    "needs.py": "import a_package_that_nobody_has\n",
    "local_from_hub.yaml": """
task: local_from_hub
dataset_path: nobody/no-such-data
output_type: generate_until
test_split: test
doc_to_text: "{{text}}"
doc_to_target: "{{word}}"
""",
    "local_broken.yaml": """
include: local_words.yaml
task: local_broken
doc_to_text: "{{ text | no_such_filter }}"
""",
}


def make_tasks(folder: Path) -> Path:
    """Write the folder."""
    data = folder / "data"
    data.mkdir(parents=True)
    for name, rows in (("choice", CHOICES), ("words", WORDS), ("code", PROGRAMS)):
        (data / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, text in _FILES.items():
        (folder / name).write_text(text.lstrip())
    return folder
