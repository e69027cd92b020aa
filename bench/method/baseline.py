"""The method's steps in straightforward Python: lists, a loop per token. Prints tokens per second of processor time as JSON."""

import json
import random
import re
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


def sample(ids, starts, impactful):
    """Ids and positions of one sample."""
    ends = starts[1:] + [len(ids)]
    lengths = [end - start for start, end in zip(starts, ends)]
    ranked = sorted(range(len(starts)), key=lambda s: (-impactful[s] / lengths[s], random.random()))
    kept, left = [], TRAINED
    for s in ranked:
        if lengths[s] <= left:
            kept.append(s)
            left -= lengths[s]
    kept.sort()
    out = []
    segments = []
    for s in kept:
        segments.append(len(out))
        for token in range(starts[s], ends[s]):
            out.append(ids[token])
    plain = random.randint(1, (len(out) + 1) // 2)
    segments = [0] + [s for s in segments if s >= plain and s > 0]
    gaps = len(segments) - 1
    chosen = sorted(random.sample(range(TARGET - len(out) + gaps), gaps))
    skips = [0] + [place - i for i, place in enumerate(chosen)]
    positions, segment = [], 0
    for token in range(len(out)):
        while segment + 1 < len(segments) and segments[segment + 1] <= token:
            segment += 1
        positions.append(token + skips[segment])
    return out, positions


def rate(tokens, work):
    begun = time.process_time()
    work()
    return tokens / (time.process_time() - begun)


def main():
    rng = Recurrence(3)
    documents = [(sentence_starts(rng), [rng.next() / 2**32 for _ in range(DOCUMENT)]) for _ in range(DOCUMENTS)]
    ids = [rng.next() >> 16 for _ in range(DOCUMENT)]
    impactful = [[rng.next() >> 29 for _ in starts] for starts, _ in documents]
    windows = [[s for s in starts if s < TARGET] for starts, _ in documents]
    words = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"]
    pieces, offsets, at = [], [], 0
    for number in range(1_000_000):
        piece = (" " if number else "") + words[number % 9] + ("." if number % 12 == 11 else "")
        offsets.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    text = "".join(pieces)
    result = {
        "segmentation": rate(len(offsets), lambda: segment(text, offsets)),
        "selection": rate(DOCUMENTS * DOCUMENT, lambda: select(documents)),
        "samples": rate(
            DOCUMENTS * TARGET, lambda: [sample(ids[:TARGET], starts, counts) for starts, counts in zip(windows, impactful)]
        ),
    }
    print(json.dumps(result))


main()
