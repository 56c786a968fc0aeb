"""What tests give backends of WaveRNN: the steps of small models, and how they are generated."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from wavernn_models import make, spectrogram

from tfopt.randomness import uniforms
from tfopt.wavernn.backends import Backend, Conditioning
from tfopt.wavernn.reference import Reference
from tfopt.wavernn.samples import feedback


class Inputs(NamedTuple):
    """What some streams are given: spectrograms, what conditions each step, random numbers."""

    mel: NDArray[np.float32]  # [batch, frames, mel_channels]
    bands: NDArray[np.float32]  # [batch, time, mel_channels]
    aux: NDArray[np.float32]  # [batch, frames, aux_parts * aux_channels]
    numbers: NDArray[np.float32]  # [batch, time, numbers a sample]

    def of(self, hop_length: int, begin: int, end: int) -> Conditioning:
        """The conditioning of the steps from `begin` to before `end`."""
        frames = slice(begin // hop_length, (end - 1) // hop_length + 1)
        return Conditioning(self.bands[:, begin:end], self.aux[:, frames], begin % hop_length)


@cache
def inputs(name: str, batch: int, time: int) -> Inputs:
    """Those of a model, upsampled by the reference."""
    config, weights = make(name)
    mel = spectrogram(config, batch, -(-time // config.hop_length), seed=batch)
    bands, aux = zip(*(Reference(config, weights).upsample(frames) for frames in mel), strict=True)
    numbers = uniforms(3, range(batch), 0, time, config.uniforms)
    return Inputs(mel, np.stack(bands)[:, :time], np.reshape(aux, [*mel.shape[:2], -1]), numbers)


def advanced(
    name: str, net: Backend, given: Inputs, ends: list[int], temperature: float = 1.0
) -> NDArray[np.float32]:
    """The samples of calls that end at these steps."""
    config, _ = make(name)
    batch = len(given.mel)
    state, last = net.start(batch), np.zeros([batch, config.fed_back], np.float32)
    parts, begin = [], 0
    for end in ends:
        conditioning = given.of(config.hop_length, begin, end)
        part, state = net.advance(
            state, last, conditioning, given.numbers[:, begin:end], temperature
        )
        assert part.dtype == np.float32
        assert part.shape == (batch, end - begin)
        last, begin = feedback(config, part[:, -1]), end
        parts.append(part)
    return np.concatenate(parts, axis=1)
