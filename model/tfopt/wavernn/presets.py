"""Sizes of WaveRNNs that profiles are made with, so that everyone's figures are about the same thing."""

from __future__ import annotations

from tfopt.wavernn.config import WavernnConfig


def _preset(rnn: int, fc: int) -> WavernnConfig:
    return WavernnConfig(
        sample_rate=22_050,
        mel_channels=80,
        upsample_factors=(5, 5, 11),
        pad=2,
        resnet_channels=128,
        resnet_blocks=10,
        aux_channels=32,
        rnn_channels=rnn,
        fc_channels=fc,
        output="categorical",
        bits=9,
        mu_law=True,
    )


# Both draw one of 512 mu-law classes, at 22.05 kHz, from 80 mel bands every 275 samples.
PRESETS = {
    # fatchord/WaveRNN's own settings: 16 MB of weights, of which 13 MB are read for every sample.
    "default": _preset(rnn=512, fc=512),
    "small": _preset(rnn=128, fc=128),
}
