"""Imports state dicts of fatchord/WaveRNN."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from tfopt.convert import pytorch_file, safetensors_file, settings_file
from tfopt.features.settings import LARGEST_FFT, MelSettings
from tfopt.settings_checks import expect, expect_integer, expect_integers, expect_one_of
from tfopt.wavernn.config import LARGEST, MOST_BITS, MOST_BLOCKS, WavernnConfig

Arrays = dict[str, NDArray[Any]]

# The arguments of WaveRNN's constructor, and of its `generate`: whether classes are mu-law companded, which
# that project's settings turn on; then what it computes spectrograms with, and its settings for that.
_REQUIRED = {
    **dict.fromkeys(["rnn_dims", "fc_dims", "bits", "pad", "feat_dims", "compute_dims"], int),
    **dict.fromkeys(["res_out_dims", "res_blocks", "hop_length", "sample_rate"], int),
    "upsample_factors": list,
}
_OPTIONAL: dict[str, Any] = {
    "mode": "RAW",
    "mu_law": True,
    "n_fft": 2048,
    "win_length": 1100,
    "fmin": 40,
    "min_level_db": -100,
}
_MODES = {"RAW": "categorical", "MOL": "logistic_mixture"}
_MIXTURES = 10  # of mode MOL
_PARTS = 4  # that the residual network's output is cut into

_EPSILON = 1e-5  # added to the variance by torch.nn.BatchNorm1d
_NORM = ("weight", "bias", "running_mean", "running_var")
_DENSE = {"input": "I", "fc.0": "fc1", "fc.1": "fc2", "output": "fc3"}
_RECURRENT = {"rnn.0": "rnn1", "rnn.1": "rnn2"}
_RESNET = "upsample.resnet"

_CARD = """# {name}

WaveRNN for raw audio at {rate:,} Hz from mel spectrograms of {bands} bands every {hop} samples; {output}.

