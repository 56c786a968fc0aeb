"""Models that make audio of mel spectrograms, whatever their kind, as `tfopt vocode` uses them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory, models, tensorflow_runtime, wavenet, wavernn
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.cpu import available_cpus
from tfopt.features import MelSettings
from tfopt.generation import arguments
from tfopt.generation.threads import lanes_of_streams

if TYPE_CHECKING:
    from tfopt.wavenet.model import Wavenet
    from tfopt.wavernn.model import Wavernn

Array = NDArray[np.float32]

Progress = Callable[[float], object]
Made = tuple[int, Array | BaseException]  # a spectrogram's number; its audio, or why there is none

# Samples in each piece of one utterance: some ten milliseconds of computing where somebody listens, and where
# nobody does what makes each call worth its while.
_SOON, _CHUNK = 256, 2048


@dataclass(frozen=True)
class Drawing:
    """How samples are drawn.

    Attributes:
        seed: For the random numbers, from 0 to 2**64 - 1.
        temperature: At least 0.
        speaker: Of a WaveNet with global conditioning.
        fold: Of a WaveRNN, target and overlap in samples: cut an utterance into pieces made together.
    """

    seed: int = 0
    temperature: float = 1.0
    speaker: int | None = None
    fold: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        arguments.seed(self.seed)
        arguments.temperature(self.temperature)


class Vocoder:
    """A model that makes audio of mel spectrograms [frames, bands].

    An utterance's audio does not depend on those that are made with it: each is drawn as stream 0.

    Attributes:
        sample_rate: Of the audio, in Hz.
        hop_length: Samples for each frame.
        bands: Of a frame.
        features: How frames are computed of audio, if the model's config says it.
        lot: Utterances to hand over at once, so that none of the threads waits for work.
        compute_type: What the products with its weights are computed in; of `"auto"` what that chose.
    """

    def __init__(
        self,
        net: Wavenet | Wavernn,
        bands: int,
        lot: int,
        draws: dict[str, Any],
        draws_whole: dict[str, Any] | None = None,
    ) -> None:
        """A network, and what it is given beside spectrograms: `draws_whole` of whole utterances alone."""
        self._net = net
        self._draws, self._draws_whole = draws, draws_whole or {}
        self.sample_rate: int = net.config.sample_rate
        self.hop_length: int = net.config.hop_length
        self.bands = bands
        self.features: MelSettings | None = net.config.features
        self.lot = lot
        self.compute_type: str = net.compute_type

    def pieces(self, mel: Array, *, soon: bool = False) -> Iterator[Array]:
        """Makes one utterance, piece by piece and not folded: float32 [samples] in [-1, 1].

        `soon` makes small pieces, for who listens while the rest is made.
        """
        for part in self._net.stream([mel], chunk=_SOON if soon else _CHUNK, **self._draws):
            yield part[0]

    def utterances(self, mels: Sequence[Array], progress: Progress) -> Iterator[Made]:
        """Makes several, each whole, in any order; one that fails keeps none of the others from being made.

        `progress` is called now and then with how many utterances more are done; one that has failed is done.
        """
        numbers = range(len(mels))
        for batch in [numbers] if self.lot > 1 else [[number] for number in numbers]:
            yield from self._together(mels, batch, progress)

    def _together(
        self, mels: Sequence[Array], batch: Sequence[int], progress: Progress
    ) -> Iterator[Made]:
        """Makes these as one batch; where that fails, halves of what is left, until what fails is alone."""
        if not batch:
            return
        left = dict(enumerate(batch))
        share = len(batch) / max(1, sum(len(mels[i]) for i in batch) * self.hop_length)
        counted = 0.0

        def count(utterances: float) -> None:
            nonlocal counted
            progress(utterances - counted)
            counted = utterances

        try:
            ended = self._net.utterances(
                [mels[i] for i in batch],
                streams=[0] * len(batch),
                progress=lambda done: count(share * done),
                **self._draws,
                **self._draws_whole,
            )
            for place, audio in ended:
                yield left.pop(place), audio
        except Exception as error:
            if len(batch) == 1:
                count(1)
                yield batch[0], error
                return
        count(len(batch) - len(left))
        rest = list(left.values())
        middle = (len(rest) + 1) // 2
        for half in (rest[:middle], rest[middle:]):
            yield from self._together(mels, half, progress)


def load(
    model: str | os.PathLike[str],
    *,
    backend: str = wavenet.DEFAULT_BACKEND,
    threads: int | None = None,
    compute_type: str = DEFAULT_COMPUTE_TYPE,
    drawing: Drawing | None = None,
    several: bool = False,
) -> Vocoder:
    """Loads a WaveRNN, or a WaveNet with local conditioning.

    Args:
        model: The name of an installed model, or a path to a model directory.
        backend: How it runs.
        threads: For one utterance, as `wavernn.load` and `wavenet.load` take them; for several, the CPUs to
            keep busy, by default all that the process may use.
        compute_type: As of `wavernn.load` and `wavenet.load`.
        drawing: How samples are drawn.
        several: Whether several utterances are to be made.

    Raises:
        ValueError: There is no such model, it is none of the two, or `threads`, `compute_type` or `drawing`
            does not suit it.
        ImportError, RuntimeError: As of `wavernn.load` and `wavenet.load`.
    """
    kind = model_directory.read_settings(models.find(model)).get("kind")
    if kind not in ("wavernn", "wavenet"):
        raise ValueError(f"model: expected a WaveRNN or a WaveNet, got one of kind {kind!r}")
    tensorflow_runtime.check_threads(threads)
    if several:
        threads = threads or available_cpus()
    drawing = drawing or Drawing()
    # The other backends gain little by a batch, and XLA compiles anew for each size of it; and the pieces of
    # an utterance that is folded are a batch already.
    together = several and backend == "native" and drawing.fold is None
    # Of which the next begins when one has ended, so often that the ends of lots hardly count.
    lot = 8 * lanes_of_streams(threads) if together else 1
    chosen: dict[str, Any] = {
        "backend": backend,
        "threads": threads,
        "compute_type": compute_type,
    }
    return (_wavernn if kind == "wavernn" else _wavenet)(model, chosen, drawing, lot)


def _wavernn(model: Any, chosen: dict[str, Any], drawing: Drawing, lot: int) -> Vocoder:
    if drawing.speaker is not None:
        raise ValueError("speaker: expected None, since a WaveRNN has none")
    net: Wavernn = wavernn.load(model, **chosen)
    bands = net.config.mel_channels
    fold: dict[str, Any] = {"fold": drawing.fold}
    # What suits no utterance fails here, and not with each of them.
    net.generate(np.zeros([0, bands], np.float32), **fold)
    draws = {"seed": drawing.seed, "temperature": drawing.temperature}
    return Vocoder(net, bands, lot, draws, fold)


def _wavenet(model: Any, chosen: dict[str, Any], drawing: Drawing, lot: int) -> Vocoder:
    if drawing.fold is not None:
        raise ValueError("fold: expected None, since only a WaveRNN can be folded")
    net: Wavenet = wavenet.load(model, **chosen)
    bands = net.config.local_channels
    if not bands:
        raise ValueError("model: expected a WaveNet with local conditioning, got one without")
    draws = {
        "seed": drawing.seed,
        "temperature": drawing.temperature,
        "speaker": drawing.speaker,
    }
    vocoder = Vocoder(net, bands, lot, draws)
    list(vocoder.pieces(np.zeros([0, bands], np.float32)))  # fails as every utterance would
    return vocoder


@contextmanager
def until_done(progress: Progress) -> Iterator[Progress]:
    """Counts the parts of one utterance, which is done at the end of the block, also if it fails."""
    done = 0.0

    def advance(part: float) -> None:
        nonlocal done
        done += part
        progress(part)

    try:
        yield advance
    finally:
        progress(1 - done)
