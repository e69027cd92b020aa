"""
The method's steps in straightforward Python: lists, a loop per token. Prints tokens per second of processor time as JSON.

    python baseline.py SCRATCH.arrow     (needs pyarrow, to write the samples as the TypeScript version does)
"""

import json
import random
import re
import sys
import time

DOCUMENT = 100_000
TARGET = 81_920
TRAINED = 24_576
DOCUMENTS = 10


class Recurrence:
    """The generator of synthetic.ts."""

    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state * 1_664_525 + 1_013_904_223) % 2**32
        return self.state


def sentence_starts(rng):
    starts, token = [], 0
    while token < DOCUMENT:
        starts.append(token)
        token += 8 + (rng.next() >> 27)
    return starts


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


def sample(ids, starts, scores, threshold):
    """Ids and positions of one sample, sentence by sentence: counting impactful tokens, shortening, positions."""
    sentences = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(ids)
        tokens, impactful = [], 0
        for token in range(start, end):
            tokens.append(ids[token])
            if scores[token] >= threshold:
                impactful += 1
        sentences.append((number, tokens, impactful))
    sentences.sort(key=lambda s: (-s[2] / len(s[1]), random.random()))
    kept, left = [], TRAINED
    for sentence in sentences:
        if len(sentence[1]) <= left:
            kept.append(sentence)
            left -= len(sentence[1])
    kept.sort()
    total = TRAINED - left
    plain = random.randint(1, (total + 1) // 2)
    segments, length = [], 0
    for _, tokens, _ in kept:
        if length < plain and segments:
            segments[-1].extend(tokens)
        else:
            segments.append(list(tokens))
        length += len(tokens)
    gaps = len(segments) - 1
    chosen = sorted(random.sample(range(TARGET - total + gaps), gaps))
    skips = [0] + [place - gap for gap, place in enumerate(chosen)]
    out, positions = [], []
    for segment, skip in zip(segments, skips):
        for token in segment:
            positions.append(len(out) + skip)
            out.append(token)
    return out, positions


def write(samples, path):
    """The samples as an Arrow table, as training reads them."""
    import pyarrow as pa

    lists = pa.list_(pa.int32())
    table = pa.table({"ids": pa.array([ids for ids, _ in samples], lists), "positions": pa.array([at for _, at in samples], lists)})
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def build(windows, ids, path):
    write([sample(ids, starts, scores, 0.8) for starts, scores in windows], path)


def rate(tokens, work):
    """The best of three."""
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        work()
        best = max(best, tokens / (time.process_time() - begun))
    return best


def main():
    rng = Recurrence(3)
    documents = [(sentence_starts(rng), [rng.next() / 2**32 for _ in range(DOCUMENT)]) for _ in range(DOCUMENTS)]
    ids = [rng.next() >> 16 for _ in range(DOCUMENT)]
    windows = [([s for s in starts if s < TARGET], scores[:TARGET]) for starts, scores in documents]
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"]
    pieces, offsets, at = [], [], 0
    for number in range(1_000_000):
        piece = (" " if number else "") + words[number % 9] + ("." if number % 12 == 11 else "")
        offsets.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    text = "".join(pieces)
    import pyarrow  # noqa: F401  Loading it is not part of the work.

    result = {
        "segmentation": rate(len(offsets), lambda: segment(text, offsets)),
        "selection": rate(DOCUMENTS * DOCUMENT, lambda: select(documents)),
        "samples": rate(DOCUMENTS * TARGET, lambda: build(windows, ids[:TARGET], sys.argv[1])),
    }
    print(json.dumps(result))


main()
