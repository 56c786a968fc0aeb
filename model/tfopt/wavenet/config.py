"""What a WaveNet is made of, and the tensors that follow from it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tfopt import model_directory, models
from tfopt.features.settings import MelSettings
from tfopt.quantization_settings import NATS_PER_SAMPLE, QuantizationSettings
from tfopt.settings_checks import (
    constructor_arguments,
    expect,
    expect_integer,
    expect_integers,
    expect_one_of,
)

INPUTS = ("one_hot", "scalar")
OUTPUTS = ("categorical", "logistic_mixture", "gaussian")
BIASES = ("input", "conv", "residual", "skip", "end")

# Far above every real model. What the engine reads has the limits of its wavenet_config.cc.
LARGEST_CHANNELS = 16_384
LARGEST_CLASSES = 1 << 16
LARGEST_DILATION = 1 << 20
LARGEST_KERNEL = 1024
LARGEST_RATE = 1_000_000
LARGEST = 10_000  # for any other size
MOST_LAYERS = 1024
MOST_QUEUED = 1 << 28  # numbers in the queues of one stream: 1 GiB


@dataclass(frozen=True, kw_only=True)
class WavenetConfig:
    """The settings of a WaveNet (van den Oord et al. 2016).

    Attributes:
        sample_rate: Of the audio, in Hz.
        residual_channels: Width of what passes from layer to layer.
        gate_channels: Width of each half of the gated activation: the tanh half ("filter") and the sigmoid
            half ("gate").
        skip_channels: Width of the sum of all layers' skip outputs.
        end_channels: Width of the hidden layer behind that sum.
        dilations: Of each layer, in steps. `config.json` may instead say `layers` (in each block) and
            `blocks`; see `doubling`.
        kernel_size: Taps of each dilated convolution.
        input: `"one_hot"`: a sample is the one-hot vector of its mu-law class. `"scalar"`: its amplitude.
        input_kernel_size: Taps of the causal convolution that reads the samples.
        output: The distribution of the next sample. `"categorical"`: over mu-law classes.
            `"logistic_mixture"`: a mixture of logistic distributions over amplitudes. `"gaussian"`: one
            normal distribution over amplitudes.
        classes: Mu-law classes of a categorical output (mu = classes - 1), else 0.
        mixtures: Components of a mixture of logistics, else 0.
        biases: Which layers have biases, some of `BIASES`.
        local_channels: Features of a frame of local conditioning, such as mel bands; 0 without it.
        upsample_factors: The stages that bring frames to the sample rate; empty if they come at it.
        global_classes: Speakers to choose from; 0 without global conditioning.
        global_channels: Width of a speaker's embedding.
        features: How the frames of local conditioning are computed of audio; None if that is not known.
        quantization: What is known of the model with weights of fewer bits; None if nothing is.
    """

    sample_rate: int
    residual_channels: int
    gate_channels: int
    skip_channels: int
    end_channels: int
    dilations: tuple[int, ...]
    kernel_size: int = 2
    input: str
    input_kernel_size: int = 1
    output: str
    classes: int = 0
    mixtures: int = 0
    biases: tuple[str, ...]
    local_channels: int = 0
    upsample_factors: tuple[int, ...] = ()
    global_classes: int = 0
    global_channels: int = 0
    features: MelSettings | None = None
    quantization: QuantizationSettings | None = None

    def __post_init__(self) -> None:
        expect_one_of("input", INPUTS, self.input)
        expect_one_of("output", OUTPUTS, self.output)
        one_hot_fits = self.input != "one_hot" or self.output == "categorical"
        expect(one_hot_fits, "input", "'scalar', since output is not 'categorical'", self.input)
        categorical, mixture = self.output == "categorical", self.output == "logistic_mixture"
        for name, least, most in (
            ("sample_rate", 1, LARGEST_RATE),
            ("residual_channels", 1, LARGEST_CHANNELS),
            ("gate_channels", 1, LARGEST_CHANNELS),
            ("skip_channels", 1, LARGEST_CHANNELS),
            ("end_channels", 1, LARGEST_CHANNELS),
            ("kernel_size", 2, LARGEST_KERNEL),
            ("input_kernel_size", 1, LARGEST_KERNEL),
            ("classes", 2 if categorical else 0, LARGEST_CLASSES if categorical else 0),
            ("mixtures", 1 if mixture else 0, LARGEST if mixture else 0),
            ("local_channels", 0, LARGEST_CHANNELS),
            ("global_classes", 0, LARGEST),
            ("global_channels", 0, LARGEST_CHANNELS),
        ):
            expect_integer(name, getattr(self, name), least, most)
        both = bool(self.global_classes) == bool(self.global_channels)
        given = (self.global_classes, self.global_channels)
        expect(both, "global_classes, global_channels", "both 0 or both above 0", given)
        self._check_tuples()

    def _check_tuples(self) -> None:
        expect_integers("dilations", self.dilations, LARGEST_DILATION)
        layers = len(self.dilations)
        expect(1 <= layers <= MOST_LAYERS, "dilations", f"1 to {MOST_LAYERS} of them", layers)
        padded = -(-self.residual_channels // 16) * 16  # as the native engine keeps them
        queued = sum(self.dilations) * (self.kernel_size - 1) * padded
        most = f"at most {MOST_QUEUED} numbers (past inputs x residual_channels) to be kept"
        expect(queued <= MOST_QUEUED, "dilations", most, queued)

        expect_integers("upsample_factors", self.upsample_factors, LARGEST)
        expected = f"a product of at most {LARGEST}"
        expect(self.hop_length <= LARGEST, "upsample_factors", expected, self.upsample_factors)
        useful = bool(self.local_channels) or not self.upsample_factors
        expect(useful, "upsample_factors", "none without local_channels", self.upsample_factors)
        if self.features is not None:
            expected = "null without local_channels"
            expect(bool(self.local_channels), "features", expected, self.features)
            self.features.check_fit(self.sample_rate, self.hop_length, self.local_channels)
        if self.quantization is not None:
            self.quantization.check_unit(NATS_PER_SAMPLE)

        expect(isinstance(self.biases, tuple), "biases", "a tuple of names", self.biases)
        for name in self.biases:
            expect_one_of("biases", BIASES, name)
        expect(len(set(self.biases)) == len(self.biases), "biases", "no name twice", self.biases)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any], where: str) -> WavenetConfig:
        """Makes a config from the contents of `config.json`; raises ValueError naming `where`."""
        try:
            values = _expand_blocks(settings)
            tuples = ("dilations", "biases", "upsample_factors")
            arguments = constructor_arguments(fields(cls), values, tuples)
            arguments["features"] = MelSettings.from_config(arguments.get("features"))
            arguments["quantization"] = QuantizationSettings.from_config(
                arguments.get("quantization")
            )
            return cls(**arguments)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """The settings as `config.json` holds them."""
        settings = asdict(self)
        for name in ("features", "quantization"):
            if settings[name] is None:
                del settings[name]
        return settings

    @property
    def hop_length(self) -> int:
        """Samples for each frame of local conditioning."""
        return math.prod(self.upsample_factors)

    @property
    def outputs(self) -> int:
        """Numbers that the network computes for each sample: the parameters of its distribution.

        Categorical: a logit for each class. Mixture of logistics: the logits of the components, their
        means, their log scales. Gaussian: mean, log scale.
        """
        return {
            "categorical": self.classes,
            "logistic_mixture": 3 * self.mixtures,
            "gaussian": 2,
        }[self.output]

    @property
    def uniforms(self) -> int:
        """Random numbers needed to draw one sample."""
        return 1 if self.output == "categorical" else 2

    @property
    def receptive_field(self) -> int:
        """Samples, the last one fed among them, that an output depends on."""
        steps = (self.kernel_size - 1) * sum(self.dilations)
        return self.input_kernel_size + steps

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every tensor.

        Kernels are [taps, inputs, outputs], those of one tap [inputs, outputs]. The oldest tap comes first;
        the last one reads the current step. The 2 * gate_channels outputs of a layer's convolution and
        conditioning are the tanh half, then the sigmoid half.
        """
        residual, gate, skip = self.residual_channels, self.gate_channels, self.skip_channels
        read = self.classes if self.input == "one_hot" else 1
        shapes: dict[str, tuple[int, ...]] = {
            "input.kernel": (self.input_kernel_size, read, residual)
        }
        if "input" in self.biases:
            shapes["input.bias"] = (residual,)
        for i in range(len(self.dilations)):
            layer = f"layers.{i}"
            shapes[f"{layer}.conv.kernel"] = (self.kernel_size, residual, 2 * gate)
            if "conv" in self.biases:
                shapes[f"{layer}.conv.bias"] = (2 * gate,)
            if self.local_channels:
                shapes[f"{layer}.local.kernel"] = (self.local_channels, 2 * gate)
            if self.global_channels:
                shapes[f"{layer}.global.kernel"] = (self.global_channels, 2 * gate)
            for name, width in (("residual", residual), ("skip", skip)):
                shapes[f"{layer}.{name}.kernel"] = (gate, width)
                if name in self.biases:
                    shapes[f"{layer}.{name}.bias"] = (width,)
        widths = (skip, self.end_channels, self.outputs)
        for i in range(2):
            shapes[f"end.{i}.kernel"] = widths[i : i + 2]
            if "end" in self.biases:
                shapes[f"end.{i}.bias"] = widths[i + 1 : i + 2]
        if self.global_channels:
            shapes["global.embedding"] = (self.global_classes, self.global_channels)
        for i, factor in enumerate(self.upsample_factors):
            shapes[f"upsample.{i}.kernel"] = (2 * factor + 1,)
        return shapes


def doubling(layers: int, blocks: int) -> tuple[int, ...]:
    """The usual dilations: 1, 2, 4, ..., 2 ** (layers - 1), and that `blocks` times."""
    expect_integer("layers", layers, 1, LARGEST_DILATION.bit_length())
    expect_integer("blocks", blocks, 1, MOST_LAYERS)
    return tuple(1 << i for i in range(layers)) * blocks


def read(model: str | os.PathLike[str]) -> tuple[WavenetConfig, model_directory.Weights]:
    """Finds a model by name or path, reads it and checks it; raises ValueError naming what is wrong."""
    directory = models.find(model, "wavenet")
    where = str(directory / model_directory.CONFIG)
    settings = model_directory.read_config(directory, "wavenet")
    config = WavenetConfig.from_dict(settings, where)
    return config, model_directory.read_weights(directory, config.shapes)


def _expand_blocks(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with dilations in place of layers and blocks."""
    values = dict(settings)
    if "layers" not in values and "blocks" not in values:
        return values
    layers, blocks = values.pop("layers", None), values.pop("blocks", None)
    expected = "either them or layers and blocks, not both"
    expect("dilations" not in values, "dilations", expected, values.get("dilations"))
    return {**values, "dilations": doubling(layers, blocks)}
