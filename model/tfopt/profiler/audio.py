"""What a model is given to generate audio: streams, as JSON, and the arrays that follow from them.

Worker and checker make the same arrays of the same stream, so that nothing large passes between them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt.wavenet.config import WavenetConfig

Stream = dict[str, Any]


def stream(*, number: int, seed: int, temperature: float, samples: int, frames: int) -> Stream:
    """Returns a stream to generate.

    Args:
        number: of the stream: with the seed it decides about random numbers, conditioning and speaker.
        seed: from 0.
        temperature: 0 takes the most likely sample each time.
        samples: how many to generate.
        frames: of conditioning; more of them begin with the same ones.
    """
    return {
        "stream": number,
        "seed": seed,
        "temperature": temperature,
        "samples": samples,
        "frames": frames,
        "prompt": 0,
    }


def prompted(config: WavenetConfig, one: Stream, prompt: int) -> Stream:
    """Returns the stream to which so many samples, at least one, are fed before the first one is drawn."""
    more = -(-(prompt - 1) // config.hop_length)  # each but the last takes a row of conditioning
    return {**one, "prompt": prompt, "frames": one["frames"] + more}


def identity(one: Stream) -> str:
    """Returns what tells a stream from others, whatever its length."""
    begun = f" after {one['prompt']} samples" if one["prompt"] else ""
    return (
        f"stream {one['stream']} of seed {one['seed']} at temperature {one['temperature']:g}{begun}"
    )


def conditioning(channels: int, one: Stream) -> NDArray[np.float32]:
    """Returns what a stream is conditioned on, float32 [frames, channels]."""
    return _normal(one["seed"], one["stream"], one["frames"], channels)


def prompt(one: Stream) -> NDArray[np.float32] | None:
    """Returns the amplitudes fed first, float32 [samples], equal for all streams of a seed; None without."""
    if not one["prompt"]:
        return None
    random = np.random.default_rng(one["seed"])
    shares: NDArray[np.float32] = random.random([one["prompt"]], np.float32)
    return shares * 2 - 1


def speaker(config: WavenetConfig, one: Stream) -> int | None:
    """Returns the speaker's number; None if the model has none."""
    return one["stream"] % config.global_classes if config.global_classes else None


@lru_cache(maxsize=256)
def _normal(seed: int, number: int, frames: int, channels: int) -> NDArray[np.float32]:
    """Returns numbers of unit variance, as a normalised spectrogram has them. Kept: they are timed twice."""
    random = np.random.default_rng((seed, number))
    return random.standard_normal((frames, channels), np.float32)
