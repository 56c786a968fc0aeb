"""Imports state dicts of vincentherrmann/pytorch-wavenet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from tfopt.convert import pytorch_file, settings_file
from tfopt.convert.settings_file import WAVENET_SAMPLE_RATE
from tfopt.wavenet.config import WavenetConfig, doubling

# The arguments of WaveNetModel's constructor. How many samples it is trained on at once, and in which
# type, changes nothing of the model.
_ARGUMENTS: dict[str, Any] = {
    "layers": 10,
    "blocks": 4,
    "dilation_channels": 32,
    "residual_channels": 32,
    "skip_channels": 256,
    "end_channels": 256,
    "classes": 256,
    "output_length": 32,
    "kernel_size": 2,
    "dtype": "torch.FloatTensor",
    "bias": False,
}
_CARD = """# {name}

WaveNet for raw audio at {rate:,} Hz, {classes} mu-law classes.

- Origin: a state dict of vincentherrmann/pytorch-wavenet
  (https://github.com/vincentherrmann/pytorch-wavenet), `{source}`. Converted by
  `tfopt convert pytorch-wavenet`; float32 values are unchanged.
- Licence and training data: not recorded in the file; those of whoever trained it.
- {layers} layers, receptive field {receptive_field:,} samples, {parameters:,} parameters (float32).
"""


def convert(
    source: Path,
    out: Path,
    *,
    config: Path,
    sample_rate: int | None = None,
    replace: bool = False,
) -> None:
    """Makes a model directory of a state dict.

    The classes are those of that project; it spreads their amplitudes over [-1, 1) by another formula,
    which differs from `tfopt.mu_law` by less than one class.

    Args:
        source: What `torch.save(model.state_dict(), path)` wrote. Nothing in it is run.
        out: The directory to write.
        config: A JSON object with the arguments of `WaveNetModel`; those left out have its defaults.
        sample_rate: In Hz; 16,000 if not given.
        replace: Replace `out` if it exists.

    Raises:
        ValueError: A file is missing, damaged, or not that project's; the two do not fit together; or
            `out` exists.
    """
    arguments = settings_file.read(config, {}, _ARGUMENTS)
    rate = WAVENET_SAMPLE_RATE if sample_rate is None else sample_rate
    try:
        settings = _config(arguments, rate)
    except ValueError as error:
        raise ValueError(f"{config}: {error}") from error
    arrays = pytorch_file.read(source)
    model_directory.check_weights(arrays, _shapes(settings), str(source))
    weights = _weights(settings, arrays)
    card = _CARD.format(
        name=out.name,
        rate=rate,
        classes=settings.classes,
        source=source.name,
        layers=len(settings.dilations),
        receptive_field=settings.receptive_field,
        parameters=sum(tensor.size for tensor in weights.values()),
    )
    model_directory.write(
        out, kind="wavenet", config=settings.to_dict(), weights=weights, card=card, replace=replace
    )


def _config(arguments: dict[str, Any], rate: int) -> WavenetConfig:
    return WavenetConfig(
        sample_rate=rate,
        residual_channels=arguments["residual_channels"],
        gate_channels=arguments["dilation_channels"],
        skip_channels=arguments["skip_channels"],
        end_channels=arguments["end_channels"],
        dilations=doubling(arguments["layers"], arguments["blocks"]),
        kernel_size=arguments["kernel_size"],
        input="one_hot",
        output="categorical",
        classes=arguments["classes"],
        biases=("input", "conv", "residual", "skip", "end") if arguments["bias"] else ("end",),
    )


def _modules(config: WavenetConfig) -> dict[str, tuple[tuple[str, ...], int]]:
    """For each of our layers theirs, side by side in the outputs, and how many taps they have."""
    modules: dict[str, tuple[tuple[str, ...], int]] = {"input": (("start_conv",), 1)}
    for i in range(len(config.dilations)):
        both = (f"filter_convs.{i}", f"gate_convs.{i}")
        modules[f"layers.{i}.conv"] = (both, config.kernel_size)
        modules[f"layers.{i}.residual"] = ((f"residual_convs.{i}",), 1)
        modules[f"layers.{i}.skip"] = ((f"skip_convs.{i}",), 1)
    return modules | {"end.0": (("end_conv_1",), 1), "end.1": (("end_conv_2",), 1)}


def _shapes(config: WavenetConfig) -> dict[str, tuple[int, ...]]:
    """The tensors of such a state dict; PyTorch's kernels are [outputs, inputs, taps]."""
    shapes: dict[str, tuple[int, ...]] = {}
    for ours, (theirs, taps) in _modules(config).items():
        inputs, outputs = config.shapes[f"{ours}.kernel"][-2:]
        width = outputs // len(theirs)
        for module in theirs:
            shapes[f"{module}.weight"] = (width, inputs, taps)
            if f"{ours}.bias" in config.shapes:
                shapes[f"{module}.bias"] = (width,)
    return shapes


def _weights(config: WavenetConfig, arrays: dict[str, NDArray[Any]]) -> model_directory.Weights:
    weights: model_directory.Weights = {}
    for ours, (theirs, _) in _modules(config).items():
        kernel = np.concatenate([arrays[f"{module}.weight"] for module in theirs]).transpose(
            2, 1, 0
        )
        weights[f"{ours}.kernel"] = kernel.reshape(config.shapes[f"{ours}.kernel"])
        if f"{ours}.bias" in config.shapes:
            weights[f"{ours}.bias"] = np.concatenate(
                [arrays[f"{module}.bias"] for module in theirs]
            )
    return weights
