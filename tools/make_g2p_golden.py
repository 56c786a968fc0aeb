"""Makes tests/golden/g2p_en-*.tsv: what the original implementations say for some 500 words.

    .venv/bin/python tools/make_g2p_golden.py

See tests/golden/README.md for when to run it.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from g2p_en_original import numpy_code, tf1_graph

from tfopt.profiler import words

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
# Apostrophes and other unknown characters, one letter, and words at and behind the limit of 20.
EXTRA = (
    *("a", "i", "x", "zz", "o'clock", "don't", "rock'n'roll", "internationalization"),
    *("counterrevolutionary", "antidisestablishmentarianism", "supercalifragilisticexpialidocious"),
    *("pneumonoultramicroscopicsilicovolcanoconiosis", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
)


def main() -> None:
    """Writes both files."""
    chosen = [*EXTRA, *words.builtin().shuffled(seed=1)[:500]]
    for name, predict in (("g2p_en-1.0.1", tf1_graph()), ("g2p_en-2.1.0", numpy_code())):
        rows = zip(chosen, predict(chosen), strict=True)
        lines = [f"{word}\t{' '.join(phonemes)}\n" for word, phonemes in rows]
        (GOLDEN / f"{name}.tsv").write_text("".join(lines), encoding="utf-8")
        print(f"{name}: {len(lines)} words")


if __name__ == "__main__":
    main()
