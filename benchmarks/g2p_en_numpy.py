"""tfopt's `graph` backend against the NumPy code that g2p-en 2.1.0 itself runs, on the same words.

    .venv/bin/python benchmarks/g2p_en_numpy.py

Fetches the package's wheel with pip and runs its `G2p.predict` (the dictionary look-up in front of it is
left out). Both run in this process on one thread, in turns; the figures are medians. Phonemes are
compared before anything is reported.
"""

# ruff: noqa: E402 (threads are set before NumPy is imported)
from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import json
import sys
from functools import partial
from pathlib import Path

import click
import numpy as np
import peers

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from g2p_en_original import numpy_code

from tfopt import files, g2p
from tfopt.profiler import machine, words

MODEL = "g2p_en-2.1.0"


@click.command()
@click.option("--words", "count", default=1024, show_default=True, type=click.IntRange(min=1))
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(min=3))
@click.option("--out", type=click.Path(path_type=Path), help="Write the timings to this JSON file.")
def main(count: int, rounds: int, out: Path | None) -> None:
    """Compare tfopt's graph backend with g2p-en 2.1.0's own NumPy code."""
    chosen = words.builtin().words[:count]
    net = g2p.load(MODEL, backend="graph", threads=1)
    predict = numpy_code()
    theirs, ours = predict(chosen), net.predict(chosen)
    differing = [w for w, a, b in zip(chosen, ours, theirs, strict=True) if a != b]
    if differing:
        raise SystemExit(f"not compared: {len(differing)} words differ: {differing[:5]}")

    ways = {
        "g2p-en 2.1.0, NumPy": partial(predict, chosen),
        "tfopt graph": partial(net.predict, chosen),
    }
    seconds = peers.in_turns(ways, rounds)
    rates = peers.rates(seconds, count)
    slow, fast = rates.values()
    for name, rate in rates.items():
        print(f"{name:22} {rate:8.0f} words/s")
    print(f"{fast / slow:.1f} times as fast, {count} words, the same phonemes, one thread")
    if out:
        report = {
            "machine": machine.describe(),
            "numpy": np.__version__,
            "words": count,
            "seconds": seconds,
            "words_per_second": rates,
            "ratio": fast / slow,
        }
        with files.writing_text(out) as file:
            file.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
