"""Streams of different lengths, each as long as its conditioning lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import expect_bounded
from tfopt.generation.lanes import Turn, turns
from tfopt.generation.pieces import CHUNK
from tfopt.generation.upsampling import Upsampling
from tfopt.generation.window import Part, window
from tfopt.randomness import uniforms
from tfopt.wavenet.arguments import Start
from tfopt.wavenet.backends.protocol import Backend, Joining
from tfopt.wavenet.conditioning import upsampled
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.generation import amplitudes, audio_parts

# Samples that a backend is asked for at once, of all streams.
_CHUNK_OF_ALL = 16 * CHUNK


def generate_all(
    config: WavenetConfig,
    upsampling: Upsampling,
    backend: Backend,
    start: Start,
    utterances: Sequence[Array],
    progress: Callable[[int], None] | None,
) -> Iterator[tuple[int, Array]]:
    """Generates several utterances.

    Where the backend can, one begins as soon as another has ended (see `tfopt.generation.lanes`). Else they
    go one after the other.

    Args:
        config: The model.
        upsampling: The model's upsampling network.
        backend: The model's backend.
        start: What generation starts from, without a prompt.
        utterances: The conditioning of each, [frames, local_channels].
        progress: Called with the number of samples done of all of them.

    Yields:
        The number of an utterance that has ended, and its audio, [time].
    """
    results = [np.empty(len(frames) * config.hop_length, np.float32) for frames in utterances]
    done = [0] * len(utterances)
    yield from ((i, audio) for i, audio in enumerate(results) if not len(audio))
    if isinstance(backend, Joining):
        parts = _side_by_side(config, upsampling, backend, start, utterances)
    else:
        parts = _one_by_one(config, upsampling, backend, start, utterances)
    for streams, audio in parts:
        for i, part in zip(streams, audio, strict=True):
            results[i][done[i] : done[i] + len(part)] = part
            done[i] += len(part)
        if progress is not None:
            progress(sum(done))
        yield from ((i, results[i]) for i in streams if done[i] == len(results[i]))


def _one_by_one(
    config: WavenetConfig,
    upsampling: Upsampling,
    backend: Backend,
    start: Start,
    utterances: Sequence[Array],
) -> Iterator[tuple[list[int], Array]]:
    for i, frames in enumerate(utterances):
        rows = upsampled(upsampling, iter([frames[np.newaxis]]))
        alone = start.of(i)
        for part in audio_parts(config, backend, 1, alone, rows, None, CHUNK):
            yield [i], part


def _side_by_side(
    config: WavenetConfig,
    upsampling: Upsampling,
    backend: Joining,
    start: Start,
    utterances: Sequence[Array],
) -> Iterator[tuple[list[int], Array]]:
    lengths = [len(frames) * config.hop_length for frames in utterances]
    silence = start.fed[0, 0]
    state, last = None, np.empty(0, np.float32)
    for turn in turns(lengths, backend.lanes, grid=config.hop_length):
        begin = len(turn.streams) - len(turn.kept)
        if not turn.kept:
            state = backend.start(begin)
        else:
            if len(turn.kept) < len(last):
                state = backend.select(state, turn.kept)
            if begin:
                state = backend.join(state, begin)
        last = np.concatenate([last[turn.kept], np.full(begin, silence, np.float32)])
        starts = [start.of(i) for i in turn.streams]
        speaker = np.concatenate([one.speaker for one in starts])
        nothing = np.zeros([len(last), 0], np.float32)
        most = min(CHUNK, max(1, _CHUNK_OF_ALL // len(last)))
        for clock in range(turn.clock, turn.clock + turn.steps, most):
            steps = min(most, turn.clock + turn.steps - clock)
            rows = _rows(upsampling, utterances, turn, clock, steps)
            numbers = [
                uniforms(one.seed, one.streams or [0], clock - begun, steps, config.uniforms)
                for one, begun in zip(starts, turn.begins, strict=True)
            ]
            samples, state = backend.advance(
                state, last, nothing, rows, speaker, np.concatenate(numbers), start.temperature
            )
            last = samples[:, -1]
            yield turn.streams, amplitudes(config, samples)


def _rows(
    upsampling: Upsampling, utterances: Sequence[Array], turn: Turn, clock: int, count: int
) -> Array:
    """The conditioning of some steps of a turn, a row for each."""
    hop = upsampling.hop_length
    # Time counts from the first frame of the stream that began first.
    origin = min(turn.begins)
    parts = [
        Part(utterances[i], -(begin - origin) // hop)
        for i, begin in zip(turn.streams, turn.begins, strict=True)
    ]
    start = clock - origin
    first, end = upsampling.first_frame(start), (start + count - 1) // hop + 1 + upsampling.stages
    of = window(parts, first, end)
    rows: Array = upsampling.compute_several(
        of.frames, of.first, of.ends, start, count, of.begins
    ).numpy()
    expect_bounded("conditioning", rows)
    return rows
