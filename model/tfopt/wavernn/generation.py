"""Generation in pieces: what a backend is asked for, one piece after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.pieces import CHUNK
from tfopt.randomness import uniforms
from tfopt.wavernn.backends.protocol import Backend, Conditioning
from tfopt.wavernn.conditioning import Part, side_by_side
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.folding import Piece
from tfopt.wavernn.samples import audio, feedback
from tfopt.wavernn.upsampling import UpsamplingNetwork

# Samples that a backend is asked for at once, of all streams.
CHUNK_OF_ALL = 16 * CHUNK
# Streams side by side: more make each call's chunk shorter, and fill no more threads.
STREAMS = 256


class Generation:
    """Streams on their way: the network's state, what is fed next, and the times of their random numbers."""

    def __init__(
        self,
        config: WavernnConfig,
        backend: Backend,
        seed: int,
        temperature: float,
        streams: Sequence[tuple[int, int]],
    ) -> None:
        """Starts at the beginning. Streams are (number, time of the first random number)."""
        self._config, self._backend = config, backend
        self._seed, self._temperature = seed, temperature
        self._streams = list(streams)
        self._last = np.zeros([len(streams), config.fed_back], np.float32)
        self._state = backend.start(len(streams))

    def advance(self, conditioning: Conditioning) -> Array:
        """Amplitudes of the next samples, [batch, time], one for every row of the conditioning."""
        config = self._config
        time = conditioning.mels.shape[1]
        numbers = [
            uniforms(self._seed, [stream], start, time, config.uniforms)
            for stream, start in self._streams
        ]
        samples, self._state = self._backend.advance(
            self._state, self._last, conditioning, np.concatenate(numbers), self._temperature
        )
        self._streams = [(stream, start + time) for stream, start in self._streams]
        self._last = feedback(config, samples[:, -1])
        return audio(config, samples)

    def select(self, rows: Sequence[int]) -> None:
        """Goes on with these streams alone."""
        self._state = self._backend.select(self._state, rows)
        self._streams = [self._streams[row] for row in rows]
        self._last = self._last[list(rows)]


@dataclass(frozen=True)
class Track:
    """A stream of known length.

    Attributes:
        part: Its part of a spectrogram.
        number: Tells its random numbers from those of other streams.
        piece: What it generates of an utterance.
    """

    part: Part
    number: int
    piece: Piece

    @property
    def length(self) -> int:
        """Its samples."""
        return self.piece.end - self.piece.begin


def generate_all(
    config: WavernnConfig,
    upsampling: UpsamplingNetwork,
    backend: Backend,
    seed: int,
    temperature: float,
    tracks: Sequence[Track],
    progress: Callable[[int], None] | None,
) -> list[Array]:
    """Generates streams of different lengths, at most STREAMS of them side by side.

    Args:
        config: The model.
        upsampling: The model's upsampling network.
        backend: The model's backend.
        seed: For the random numbers.
        temperature: At least 0.
        tracks: The streams.
        progress: Called with the number of samples done of all utterances.

    Returns:
        The audio of each, [time].
    """
    results = [np.empty(track.length, np.float32) for track in tracks]
    present = [i for i, track in enumerate(tracks) if track.length]
    groups = -(-len(present) // STREAMS)
    finished = 0
    for number in range(groups):
        active, done = present[number::groups], 0
        group = [tracks[i] for i in active]
        streams = [(track.number, track.piece.draws_from) for track in group]
        generation = Generation(config, backend, seed, temperature, streams)
        while active:
            most = min(CHUNK, max(1, CHUNK_OF_ALL // len(active)))
            steps = min(most, min(tracks[i].length for i in active) - done)
            parts = [tracks[i].part for i in active]
            samples = generation.advance(side_by_side(upsampling, parts, done, steps))
            for i, part in zip(active, samples, strict=True):
                results[i][done : done + steps] = part
            done += steps
            if progress is not None:
                progress(finished + sum(min(done, track.piece.share) for track in group))
            # Those that have ended leave the batch.
            staying = [place for place, i in enumerate(active) if tracks[i].length > done]
            if staying and len(staying) < len(active):
                generation.select(staying)
            active = [active[place] for place in staying]
        finished += sum(track.piece.share for track in group)
    return results
