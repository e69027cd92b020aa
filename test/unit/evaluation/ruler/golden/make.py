"""Makes reference.json: RULER prompts from the published Python code, for the embedded model's tokenizer.

The code that runs is lm-evaluation-harness's port of NVIDIA's generator (PyPI lm_eval 0.4.13, lm_eval/tasks/ruler) with
what the port leaves out put back as NVIDIA's scripts (hsiehjackson/RULER, the state of the paper) have it:

- both global generators are seeded with 42 for each task and length, as each of NVIDIA's scripts does when it starts;
- the template that is counted has the answer prefix (niah, qa);
- cwe: the worked example stands before the list and is counted; each list is shuffled by a fresh Random(42).

    python make.py LM_EVAL_FOLDER NLTK_DATA

LM_EVAL_FOLDER: the unpacked wheel. NLTK_DATA: a folder with tokenizers/punkt_tab (such as llama-index-core ships).
Needs: numpy 2.4.6, scipy 1.17.1, nltk 3.10.4, wonderwords 2.2.0, tqdm, packaging, tokenizers, transformers.
"""

import hashlib
import importlib
import json
import random
import re
import sys
import types
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

HERE = Path(__file__).parent
EMBEDDED = HERE.parents[4] / "examples" / "embedded"
SEED = 42
SAMPLES = 6
LENGTHS = [1024, 2048, 4096]

lm_eval, nltk_data = Path(sys.argv[1]), sys.argv[2]

for name in (
    "lm_eval",
    "lm_eval.tasks",
    "lm_eval.tasks.ruler",
):  # without what these packages import
    module = types.ModuleType(name)
    module.__path__ = [str(lm_eval.joinpath(*name.split(".")))]
    sys.modules[name] = module
sys.modules["datasets"] = types.ModuleType("datasets")
sys.modules["datasets"].Dataset = None
sys.modules["datasets"].load_dataset = None
sys.modules.setdefault("requests", types.ModuleType("requests"))

import nltk

nltk.data.path.insert(0, nltk_data)
niah, vt, cwe, fwe, qa = (
    importlib.import_module(f"lm_eval.tasks.ruler.{name}")
    for name in ("prepare_niah", "vt_utils", "cwe_utils", "fwe_utils", "qa_utils")
)


class Counted:
    """What the code uses of a Hugging Face tokenizer; no special tokens, as in NVIDIA's."""

    def __init__(self, file):
        self.tokenizer = Tokenizer.from_file(str(file))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def __call__(self, text):
        return types.SimpleNamespace(
            input_ids=self.tokenizer.encode(
                text.removeprefix("\x00"), add_special_tokens=False
            ).ids
        )


TOKENIZER = Counted(EMBEDDED / "model" / "tokenizer.json")
PREFIX = (
    " The special magic {type_needle_v} for {query} mentioned in the provided text are"
)
NIAH_TEMPLATE = (
    "Some special magic {type_needle_v} are hidden within the following text. Make sure to memorize it. I will quiz you"
    " about the {type_needle_v} afterwards.\n{context}\nWhat are all the special magic {type_needle_v} for {query}"
    " mentioned in the provided text?" + PREFIX
)
essays = [
    file.read_text("utf-8") for file in sorted((EMBEDDED / "corpus").glob("*.txt"))
]
ESSAY_WORDS = re.sub(r"\s+", " ", " ".join(essays)).strip().split(" ")


def seeded():
    random.seed(SEED)
    np.random.seed(SEED)


def make_niah(
    length, haystack, key="words", value="numbers", keys=1, values=1, queries=1
):
    kinds = {
        "essay": ESSAY_WORDS,
        "repeat": niah.get_haystack("repeat"),
        "needle": niah.get_haystack("needle"),
    }
    return niah.generate_samples(
        kinds[haystack], TOKENIZER, max_seq_length=length, type_haystack=haystack, type_needle_k=key,
        type_needle_v=value, template=NIAH_TEMPLATE, num_samples=SAMPLES, num_needle_k=keys, num_needle_v=values,
        num_needle_q=queries,
    )  # fmt: skip


def make_vt(length):
    example = vt.sys_vartrack_w_noise_random(
        tokenizer=TOKENIZER, num_samples=1, max_seq_length=500, incremental=5
    )[0]
    return vt.sys_vartrack_w_noise_random(
        tokenizer=TOKENIZER,
        num_samples=SAMPLES,
        max_seq_length=length,
        icl_example=example,
    )


class FreshShuffle:
    def shuffle(self, items):
        random.Random(SEED).shuffle(items)


def make_cwe(length):
    published = cwe.generate_input_output
    cwe.RNG = FreshShuffle()

    def with_example(*args, **kwargs):
        example, text, answer = published(*args, **kwargs)
        return "\x00", example + "\n" + text, answer

    cwe.generate_input_output = with_example
    # The port counts example, line break and prompt; the first two are empty here.
    counted = TOKENIZER.__call__
    stripped = lambda text: counted(text.removeprefix("\x00\n"))
    try:
        return cwe.sys_word_pair_random(
            num_samples=SAMPLES, max_seq_length=length, tokenizer=stripped
        )
    finally:
        cwe.generate_input_output = published


