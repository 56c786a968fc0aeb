"""Conditioning on its way to a backend, as frames arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import Frames
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.upsampling import UpsamplingNetwork


class Rows:
    """The conditioning of streams that get their frames together, in order.

    Only those frames are kept that later samples need. A sample's conditioning is given as soon as all
    frames are there that it depends on.
    """

    def __init__(self, network: UpsamplingNetwork, frames: Frames, begin: int = 0) -> None:
        """Starts at the sample `begin`; frames have the zeros that the network wants around them."""
        self._network = network
        self._frames = frames
        self._given = begin

    def take(self, most: int) -> Conditioning | None:
        """That of the next samples: of some, at most `most`; None at the end. Waits for frames if need be."""
        network, frames = self._network, self._frames
        while not frames.ended and network.ready(frames) <= self._given:
            frames.receive()
        count = min(most, network.ready(frames) - self._given)
        if count <= 0:
            return None
        result = network.compute(frames, self._given, count)
        self._given += count
        frames.drop(network.first_frame(self._given))
        return result


def arriving(pieces: Iterator[Array], pad: int) -> Frames:
    """Frames that arrive in pieces, [batch, frames, mel_channels], and `pad` of zeros around them."""

    def padded() -> Iterator[Array]:
        first = next(pieces, None)
        if first is None:
            return
        zeros = np.zeros([len(first), pad, first.shape[2]], np.float32)
        yield np.concatenate([zeros, first], axis=1)
        yield from pieces
        yield zeros

    return Frames("mel_chunks", padded())


def complete(padded: Array) -> Frames:
    """A whole spectrogram, [frames, mel_channels], with zeros around it already."""
    frames = Frames("mel", iter([padded[np.newaxis]]))
    frames.receive()
    return frames


def together(parts: Sequence[Conditioning]) -> Conditioning:
    """The conditioning of several streams for as many steps, which begin at the same place in a frame."""
    return Conditioning(
        np.concatenate([part.mels for part in parts]),
        np.concatenate([part.aux for part in parts]),
        parts[0].offset,
    )
