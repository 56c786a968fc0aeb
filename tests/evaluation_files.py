"""What several tests of `tfopt evaluate` share: a dictionary that a model is known to be half right on."""

from __future__ import annotations

from pathlib import Path

from conftest import random_weights, tiny_config, write_model

WORDS = ["abc", "cab", "gabe", "fade", "dad", "bee", "fag", "egg", "add", "beef"]


class Silent:
    """A reporter that counts the steps that were announced and those that were done."""

    def __init__(self) -> None:
        self.announced = 0
        self.done = 0

    def begin(self, text: str, steps: int) -> None:
        self.announced += steps

    def step(self, text: str) -> None:
        self.done += 1

    def warn(self, text: str) -> None:
        raise AssertionError(text)


def write_g2p(directory: Path, seed: int = 4) -> Path:
    """A tiny g2p model with random weights."""
    config = tiny_config("gru")
    return write_model(directory, config, random_weights(config, seed))


def write_dictionary(path: Path, said: list[list[str]]) -> Path:
    """Lists for the first half of the words what was said, and for the others a phoneme more."""
    half = len(WORDS) // 2
    lines = []
    for place, (word, phonemes) in enumerate(zip(WORDS, said, strict=True)):
        listed = [*phonemes, *([] if place < half else ["Z"])] or ["Z"]
        lines += [f"{word.upper()}  {' '.join(listed)}", f"{word}(1) Z Z Z Z Z Z Z Z Z Z Z Z"]
    path.write_text("\n".join(lines) + "\n")
    return path
