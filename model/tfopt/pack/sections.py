"""What stands in a model's file: the packed model, and what the program needs beside it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tfopt import compute_types, mu_law
from tfopt.g2p import config as g2p_config
from tfopt.g2p import packing as g2p_packing
from tfopt.generation.upsampling import phase_weights
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet import config as wavenet_config
from tfopt.wavenet import packing as wavenet_packing
from tfopt.wavernn import config as wavernn_config
from tfopt.wavernn import packing as wavernn_packing
from tfopt.wavernn import samples as wavernn_samples

Sections = dict[str, bytes]


def of(kind: str, directory: Path, compute_type: str) -> Sections:
    """The sections of a model.

    Args:
        kind: One of `container.KINDS`.
        directory: The model directory.
        compute_type: One of `compute_types.COMPUTE_TYPES`.

    Raises:
        ValueError: The model's files are damaged, or it is not prepared for the compute type.
    """
    name = directory.resolve().name.encode(errors="replace")
    return {"name": name, **_KINDS[kind](directory, compute_type)}


def _wavenet(directory: Path, compute_type: str) -> Sections:
    config, weights = wavenet_config.read(directory)
    chosen = compute_types.chosen(compute_type, "native", config.quantization)
    # What each class sounds like: NumPy's numbers, since another library's logarithm may round otherwise.
    classes = config.classes
    amplitudes: ArrayLike = mu_law.decode(np.arange(classes), classes) if classes else []
    return {
        "model": _tensor(wavenet_packing.pack(config, weights, chosen)),
        "sample_rate": _integers([config.sample_rate]),
        "amplitudes": _floats(amplitudes),
        **_upsampling(config.upsample_factors, weights),
        "speakers": _floats(weights.get("global.embedding", [])),
    }


def _wavernn(directory: Path, compute_type: str) -> Sections:
    config, weights = wavernn_config.read(directory)
    chosen = compute_types.chosen(compute_type, "native", config.quantization)
    resnet = [weights[name] for name in config.shapes if name.startswith("resnet.")]
    return {
        "model": _tensor(wavernn_packing.pack(config, weights, chosen)),
        "sample_rate": _integers([config.sample_rate]),
        "amplitudes": _floats(wavernn_samples.audio(config, np.arange(config.classes))),
        **_upsampling(config.upsample_factors, weights),
        "resnet.shape": _integers([config.pad, config.resnet_channels, config.resnet_blocks]),
        "resnet.weights": b"".join(map(_floats, resnet)),
    }


def _upsampling(factors: Sequence[int], weights: Weights) -> Sections:
    stages = [
        phase_weights(weights[f"upsample.{i}.kernel"], factor) for i, factor in enumerate(factors)
    ]
    return {
        "upsampling.factors": _integers(factors),
        "upsampling.phases": b"".join(map(_floats, stages)),
    }


def _g2p(directory: Path, compute_type: str) -> Sections:
    config, weights = g2p_config.read(directory)
    chosen = compute_types.chosen(compute_type, "native", config.quantization)
    vocabulary = config.vocabulary
    settings = [
        vocabulary.unknown_grapheme,
        vocabulary.end_grapheme,
        vocabulary.max_graphemes,
    ]
    return {
        "model": _tensor(g2p_packing.pack(config, weights, chosen)),
        "graphemes": _integers(vocabulary.table),
        "reading": _integers(settings),
        "phonemes": b"".join(map(_string, vocabulary.phonemes)),
    }


_KINDS: dict[str, Callable[[Path, str], Sections]] = {
    "wavenet": _wavenet,
    "g2p": _g2p,
    "wavernn": _wavernn,
}


def _tensor(packed: Tensor) -> bytes:
    return bytes(packed.numpy().tobytes())


def _integers(values: ArrayLike) -> bytes:
    return np.asarray(values, "<i4").tobytes()


def _floats(values: ArrayLike) -> bytes:
    return np.asarray(values, "<f4").tobytes()


def _string(text: str) -> bytes:
    """Its length in bytes, then UTF-8."""
    encoded = text.encode()
    return struct.pack("<I", len(encoded)) + encoded
