"""Grapheme-to-phoneme models, calibrated and judged on words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tfopt.g2p.config import G2pConfig
from tfopt.g2p.vocabulary import pad
from tfopt.model_directory import Weights
from tfopt.quantization.histograms import Histograms
from tfopt.quantization.subject import Progress
from tfopt.quantization_settings import TYPES, WORDS, QuantizationSettings

_TOGETHER = 1024  # words of a call
_EVERY = 5  # one in so many words is for the losses
_ENOUGH = 200  # of these: two are the hundredth that `auto` allows to change


class WordModel:
    """A g2p model with words; a `Subject`. A loss is the part of the words that get other phonemes.

    No more of them than that can be wrong in addition.
    """

    def __init__(self, config: G2pConfig, weights: Weights, data: Sequence[Path]) -> None:
        """Reads the words: one a line of each file.

        Raises:
            ValueError: A file cannot be read, has more than a word on a line, or there are not enough words.
        """
        self._config, self._weights = config, weights
        encode = config.vocabulary.encode
        words = list(dict.fromkeys(word for path in data for word in _read(path)))
        words = [word for word in words if len(encode(word))]
        if len(words) < _EVERY:
            raise ValueError(
                f"{data[0]}: expected at least {_EVERY} words with letters that the model knows, got "
                f"{len(words)}"
            )
        # Not the last ones: dictionaries are in the order of their letters.
        self._held_out = words[_EVERY - 1 :: _EVERY]
        self._calibration = [word for i, word in enumerate(words) if i % _EVERY != _EVERY - 1]
        self.unit = WORDS
        self.work = len(self._calibration) + len(self._held_out) * (1 + len(TYPES))
        self.enough = len(self._held_out) >= _ENOUGH
        self.described = (
            f"calibrated on {len(self._calibration):,} words, losses of "
            f"{len(self._held_out):,} others"
        )

    def observe(self, progress: Progress) -> Histograms:
        """What the matrices multiply when the model pronounces the words."""
        from tfopt import ops
        from tfopt.g2p.packing import pack

        histograms, packed = Histograms(), pack(self._config, self._weights)
        for batch in _batches(self._calibration):
            ids, lengths = pad([self._config.vocabulary.encode(word) for word in batch])
            _, counts, largest = ops.g2p_observe(packed, ids, lengths)
            histograms.add(counts, largest)
            progress(len(batch))
        return histograms

    def losses(self, quantization: QuantizationSettings, progress: Progress) -> dict[str, float]:
        """The part of words that it was not calibrated on whose phonemes are not those of float32."""
        from tfopt.g2p.model import G2p

        config = replace(self._config, quantization=quantization)

        def said(compute_type: str) -> list[list[str]]:
            net = G2p(config, self._weights, "native", compute_type=compute_type)
            result = []
            for batch in _batches(self._held_out):
                result += net.predict(batch)
                progress(len(batch))
            return result

        exact = said("float32")
        return {
            compute_type: sum(map(list.__ne__, said(compute_type), exact)) / len(exact)
            for compute_type in TYPES
        }


def _batches(words: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(words), _TOGETHER):
        yield words[start : start + _TOGETHER]


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: expected UTF-8 text with one word a line: {error}") from error
    for number, line in enumerate(lines, start=1):
        if len(line.split()) > 1:
            raise ValueError(f"{path}, line {number}: expected one word, got {line.strip()!r:.60}")
    return [line.strip() for line in lines]
