"""Random segments of utterances, as batches that depend on the seed and their place in training alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tfopt import mu_law
from training.vocoders.corpus import Utterance

Array = NDArray[Any]
Batch = tuple[dict[str, Array], Array]

# Frames louder than so much below the loudest ones are speech. A segment is taken as speech if a quarter of
# it is; of the others a few are trained on, so that silence stays silent.
_SPEECH = 0.25
_LOUD = 0.5
_QUIET_SHARE = 0.05
# Beyond its first and last frame an utterance has frames of zeros; so many segments show them to the network.
_EDGE_SHARE = 0.03
_VALIDATION_EPOCH = 1 << 31  # of draws that no training uses


@dataclass(frozen=True)
class Shape:
    """What of an utterance a batch holds.

    Attributes:
        batch: Segments.
        frames: Of each, whose samples are predicted.
        context: Frames before them whose samples are fed as well.
        margin: Further frames on each side, of the mel spectrogram alone.
        hop_length: Samples of a frame.
        classes: Mu-law classes of a sample.
    """

    batch: int
    frames: int
    context: int
    margin: int
    hop_length: int
    classes: int

    @property
    def samples(self) -> int:
        """Samples that a batch predicts."""
        return self.batch * self.frames * self.hop_length


class Source:
    """Cuts segments out of utterances. Outside of them are silent samples and frames of zeros."""

    def __init__(
        self,
        utterances: Sequence[Utterance],
        shape: Shape,
        fed: Callable[[NDArray[np.int32]], Array] = lambda classes: classes,
    ) -> None:
        """Takes the utterances of at least a segment's length.

        Args:
            utterances: What to cut.
            shape: Into what.
            fed: Makes of classes what the network is fed.

        Raises:
            ValueError: No utterance is that long.
        """
        self.shape = shape
        self._fed = fed
        self._classes: list[Array] = []
        self._mels: list[Array] = []
        self._last: list[int] = []  # the first frame of an utterance's last segment
        places: list[Array] = []
        loud: list[Array] = []
        before = shape.context + shape.margin
        for utterance in utterances:
            frames = len(utterance.audio) // shape.hop_length
            if frames < shape.frames:
                continue
            classes = mu_law.encode(utterance.audio, shape.classes).astype(np.int16)
            # One sample more before the context: that which is fed first.
            silence = (shape.context * shape.hop_length + 1, 0)
            self._classes.append(np.pad(classes, silence, constant_values=shape.classes // 2))
            self._mels.append(np.pad(utterance.mel, ((before, shape.margin), (0, 0))))
            self._last.append(frames - shape.frames)
            starts = np.arange(frames - shape.frames + 1)
            places.append(np.stack([np.full_like(starts, len(self._mels) - 1), starts], axis=1))
            loud.append(_is_speech(utterance.mel[:frames], shape.frames))
        if not places:
            raise ValueError(f"utterances: expected one of at least {shape.frames} frames")
        everywhere, speech = np.concatenate(places), np.concatenate(loud)
        self._places = [part for part in (everywhere[speech], everywhere[~speech]) if len(part)]

    def draw(self, random: np.random.Generator) -> Batch:
        """Segments at random places.

        Returns:
            What a network is fed: `"fed"`, [batch, (context + frames) * hop_length], the sample before each,
            and `"mel"`, float32 [batch, margin + context + frames + margin, bands]; and the classes to
            predict, int32 [batch, frames * hop_length].
        """
        return self.cut([self._place(random) for _ in range(self.shape.batch)])

    def cut(self, places: Sequence[tuple[int, int]]) -> Batch:
        """The segments at places: the number of an utterance, and a segment's first frame in it."""
        shape, hop = self.shape, self.shape.hop_length
        samples, mels = [], []
        for number, start in places:
            count = (shape.context + shape.frames) * hop
            samples.append(self._classes[number][start * hop : start * hop + count + 1])
            frames = shape.context + shape.frames + 2 * shape.margin
            mels.append(self._mels[number][start : start + frames])
        classes = np.stack(samples).astype(np.int32)
        targets = classes[:, shape.context * hop + 1 :]
        return {"fed": self._fed(classes[:, :-1]), "mel": np.stack(mels)}, targets

    def _place(self, random: np.random.Generator) -> tuple[int, int]:
        kind = random.random()
        quiet = len(self._places) > 1 and kind < _QUIET_SHARE
        places = self._places[int(quiet)]
        number, start = (int(one) for one in places[random.integers(len(places))])
        if kind > 1 - _EDGE_SHARE:
            start = 0 if random.random() < 0.5 else self._last[number]
        return number, start


class Segments(keras.utils.PyDataset):
    """Batches for `model.fit`: new ones in every epoch, the same ones in every run."""

    def __init__(self, source: Source, steps: int, seed: int) -> None:
        super().__init__()
        self.epoch = 0
        self._source, self._steps, self._seed = source, steps, seed

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        return self._source.draw(np.random.default_rng([self._seed, self.epoch, step]))


def validation(source: Source, steps: int) -> Segments:
    """The same segments always, whatever the seed."""
    segments = Segments(source, steps, seed=0)
    segments.epoch = _VALIDATION_EPOCH
    return segments


def _is_speech(mel: NDArray[np.float32], frames: int) -> NDArray[np.bool_]:
    """Whether enough of the frames from each one on are loud."""
    level = mel.mean(axis=1)
    loud = (level > level.min() + _LOUD * (level.max() - level.min())).astype(np.float64)
    sums = np.concatenate([[0], np.cumsum(loud)])
    means: NDArray[Any] = (sums[frames:] - sums[:-frames]) / frames
    return np.asarray(means >= _SPEECH)
