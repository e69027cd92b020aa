"""
The method's steps in straightforward Python: lists, a loop per token. Prints seconds of processor time as JSON.

    python baseline.py TOKENS.arrow SELECTION.arrow SAMPLES.arrow     (needs pyarrow: the files are those of the TypeScript version)
"""

import json
import random
import re
import sys
import time

import pyarrow as pa
from pyarrow import ipc

TARGET = 81_920
TRAINED = 24_576


class Recurrence:
    """The generator of synthetic.ts."""

    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state * 1_664_525 + 1_013_904_223) % 2**32
        return self.state


def segment(text, offsets):
    """First token of each sentence, sentences split at full stops and blank lines."""
    borders = [0] + [m.end() for m in re.finditer(r"[.!?]\s+|\n\n+", text)]
    firsts, sentence = [], -1
    for token, (start, end) in enumerate(offsets):
        while start < end and text[start].isspace():
            start += 1
        moved = False
        while sentence + 1 < len(borders) and borders[sentence + 1] <= start:
            sentence += 1
            moved = True
        if moved:
            firsts.append(token)
    return firsts


def select(documents):
    """Impactful tokens by sentence: the top 20 % of all scores."""
    everything = []
    for _, scores in documents:
        for score in scores:
            everything.append(score)
    everything.sort(reverse=True)
    threshold = everything[round(0.2 * len(everything)) - 1]
    counts = []
    for starts, scores in documents:
        count, sentence = [0] * len(starts), -1
        borders = set(starts)
        for token, score in enumerate(scores):
            if token in borders:
                sentence += 1
            if score >= threshold:
                count[sentence] += 1
        counts.append(count)
    return counts


def read(tokens, selection):
    """Documents as lists: token ids, and first token and impactful tokens of each sentence."""
    documents = {}
    with ipc.open_file(tokens) as reader:
        table = reader.read_all()
    for document, ids in zip(table["document"].to_pylist(), table["ids"].to_pylist()):
        documents[document] = (ids, [], [])
    with ipc.open_file(selection) as reader:
        table = reader.read_all()
    columns = (table[name].to_pylist() for name in ("document", "first", "impactful"))
    for document, first, impactful in zip(*columns):
        documents[document][1].append(first)
        documents[document][2].append(impactful)
    return documents


def sample(ids, firsts, counts):
    """One sample out of a window of a document: its ids, their positions, and where its segments begin."""
    begin = random.randint(0, len(ids) - TARGET)
    sentences = []
    for number, first in enumerate(firsts):
        end = firsts[number + 1] if number + 1 < len(firsts) else len(ids)
        if first >= begin and end <= begin + TARGET:
            sentences.append((counts[number] / (end - first), random.random(), first, end))
    sentences.sort(reverse=True)
    kept, left = [], TRAINED
    for _, _, first, end in sentences:
        if end - first <= left:
            kept.append((first, end))
            left -= end - first
    kept.sort()
    length = TRAINED - left
    plain = random.randint(1, (length + 1) // 2)
    segments, token = [], 0
    for first, end in kept:
        if token >= plain or not segments:
            segments.append(token)
        token += end - first
    gaps = len(segments) - 1
    chosen = sorted(random.sample(range(TARGET - length + gaps), gaps))
    skips = [0] + [place - gap for gap, place in enumerate(chosen)]
    out, positions, segment = [], [], 0
    for first, end in kept:
        for token in range(first, end):
            if segment + 1 < len(segments) and segments[segment + 1] == len(out):
                segment += 1
            positions.append(len(out) + skips[segment])
            out.append(ids[token])
    return out, positions, segments


def write(samples, path):
    """The samples as an Arrow table, as training reads them."""
    lists = pa.list_(pa.int32())
    columns = {
        "sample": pa.array(range(len(samples)), pa.int32()),
        "document": pa.array([document for document, _ in samples], pa.int32()),
        "ids": pa.array([made[0] for _, made in samples], lists),
        "positions": pa.array([made[1] for _, made in samples], lists),
        "segments": pa.array([made[2] for _, made in samples], lists),
    }
    table = pa.table(columns)
    with pa.OSFile(path, "wb") as sink, ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def build(tokens, selection, path):
    """Samples of every document; seconds for reading, making and writing, and how many samples there are."""
    times = [time.process_time()]
    documents = read(tokens, selection)
    times.append(time.process_time())
    order = list(documents)
    random.shuffle(order)
    samples = [(document, sample(*documents[document])) for document in order]
    times.append(time.process_time())
    write(samples, path)
    times.append(time.process_time())
    return [after - before for before, after in zip(times, times[1:])] + [len(samples)]


def seconds(work):
    """Of processor time, the best of ten."""
    best = float("inf")
    for _ in range(10):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def main():
    random.seed(1)
    rng = Recurrence(3)
    documents = []
    for _ in range(10):
        starts, token = [], 0
        while token < 100_000:
            starts.append(token)
            token += 8 + (rng.next() >> 27)
        documents.append((starts, [rng.next() / 2**32 for _ in range(100_000)]))
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"]
    pieces, offsets, at = [], [], 0
    for number in range(1_000_000):
        piece = (" " if number else "") + words[number % 9] + ("." if number % 12 == 11 else "")
        offsets.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    text = "".join(pieces)
    reading, making, writing, samples = min((build(*sys.argv[1:4]) for _ in range(10)), key=lambda run: sum(run[:3]))
    result = {
        "segmentation": len(offsets) / seconds(lambda: segment(text, offsets)),
        "selection": 1_000_000 / seconds(lambda: select(documents)),
        "reading": samples * TARGET / reading,
        "making": samples * TARGET / making,
        "writing": samples * TARGET / writing,
        "samples": samples * TARGET / (reading + making + writing),
    }
    print(json.dumps(result))


main()
