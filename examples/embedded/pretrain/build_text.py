"""Fetch freely licensed prose from Debian packages and split it for training, replay and evaluation.

Sources: the Python documentation (PSF licence) and the Jargon File (public domain). Markup, code and tables are
dropped; what stays are paragraphs of prose. Every source file (or run of dictionary entries) goes wholly to one split,
so held-out text shares no file with training text.

    python build_text.py --work WORKDIR

writes WORKDIR/train.jsonl and WORKDIR/heldout.jsonl: one JSON list of paragraphs a line, a line for each source file.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("python3.11-doc", "jargon-text")
HELDOUT_PER_CENT = 10
CRUDE = re.compile(
    r"fuck|shit|crap|\bass(es)?\b|asshole|bitch|bastard|piss|whore|slut|penis|sexual|\bsex\b|nazi|hitler|rape|porn",
    re.IGNORECASE,
)


def fetch(work: Path) -> None:
    """Download and unpack the packages; nothing is installed."""
    debs = work / "packages"
    debs.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        if not (debs / name).exists():
            subprocess.run(["apt-get", "download", name], cwd=debs, check=True)
            archive = next(debs.glob(f"{name}_*.deb"))
            subprocess.run(["dpkg", "-x", str(archive), str(debs / name)], check=True)


def clean(text: str) -> str:
    """Strip reStructuredText and Jargon File markup from one paragraph."""
    text = re.sub(r":[\w:+-]+:`([^`]*)`", r"\1", text)
    text = re.sub(r"`([^`<]*?)\s*<[^`]*>`__?", r"\1", text)
    text = re.sub(r"[`*|{}\\]|\[\w*\]_", "", text)
    text = re.sub(r"\s*<[^>]*>", "", text)
    text = text.translate(str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "—": "-", "–": "-", "…": "..."}))
    return re.sub(r"\s+", " ", text).strip(" ~!")


def is_prose(text: str) -> bool:
    """True for a paragraph of sentences: long enough, mostly letters, ended as a sentence is."""
    letters = sum(c.isalpha() or c == " " for c in text)
    return (
        len(text) >= 140
        and text[0].isupper()
        and text[-1] in ".?!"
        and letters / len(text) > 0.93
        and "://" not in text
        and not CRUDE.search(text)
    )


def paragraphs(raw: str) -> list[str]:
    """The prose paragraphs of one file, in order."""
    blocks = re.split(r"\n\s*\n", raw)
    kept = (clean(block) for block in blocks if not block.lstrip().startswith((">>>", "..", "+--", "===", "$")))
    return [p for p in kept if is_prose(p)]


def documents(work: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield (name, paragraphs) for every source file; the Jargon File is cut into runs of sixty paragraphs."""
    debs = work / "packages"
    root = debs / "python3.11-doc/usr/share/doc/python3.11/html/_sources"
    for path in sorted(root.rglob("*.rst.txt")):
        found = paragraphs(path.read_text("utf-8"))
        if found:
            yield f"python/{path.relative_to(root)}", found
    jargon = debs / "jargon-text/usr/share/doc/jargon-text/jargon.txt.gz"
    with gzip.open(jargon, "rt", encoding="utf-8", errors="ignore") as file:
        found = paragraphs(file.read())
    for start in range(0, len(found), 60):
        yield f"jargon/{start:05d}", found[start : start + 60]


def main() -> None:
    """Fetch, clean, split and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    work = parser.parse_args().work
    fetch(work)
    with (work / "train.jsonl").open("w") as train, (work / "heldout.jsonl").open("w") as heldout:
        for name, found in documents(work):
            digest = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 100
            (heldout if digest < HELDOUT_PER_CENT else train).write(json.dumps(found) + "\n")
    for name in ("train", "heldout"):
        print(name, (work / f"{name}.jsonl").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
