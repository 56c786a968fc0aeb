"""Conditioning on its way to a backend, as frames arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import ArrivingConditioning, Frames
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.upsampling import UpsamplingNetwork
from tfopt.wavernn.window import Window


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


@dataclass(frozen=True)
class Part:
    """A part of a whole spectrogram.

    Attributes:
        padded: The spectrogram, [frames, mel_channels], with the zeros that the network wants around it.
        begin: The part's first frame, not counting the zeros.
    """

    padded: Array
    begin: int


def side_by_side(
    network: UpsamplingNetwork, parts: Sequence[Part], start: int, count: int
) -> Conditioning:
    """The conditioning of `count` samples of each part, the first being its sample `start`."""
    first, end = network.touched(start, count)
    frames = np.zeros([len(parts), end - first, parts[0].padded.shape[1]], np.float32)
    for row, part in zip(frames, parts, strict=True):
        there = part.padded[max(part.begin + first, 0) : part.begin + end]
        missing = max(-part.begin - first, 0)
        row[missing : missing + len(there)] = there
    begins = -np.array([part.begin for part in parts], np.int64)
    ends = begins + np.array([len(part.padded) for part in parts])
    return network.compute(Window(frames, first, begins, ends), start, count)
