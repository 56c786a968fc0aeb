"""Conditioning on its way to a backend, as frames arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import ArrivingConditioning, Frames
from tfopt.generation.window import Part, Window, window
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.upsampling import UpsamplingNetwork


def upsampled(network: UpsamplingNetwork, frames: Frames) -> ArrivingConditioning[Conditioning]:
    """The conditioning of samples; frames have the zeros that the network wants around them."""

    def compute(frames: Frames, start: int, count: int) -> Conditioning:
        begins = np.zeros(len(frames.kept), np.int64)
        window = Window(frames.kept, frames.first, begins, begins + frames.total)
        return network.compute(window, start, count)

    return ArrivingConditioning(frames, network.ready, compute, network.first_frame)


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


def side_by_side(
    network: UpsamplingNetwork, parts: Sequence[Part], start: int, count: int
) -> Conditioning:
    """The conditioning of `count` samples of each part, the first being its sample `start`.

    A part's signal is a spectrogram with the zeros that the network wants around it, of which those before it
    are not counted.
    """
    return network.compute(window(parts, *network.touched(start, count)), start, count)
