"""What a WaveRNN is made of, and the tensors that follow from it."""

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

OUTPUTS = ("categorical", "split", "logistic_mixture")

# Far above every real model, far below what fills a memory. What the engine reads has the limits
# of its wavernn_config.cc and packed_mel_resnet.cc.
LARGEST = 10_000  # for any size that has no limit of its own below
LARGEST_RATE = 1_000_000
LARGEST_PAD = 100
MOST_BITS = 16
MOST_BLOCKS = 1_000

# Of a mixture of logistics; fatchord/WaveRNN samples with it and so are its models trained.
LEAST_LOG_SCALE = math.log(1e-14)


@dataclass(frozen=True, kw_only=True)
class WavernnConfig:
    """The settings of a WaveRNN (Kalchbrenner et al. 2018) as fatchord/WaveRNN builds it.

    Attributes:
        sample_rate: Of the audio, in Hz.
        mel_channels: Bands of a frame of the mel spectrogram.
        upsample_factors: The stages that bring frames to the sample rate.
        pad: Frames on each side that the residual network sees with a frame.
        resnet_channels: Width of the residual network over frames.
        resnet_blocks: Its residual blocks.
        aux_channels: Width of each of the parts that its output is cut into; see `aux_parts`.
        rnn_channels: Width of the input layer and of every GRU.
        rnn_layers: GRUs, 1 or 2.
        fc_channels: Width of the fully connected layers.
        fc_layers: Fully connected layers before the output, 1 or 2.
        output: The distribution of the next sample. `"categorical"`: over 2 ** bits classes. `"split"`: the
            same in two steps, the upper half of the bits (coarse) and then, given those, the lower (fine).
            `"logistic_mixture"`: a mixture of logistic distributions over amplitudes.
        bits: Of a sample: 1 to 16 if categorical, 8 to 16 if split, 0 for a mixture.
        mu_law: Whether the classes are mu-law companded; if not, they are amplitudes at equal distances.
        mixtures: Components of a mixture of logistics, else 0.
        features: How the frames are computed of audio; None if that is not known.
        quantization: What is known of the model with weights of fewer bits; None if nothing is.
    """

    sample_rate: int
    mel_channels: int
    upsample_factors: tuple[int, ...]
    pad: int
    resnet_channels: int
    resnet_blocks: int
    aux_channels: int
    rnn_channels: int
    rnn_layers: int = 2
    fc_channels: int
    fc_layers: int = 2
    output: str
    bits: int = 0
    mu_law: bool = False
    mixtures: int = 0
    features: MelSettings | None = None
    quantization: QuantizationSettings | None = None

    def __post_init__(self) -> None:
        expect_one_of("output", OUTPUTS, self.output)
        mixture = self.output == "logistic_mixture"
        fewest_bits = {"categorical": 1, "split": 8, "logistic_mixture": 0}[self.output]
        for name, least, most in (
            ("sample_rate", 1, LARGEST_RATE),
            ("mel_channels", 1, LARGEST),
            ("pad", 0, LARGEST_PAD),
            ("resnet_channels", 1, LARGEST),
            ("resnet_blocks", 0, MOST_BLOCKS),
            ("aux_channels", 1, LARGEST),
            ("rnn_channels", 1, LARGEST),
            ("rnn_layers", 1, 2),
            ("fc_channels", 1, LARGEST),
            ("fc_layers", 1, 2),
            ("bits", fewest_bits, 0 if mixture else MOST_BITS),
            ("mixtures", 1 if mixture else 0, LARGEST if mixture else 0),
        ):
            expect_integer(name, getattr(self, name), least, most)
        expect(isinstance(self.mu_law, bool), "mu_law", "true or false", self.mu_law)
        expect(not (mixture and self.mu_law), "mu_law", "false with a mixture", self.mu_law)
        expect_integers("upsample_factors", self.upsample_factors, LARGEST)
        factors = self.upsample_factors
        expect(bool(factors), "upsample_factors", "at least one", factors)
        most_samples = f"a product of at most {LARGEST}"
        expect(self.hop_length <= LARGEST, "upsample_factors", most_samples, factors)
        if self.features is not None:
            self.features.check_fit(self.sample_rate, self.hop_length, self.mel_channels)
        if self.quantization is not None:
            self.quantization.check_unit(NATS_PER_SAMPLE)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any], where: str) -> WavernnConfig:
        """Makes a config from the contents of `config.json`; raises ValueError naming `where`."""
        try:
            arguments = constructor_arguments(fields(cls), settings, ["upsample_factors"])
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
        """Samples for each frame."""
        return math.prod(self.upsample_factors)

    @property
    def aux_parts(self) -> int:
        """Parts of the residual network's output: for the input layer, the second GRU, each fc layer."""
        return self.rnn_layers + self.fc_layers

    @property
    def classes(self) -> int:
        """Values that a sample can have; 0 for a mixture, whose samples are amplitudes."""
        return 1 << self.bits if self.bits else 0

    @property
    def coarse_bits(self) -> int:
        """The upper bits of a sample, drawn first; all of them unless the output is split."""
        return -(-self.bits // 2) if self.output == "split" else self.bits

    @property
    def fine_bits(self) -> int:
        """The lower bits of a sample, drawn second; none unless the output is split."""
        return self.bits - self.coarse_bits

    @property
    def fed_back(self) -> int:
        """Numbers that a sample is to the network: 1, or 2 if split (coarse, fine)."""
        return 2 if self.output == "split" else 1

    @property
    def outputs(self) -> int:
        """Numbers that the network computes for each sample: the parameters of its distribution.

        Categorical: a logit for each class. Split: a logit for each coarse class, then for each fine one.
        Mixture of logistics: the logits of the components, their means, their log scales.
        """
        if self.output == "split":
            return (1 << self.coarse_bits) + (1 << self.fine_bits)
        return self.classes or 3 * self.mixtures

    @property
    def uniforms(self) -> int:
        """Random numbers needed to draw one sample. Split: for coarse, for fine."""
        return 1 if self.output == "categorical" else 2

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every tensor.

        Kernels are [taps, inputs, outputs], those of one tap [inputs, outputs]. Inputs stand in the order
        samples fed back, mel, aux, and x, aux. Gates of a GRU stand in the order reset, update, candidate.
        """
        mel, resnet, aux = self.mel_channels, self.resnet_channels, self.aux_channels
        hidden, width = self.rnn_channels, self.fc_channels
        shapes: dict[str, tuple[int, ...]] = {}

        def layer(name: str, *kernel: int) -> None:
            shapes[f"{name}.kernel"] = kernel
            shapes[f"{name}.bias"] = kernel[-1:]

        for i, factor in enumerate(self.upsample_factors):
            shapes[f"upsample.{i}.kernel"] = (2 * factor + 1,)
        layer("resnet.input", 2 * self.pad + 1, mel, resnet)
        for i in range(self.resnet_blocks):
            layer(f"resnet.blocks.{i}.0", resnet, resnet)
            layer(f"resnet.blocks.{i}.1", resnet, resnet)
        layer("resnet.output", resnet, self.aux_parts * aux)
        layer("input", self.fed_back + mel + aux, hidden)
        for i in range(self.rnn_layers):
            layer(f"rnn.{i}", hidden + (aux if i else 0), 3 * hidden)
            shapes[f"rnn.{i}.recurrent"] = (hidden, 3 * hidden)
            shapes[f"rnn.{i}.recurrent_bias"] = (3 * hidden,)
        for i in range(self.fc_layers):
            layer(f"fc.{i}", (width if i else hidden) + aux, width)
        if self.output == "split":
            layer("output", width, 1 << self.coarse_bits)
            layer("fine", width + 1, width)
            layer("fine.output", width, 1 << self.fine_bits)
        else:
            layer("output", width, self.outputs)
        return shapes


def read(model: str | os.PathLike[str]) -> tuple[WavernnConfig, model_directory.Weights]:
    """Finds a model by name or path, reads it and checks it; raises ValueError naming what is wrong."""
    directory = models.find(model, "wavernn")
    where = str(directory / model_directory.CONFIG)
    settings = model_directory.read_config(directory, "wavernn")
    config = WavernnConfig.from_dict(settings, where)
    return config, model_directory.read_weights(directory, config.shapes)
