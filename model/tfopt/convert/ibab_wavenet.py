"""Imports checkpoints of ibab/tensorflow-wavenet (TensorFlow 1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from tfopt.convert import settings_file
from tfopt.convert.settings_file import WAVENET_SAMPLE_RATE
from tfopt.wavenet.config import WavenetConfig

_REQUIRED = {
    "dilations": list,
    "filter_width": int,
    "residual_channels": int,
    "dilation_channels": int,
    "skip_channels": int,
}
_OPTIONAL: dict[str, Any] = {  # as WaveNetModel's constructor has them
    "quantization_channels": 256,
    "use_biases": False,
    "scalar_input": False,
    "initial_filter_width": 32,
    "sample_rate": 0,  # not said
}
_OPTIMISERS = ("/Adam", "/Adam_1", "/Momentum", "/RMSProp", "/RMSProp_1")
_COUNTERS = ("beta1_power", "beta2_power", "global_step")
_EMBEDDING = "wavenet/embeddings/gc_embedding"
_CARD = """# {name}

WaveNet for raw audio at {rate:,} Hz, {classes} mu-law classes.

- Origin: a checkpoint of ibab/tensorflow-wavenet (https://github.com/ibab/tensorflow-wavenet), `{source}`.
  Converted by `tfopt convert ibab-wavenet`; the values are unchanged.
- Licence and training data: not recorded in the checkpoint; those of whoever trained it.
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
    """Makes a model directory of a checkpoint.

    A model trained with `scalar_input` reads the amplitude of a sample, as its training does; its own
    generation script feeds the number of the class instead.

    Args:
        source: The checkpoint's prefix: the path without `.index`.
        out: The directory to write.
        config: `wavenet_params.json`. Global conditioning is not in it; the checkpoint tells.
        sample_rate: In Hz, where the parameters do not say it; 16,000 if nobody does.
        replace: Replace `out` if it exists.

    Raises:
        ValueError: A file is missing, damaged, or not that project's; the two do not fit together; the
            sample rate contradicts the parameters; or `out` exists.
    """
    params = settings_file.read(config, _REQUIRED, _OPTIONAL)
    said = params["sample_rate"]
    if said and sample_rate not in (None, said):
        raise ValueError(f"sample_rate: expected {said}, as {config} says, got {sample_rate}")
    rate = said or (WAVENET_SAMPLE_RATE if sample_rate is None else sample_rate)
    arrays = _read_checkpoint(source)
    speakers = arrays.get(_EMBEDDING, np.zeros((0, 0), np.float32)).shape
    if len(speakers) != 2:
        raise ValueError(f"{source}: {_EMBEDDING}: expected rank 2, got {list(speakers)}")
    try:
        settings = _config(params, rate, speakers)
    except ValueError as error:
        raise ValueError(f"{config}: {error}") from error
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


def _config(params: dict[str, Any], rate: int, speakers: tuple[int, ...]) -> WavenetConfig:
    scalar = params["scalar_input"]
    return WavenetConfig(
        sample_rate=rate,
        residual_channels=params["residual_channels"],
        gate_channels=params["dilation_channels"],
        skip_channels=params["skip_channels"],
        end_channels=params["skip_channels"],
        dilations=tuple(params["dilations"]),
        kernel_size=params["filter_width"],
        input="scalar" if scalar else "one_hot",
        input_kernel_size=params["initial_filter_width" if scalar else "filter_width"],
        output="categorical",
        classes=params["quantization_channels"],
        biases=("conv", "residual", "skip", "end") if params["use_biases"] else (),
        global_classes=speakers[0],
        global_channels=speakers[1],
    )


def _shapes(config: WavenetConfig) -> dict[str, tuple[int, ...]]:
    """The tensors of such a checkpoint."""
    residual, gate, skip = config.residual_channels, config.gate_channels, config.skip_channels
    shapes: dict[str, tuple[int, ...]] = {
        "wavenet/causal_layer/filter": config.shapes["input.kernel"],
        "wavenet/postprocessing/postprocess1": (1, skip, skip),
        "wavenet/postprocessing/postprocess2": (1, skip, config.classes),
    }
    if config.biases:
        # Its biases were to have names, but tf.Variable took them for another argument: they are called
        # Variable, Variable_1, ... in the order in which they are made.
        shapes["wavenet/postprocessing/Variable"] = (skip,)
        shapes["wavenet/postprocessing/Variable_1"] = (config.classes,)
    for i in range(len(config.dilations)):
        layer = f"wavenet/dilated_stack/layer{i}"
        shapes[f"{layer}/filter"] = (config.kernel_size, residual, gate)
        shapes[f"{layer}/gate"] = (config.kernel_size, residual, gate)
        shapes[f"{layer}/dense"] = (1, gate, residual)
        shapes[f"{layer}/skip"] = (1, gate, skip)
        if config.biases:
            shapes[f"{layer}/Variable"] = (gate,)  # of the filter
            shapes[f"{layer}/Variable_1"] = (gate,)  # of the gate
            shapes[f"{layer}/Variable_2"] = (residual,)  # of dense
            shapes[f"{layer}/Variable_3"] = (skip,)  # of skip
        if config.global_channels:
            shapes[f"{layer}/gc_filter"] = (1, config.global_channels, gate)
            shapes[f"{layer}/gc_gate"] = (1, config.global_channels, gate)
    if config.global_channels:
        shapes[_EMBEDDING] = (config.global_classes, config.global_channels)
    return shapes


def _weights(config: WavenetConfig, arrays: dict[str, NDArray[Any]]) -> model_directory.Weights:
    def both(layer: str, filter_name: str, gate_name: str) -> NDArray[np.float32]:
        return np.concatenate(
            [arrays[f"{layer}/{filter_name}"], arrays[f"{layer}/{gate_name}"]], -1
        )

    post = "wavenet/postprocessing"
    weights = {
        "input.kernel": arrays["wavenet/causal_layer/filter"],
        "end.0.kernel": arrays[f"{post}/postprocess1"][0],
        "end.1.kernel": arrays[f"{post}/postprocess2"][0],
    }
    if config.biases:
        weights["end.0.bias"] = arrays[f"{post}/Variable"]
        weights["end.1.bias"] = arrays[f"{post}/Variable_1"]
    for i in range(len(config.dilations)):
        theirs, ours = f"wavenet/dilated_stack/layer{i}", f"layers.{i}"
        weights[f"{ours}.conv.kernel"] = both(theirs, "filter", "gate")
        weights[f"{ours}.residual.kernel"] = arrays[f"{theirs}/dense"][0]
        weights[f"{ours}.skip.kernel"] = arrays[f"{theirs}/skip"][0]
        if config.biases:
            weights[f"{ours}.conv.bias"] = both(theirs, "Variable", "Variable_1")
            weights[f"{ours}.residual.bias"] = arrays[f"{theirs}/Variable_2"]
            weights[f"{ours}.skip.bias"] = arrays[f"{theirs}/Variable_3"]
        if config.global_channels:
            weights[f"{ours}.global.kernel"] = both(theirs, "gc_filter", "gc_gate")[0]
    if config.global_channels:
        weights["global.embedding"] = arrays[_EMBEDDING]
    return weights


def _read_checkpoint(prefix: Path) -> dict[str, NDArray[Any]]:
    """The model's tensors; what the optimiser keeps is left out."""
    from tfopt import tensorflow_runtime

    tf = tensorflow_runtime.start()
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        return {
            name: reader.get_tensor(name)
            for name in reader.get_variable_to_shape_map()
            if not name.endswith(_OPTIMISERS) and name not in _COUNTERS
        }
    except (ValueError, IndexError, RuntimeError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{prefix}: cannot read it as a checkpoint: {reason}") from error
