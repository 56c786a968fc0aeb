"""Generation in pieces: what a backend is asked for, one piece after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.lanes import turns
from tfopt.generation.pieces import CHUNK
from tfopt.generation.window import Part
from tfopt.randomness import uniforms
from tfopt.wavernn.backends.protocol import Backend, Conditioning, Joining
from tfopt.wavernn.conditioning import side_by_side
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.folding import Piece
from tfopt.wavernn.samples import audio, feedback
from tfopt.wavernn.upsampling import UpsamplingNetwork

# Samples that a backend is asked for at once, of all streams.
CHUNK_OF_ALL = 16 * CHUNK
# Streams side by side on backends whose streams begin together: more make each call's chunk shorter.
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

    @property
    def size(self) -> int:
        """The streams on their way."""
        return len(self._streams)

    def select(self, rows: Sequence[int]) -> None:
        """Goes on with these streams alone."""
        self._state = self._backend.select(self._state, rows)
        self._streams = [self._streams[row] for row in rows]
        self._last = self._last[list(rows)]

    def join(self, backend: Joining, streams: Sequence[tuple[int, int]]) -> None:
        """Goes on with these too, which begin; `backend` is that of all."""
        self._state = backend.join(self._state, len(streams))
        self._streams += streams
        begin = np.zeros([len(streams), *self._last.shape[1:]], np.float32)
        self._last = np.concatenate([self._last, begin])


@dataclass(frozen=True)
class Track:
    """A stream of known length.

    Attributes:
        part: Its part of a spectrogram, around which are the zeros that the network wants.
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
) -> Iterator[tuple[int, Array]]:
    """Generates streams of different lengths.

    Where the backend can, a stream begins as soon as another has ended (see `tfopt.generation.lanes`); else
    at most STREAMS of them begin together, and others when all have ended.

    Args:
        config: The model.
        upsampling: The model's upsampling network.
        backend: The model's backend.
        seed: For the random numbers.
        temperature: At least 0.
        tracks: The streams.
        progress: Called with the number of samples done of all utterances.

    Yields:
        The number of a stream that has ended, and its audio, [time].
    """
    results = [np.empty(track.length, np.float32) for track in tracks]
    lengths, done = [track.length for track in tracks], [0] * len(tracks)
    yield from ((i, audio) for i, audio in enumerate(results) if not len(audio))
    hop = config.hop_length
    joining = backend if isinstance(backend, Joining) else None
    most_lanes = STREAMS if joining is None else joining.lanes
    generation: Generation | None = None
    for turn in turns(lengths, most_lanes, grid=hop, join=joining is not None):
        lanes = [tracks[i] for i in turn.streams]
        begins = [(track.number, track.piece.draws_from) for track in lanes]
        if generation is None or not turn.kept:
            generation = Generation(config, backend, seed, temperature, begins)
        else:
            if len(turn.kept) < generation.size:
                generation.select(turn.kept)
            if joining is not None and len(turn.kept) < len(lanes):
                generation.join(joining, begins[len(turn.kept) :])
        # Time counts from the first frame of the stream that began first.
        origin = min(turn.begins)
        parts = [
            Part(track.part.signal, track.part.begin - (begin - origin) // hop)
            for track, begin in zip(lanes, turn.begins, strict=True)
        ]
        most = min(CHUNK, max(1, CHUNK_OF_ALL // len(lanes)))
        for start in range(turn.clock, turn.clock + turn.steps, most):
            steps = min(most, turn.clock + turn.steps - start)
            samples = generation.advance(side_by_side(upsampling, parts, start - origin, steps))
            for i, part in zip(turn.streams, samples, strict=True):
                results[i][done[i] : done[i] + steps] = part
                done[i] += steps
            if progress is not None:
                shares = zip(tracks, done, strict=True)
                progress(sum(min(made, track.piece.share) for track, made in shares))
        yield from ((i, results[i]) for i in turn.streams if done[i] == lengths[i])