- Origin: a state dict of fatchord/WaveRNN (https://github.com/fatchord/WaveRNN), `{source}`. Converted by
  `tfopt convert fatchord-wavernn`: batch normalisation is folded into the convolutions before it; all other
  float32 values are unchanged.
- Licence and training data: not recorded in the file; those of whoever trained it.
- {parameters:,} parameters (float32).
"""


def convert(source: Path, out: Path, *, config: Path, replace: bool = False) -> None:
    """Makes a model directory of a state dict.

    Args:
        source: What `torch.save(model.state_dict(), path)` wrote, of which nothing is run; or the same
            tensors as `.safetensors`.
        out: The directory to write.
        config: A JSON object with the arguments of `WaveRNN`. `mode` may be left out (`"RAW"`), and
            `mu_law` may be added: whether a RAW model was trained on mu-law companded classes; and `n_fft`,
            `win_length`, `fmin`, `min_level_db`: what its spectrograms were computed with. They are by
            default as that project's settings have them: true, 2048, 1100, 40, -100.
        replace: Replace `out` if it exists.

    Raises:
        ValueError: A file is missing, damaged, or not that project's; the two do not fit together; or
            `out` exists.
    """
    arguments = settings_file.read(config, _REQUIRED, _OPTIONAL)
    try:
        settings = _config(arguments)
    except ValueError as error:
        raise ValueError(f"{config}: {error}") from error
    read = safetensors_file.read if source.suffix == ".safetensors" else pytorch_file.read
    arrays = read(source)
    counters = {"step", *(f"{norm}.num_batches_tracked" for norm in _norms(settings).values())}
    arrays = {name: array for name, array in arrays.items() if name not in counters}
    shapes = _shapes(settings, arguments["res_out_dims"])
    model_directory.check_weights(arrays, shapes, str(source))
    try:
        weights = _weights(settings, arrays)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from error
    companded = "mu-law classes" if settings.mu_law else "classes at equal distances"
    card = _CARD.format(
        name=out.name,
        rate=settings.sample_rate,
        bands=settings.mel_channels,
        hop=settings.hop_length,
        output=f"{settings.classes} {companded}" if settings.classes else "a mixture of logistics",
        source=source.name,
        parameters=sum(tensor.size for tensor in weights.values()),
    )
    model_directory.write(
        out, kind="wavernn", config=settings.to_dict(), weights=weights, card=card, replace=replace
    )


def _config(arguments: dict[str, Any]) -> WavernnConfig:
    expect_one_of("mode", tuple(_MODES), arguments["mode"])
    raw = arguments["mode"] == "RAW"
    for name, least, most in (
        ("rnn_dims", 1, LARGEST),
        ("fc_dims", 1, LARGEST),
        ("feat_dims", 1, LARGEST),
        ("compute_dims", 1, LARGEST),
        ("res_out_dims", _PARTS, LARGEST),
        ("res_blocks", 0, MOST_BLOCKS),
        ("n_fft", 2, LARGEST_FFT),
        ("win_length", 1, arguments["n_fft"]),
        *((("bits", 1, MOST_BITS),) if raw else ()),
    ):
        expect_integer(name, arguments[name], least, most)
    factors = tuple(arguments["upsample_factors"])
    expect_integers("upsample_factors", factors, LARGEST)
    hop, said = math.prod(factors), arguments["hop_length"]
    expect(said == hop, "hop_length", f"{hop}, the product of upsample_factors", said)
    return WavernnConfig(
        sample_rate=arguments["sample_rate"],
        mel_channels=arguments["feat_dims"],
        upsample_factors=factors,
        pad=arguments["pad"],
        resnet_channels=arguments["compute_dims"],
        resnet_blocks=arguments["res_blocks"],
        aux_channels=arguments["res_out_dims"] // _PARTS,
        rnn_channels=arguments["rnn_dims"],
        fc_channels=arguments["fc_dims"],
        output=_MODES[arguments["mode"]],
        bits=arguments["bits"] if raw else 0,
        mu_law=arguments["mu_law"] and raw,
        mixtures=0 if raw else _MIXTURES,
        features=_features(arguments),
    )


def _features(arguments: dict[str, Any]) -> MelSettings:
    """What its `melspectrogram` computes; the reflected ends are those of its time's librosa, 0.7."""
    return MelSettings(
        fft_size=arguments["n_fft"],
        window_length=arguments["win_length"],
        hop_length=arguments["hop_length"],
        bands=arguments["feat_dims"],
        fmin=float(arguments["fmin"]),
        floor=1e-5,
        log="db",
        min_level_db=float(arguments["min_level_db"]),
        padding="reflect",
    )


def _norms(config: WavernnConfig) -> dict[str, str]:
    """The batch normalisation behind each convolution of the residual network."""
    norms = {"conv_in": "batch_norm"}
    for i in range(config.resnet_blocks):
        norms |= {f"layers.{i}.conv{k}": f"layers.{i}.batch_norm{k}" for k in (1, 2)}
    return {f"{_RESNET}.{conv}": f"{_RESNET}.{norm}" for conv, norm in norms.items()}


def _convolutions(config: WavernnConfig) -> dict[str, str]:
    """For each of our normalised layers their convolution."""
    ours = ["resnet.input"]
    for i in range(config.resnet_blocks):
        ours += [f"resnet.blocks.{i}.{k}" for k in (0, 1)]
    return dict(zip(ours, _norms(config), strict=True))


def _shapes(config: WavernnConfig, aux: int) -> dict[str, tuple[int, ...]]:
    """The tensors of such a state dict; PyTorch's kernels are [outputs, inputs, taps]."""
    ours = config.shapes
    shapes: dict[str, tuple[int, ...]] = {
        f"{_RESNET}.conv_out.weight": (aux, config.resnet_channels, 1),
        f"{_RESNET}.conv_out.bias": (aux,),
    }
    for name, conv in _convolutions(config).items():
        *taps, inputs, outputs = ours[f"{name}.kernel"]
        shapes[f"{conv}.weight"] = (outputs, inputs, *(taps or [1]))
        shapes |= {f"{_norms(config)[conv]}.{part}": (outputs,) for part in _NORM}
    for i, factor in enumerate(config.upsample_factors):
        shapes[f"upsample.up_layers.{2 * i + 1}.weight"] = (1, 1, 1, 2 * factor + 1)
    for name, module in _DENSE.items():
        shapes[f"{module}.weight"] = ours[f"{name}.kernel"][::-1]
        shapes[f"{module}.bias"] = ours[f"{name}.bias"]
    for name, module in _RECURRENT.items():
        shapes[f"{module}.weight_ih_l0"] = ours[f"{name}.kernel"][::-1]
        shapes[f"{module}.weight_hh_l0"] = ours[f"{name}.recurrent"][::-1]
        shapes[f"{module}.bias_ih_l0"] = ours[f"{name}.bias"]
        shapes[f"{module}.bias_hh_l0"] = ours[f"{name}.recurrent_bias"]
    return shapes


def _weights(config: WavernnConfig, arrays: Arrays) -> model_directory.Weights:
    weights: model_directory.Weights = {}
    for i in range(len(config.upsample_factors)):
        kernel = arrays[f"upsample.up_layers.{2 * i + 1}.weight"]
        weights[f"upsample.{i}.kernel"] = kernel.reshape(-1)
    for name, conv in _convolutions(config).items():
        kernel, bias = _fold(arrays, conv, _norms(config)[conv])
        weights[f"{name}.kernel"] = kernel.reshape(config.shapes[f"{name}.kernel"])
        weights[f"{name}.bias"] = bias
    # What exceeds a multiple of the parts is computed there, but not used.
    used = config.aux_parts * config.aux_channels
    weights["resnet.output.kernel"] = arrays[f"{_RESNET}.conv_out.weight"][:used, :, 0].T
    weights["resnet.output.bias"] = arrays[f"{_RESNET}.conv_out.bias"][:used]
    for name, module in _DENSE.items():
        weights[f"{name}.kernel"] = arrays[f"{module}.weight"].T
        weights[f"{name}.bias"] = arrays[f"{module}.bias"]
    for name, module in _RECURRENT.items():
        weights[f"{name}.kernel"] = arrays[f"{module}.weight_ih_l0"].T
        weights[f"{name}.recurrent"] = arrays[f"{module}.weight_hh_l0"].T
        weights[f"{name}.bias"] = arrays[f"{module}.bias_ih_l0"]
        weights[f"{name}.recurrent_bias"] = arrays[f"{module}.bias_hh_l0"]
    return weights


def _fold(arrays: Arrays, conv: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A convolution with what normalises its outputs: kernel [taps, inputs, outputs] and bias."""
    gain, offset, mean, variance = (arrays[f"{norm}.{part}"].astype(np.float64) for part in _NORM)
    least = float(variance.min())
    expect(least >= 0, f"{norm}.running_var", "values of at least 0", least)
    scale = gain / np.sqrt(variance + _EPSILON)
    kernel = arrays[f"{conv}.weight"].astype(np.float64).transpose(2, 1, 0) * scale
    bias = offset - mean * scale
    finite = max(np.abs(kernel).max(), np.abs(bias).max()) < np.finfo(np.float32).max
    expect(finite, norm, "values that float32 can hold when it is folded", "larger ones")
    return kernel.astype(np.float32), bias.astype(np.float32)
