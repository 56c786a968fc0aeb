"""tfopt's `graph` backend against the NumPy code that g2p-en 2.1.0 itself runs, on the same words.

    .venv/bin/python benchmarks/g2p_en_numpy.py

Fetches the package's wheel with pip and runs its `G2p.predict` (the dictionary look-up in front of it is
left out). Both run in this process on one thread, in turns; the figures are medians. Phonemes are
compared before anything is reported.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import json
import statistics
import subprocess
import sys
import tempfile
import time
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from tfopt import download, files, g2p
from tfopt.profiler import machine, words

MODEL = "g2p_en-2.1.0"


def original(folder: Path) -> Callable[[str], list[str]]:
    """The predict function of g2p-en 2.1.0, from its wheel."""
    requirement = download.SOURCES[MODEL].requirement
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    subprocess.run([*pip, requirement], check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder)
    sys.path.insert(0, str(folder))
    # Its module reads NLTK's corpora when it is imported. `predict` uses none of them.
    for name in ("nltk", "nltk.corpus", "nltk.tokenize", "inflect"):
        stub: Any = types.ModuleType(name)
        stub.pos_tag = stub.cmudict = None
        stub.data = types.SimpleNamespace(find=lambda _: None)
        stub.TweetTokenizer = lambda: types.SimpleNamespace(tokenize=None)
        stub.engine = lambda: None
        sys.modules[name] = stub
    from g2p_en.g2p import G2p

    G2p.__init__.__globals__["cmudict"] = types.SimpleNamespace(dict=dict)
    predict: Callable[[str], list[str]] = G2p().predict
    return predict


@click.command()
@click.option("--words", "count", default=1024, show_default=True, type=click.IntRange(min=1))
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(min=3))
@click.option("--out", type=click.Path(path_type=Path), help="Write the timings to this JSON file.")
def main(count: int, rounds: int, out: Path | None) -> None:
    """Compare tfopt's graph backend with g2p-en 2.1.0's own NumPy code."""
    chosen = words.builtin().words[:count]
    net = g2p.load(MODEL, backend="graph", threads=1)
    with tempfile.TemporaryDirectory() as folder:
        predict = original(Path(folder))
    theirs = [predict(word) for word in chosen]
    ours = net.predict(chosen)
    differing = [w for w, a, b in zip(chosen, ours, theirs, strict=True) if a != b]
    if differing:
        raise SystemExit(f"not compared: {len(differing)} words differ: {differing[:5]}")

    def theirs_all() -> None:
        for word in chosen:
            predict(word)

    seconds: dict[str, list[float]] = {"g2p-en 2.1.0, NumPy": [], "tfopt graph": []}
    for _ in range(rounds):
        for name, run in zip(seconds, (theirs_all, lambda: net.predict(chosen)), strict=True):
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    rates = {name: count / statistics.median(s) for name, s in seconds.items()}
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
        with files.writing(out) as file:
            file.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
