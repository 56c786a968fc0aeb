"""Generation in pieces: what a backend is asked for, one piece after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tfopt import mu_law
from tfopt.generation.arguments import Array
from tfopt.randomness import uniforms
from tfopt.wavenet.arguments import Start
from tfopt.wavenet.backends import Backend
from tfopt.wavenet.conditioning import Rows
from tfopt.wavenet.config import WavenetConfig


def audio_parts(
    config: WavenetConfig,
    backend: Backend,
    batch: int,
    start: Start,
    rows: Rows,
    length: int | None,
    most: int,
) -> Iterator[Array]:
    """Generates audio until `length` is reached or the conditioning ends.

    Args:
        config: The model.
        backend: The model's backend.
        batch: The number of streams.
        start: What generation starts from.
        rows: Conditioning, one row for each sample fed.
        length: Samples; None for as many as the conditioning lasts.
        most: Samples that a part may have.

    Yields:
        Amplitudes, [batch, time], time at least 1.
    """
    fed = np.repeat(start.fed, batch // len(start.fed), axis=0)
    speaker = np.repeat(start.speaker, batch // len(start.speaker), axis=0)
    streams = range(batch) if start.streams is None else start.streams
    last, forced = fed[:, 0], fed[:, 1:]
    state = backend.start(batch)
    done = 0
    while length is None or done < length:
        steps = most if length is None else min(most, forced.shape[1] + length - done)
        conditioning = rows.take(steps)
        if conditioning is None:
            return
        steps = conditioning.shape[1]
        now = forced[:, :steps]
        drawn = steps - now.shape[1]
        numbers = uniforms(start.seed, streams, done, drawn, config.uniforms)
        # The prompt draws nothing, so its steps have no numbers.
        numbers = np.pad(numbers, [(0, 0), (now.shape[1], 0), (0, 0)])
        samples, state = backend.advance(
            state, last, now, conditioning, speaker, numbers, start.temperature
        )
        last, forced = samples[:, -1], forced[:, steps:]
        done += drawn
        if drawn:
            yield amplitudes(config, samples[:, now.shape[1] :])


def amplitudes(config: WavenetConfig, samples: Array) -> Array:
    """Samples as a backend gives them, as amplitudes."""
    if config.output != "categorical":
        return samples
    return mu_law.decode(samples.astype(np.int32), config.classes)