def make_fwe(length):
    return fwe.sys_kwext(TOKENIZER, length, num_samples=SAMPLES)


def qa_data(name):
    file = HERE / f"{name}.json"
    qa.download_json = lambda _: json.loads(file.read_text("utf-8"))
    return (qa.read_squad if name == "squad" else qa.read_hotpotqa)("")


def make_qa(length, name):
    questions, documents = qa_data(name)
    return qa.generate_samples(
        TOKENIZER, documents, questions, length, num_samples=SAMPLES
    )


def data_sets():
    """Two small data sets in the published formats, of sentences of the corpus."""
    sentences = [
        s
        for text in essays
        for s in niah.sent_tokenize(" ".join(text.split()))
        if 30 < len(s) < 200
    ]
    paragraphs = [" ".join(sentences[at : at + 3]) for at in range(0, 360, 3)]
    articles = []
    for first in range(0, len(paragraphs), 8):
        entries = []
        for at, context in enumerate(paragraphs[first : first + 8]):
            words = context.split()
            answers = [
                {"text": words[2], "answer_start": 0},
                {"text": " ".join(words[2:4]), "answer_start": 0},
            ]
            question = (
                f"Which word is the third after “{words[0]}” in part {first + at}?"
            )
            asked = [
                {
                    "id": f"{first + at}",
                    "question": question,
                    "answers": answers,
                    "is_impossible": False,
                }
            ]
            asked.append(
                {
                    "id": f"{first + at}x",
                    "question": "None?",
                    "answers": [],
                    "is_impossible": True,
                }
            )
            entries.append({"context": context, "qas": asked})
        articles.append({"title": f"Part {first}", "paragraphs": entries})
    write("squad.json", {"version": "v2.0", "data": articles})
    hotpot = []
    for at in range(30):
        titled = at < 12
        context = [
            [
                f"Title {at * 9 + k}",
                [f"{s} " for s in sentences[(at * 9 + k) * 2 :][:2]],
            ]
            for k in range(4)
        ]
        hotpot.append(
            {
                "_id": str(at),
                "question": f"What's the title of part {at}?" if titled else f"Is it {at}?",
                "answer": f"Title {at}" if titled else 'it\'s "so"',
                "context": context,
            }
        )
    write("hotpot.json", hotpot)


def write(name, value):
    (HERE / name).write_text(
        json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )


TASKS = {
    "niah_single_1": lambda length: make_niah(length, "repeat"),
    "niah_single_2": lambda length: make_niah(length, "essay"),
    "niah_single_3": lambda length: make_niah(length, "essay", value="uuids"),
    "niah_multikey_1": lambda length: make_niah(length, "essay", keys=4),
    "niah_multikey_2": lambda length: make_niah(length, "needle"),
    "niah_multikey_3": lambda length: make_niah(
        length, "needle", key="uuids", value="uuids"
    ),
    "niah_multivalue": lambda length: make_niah(length, "essay", values=4),
    "niah_multiquery": lambda length: make_niah(length, "essay", queries=4),
    "vt": make_vt,
    "cwe": make_cwe,
    "fwe": make_fwe,
    "qa_1": lambda length: make_qa(length, "squad"),
    "qa_2": lambda length: make_qa(length, "hotpot"),
}


def lengths_of(task):
    """Without those at which the reference has no room (one word of an essay, no end)."""
    if task.startswith("qa"):
        return LENGTHS
    return (
        LENGTHS
        if task in ("niah_single_1", "niah_multikey_2", "niah_multikey_3", "fwe")
        else LENGTHS[1:]
    )


def sentence_ends():
    """Where Punkt ends the sentences of the essays' first 40,000 characters."""
    text = " ".join(ESSAY_WORDS)[:60_000]
    return [
        end
        for _, end in nltk.tokenize.PunktTokenizer("english").span_tokenize(text)
        if end < 40_000
    ]


if __name__ == "__main__":
    data_sets()
    (HERE / "sentenceEnds.json").write_text(json.dumps(sentence_ends()) + "\n", "utf-8")
    qa.TEMPLATE = qa.TEMPLATE + " Answer:"
    made = {}
    for task, make in TASKS.items():
        for length in lengths_of(task):
            seeded()
            made[f"{task}/{length}"] = [
                {
                    "sha256": hashlib.sha256(
                        sample["input"].strip().encode()
                    ).hexdigest(),
                    "outputs": sample["outputs"],
                    "length": sample["length"],
                    **({"input": sample["input"]} if len(sys.argv) > 3 else {}),
                }
                for sample in make(length)
            ]
            print(
                task,
                length,
                [sample["length"] for sample in made[f"{task}/{length}"]],
                file=sys.stderr,
            )
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(json.dumps(made))
    else:
        write("reference.json", made)
