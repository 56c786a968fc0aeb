"""Sizes of WaveNets that profiles are made with, so that everyone's figures are about the same thing."""

from __future__ import annotations

from tfopt.wavenet.config import WavenetConfig, doubling


def _preset(residual: int, skip: int, blocks: int) -> WavenetConfig:
    return WavenetConfig(
        sample_rate=24_000,
        residual_channels=residual,
        gate_channels=residual,
        skip_channels=skip,
        end_channels=skip,
        dilations=doubling(10, blocks),
        input="one_hot",
        output="categorical",
        classes=256,
        biases=("conv", "residual", "skip", "end"),
    )


# Both take and give 256 mu-law classes at 24 kHz, without conditioning.
PRESETS = {
    # 20 layers of 64 channels, skip and end 256; dilations 1 ... 512 twice.
    "default": _preset(residual=64, skip=256, blocks=2),
    # 10 layers of 32 channels, skip and end 128; dilations 1 ... 512.
    "small": _preset(residual=32, skip=128, blocks=1),
}
