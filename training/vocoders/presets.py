"""The vocoders that are trained: one voice at 16 kHz, both conditioned on the same mel spectrograms.

Sizes follow from what is to be had. A sample has 62.5 µs; with 8-bit weights one core spends a fifth of that
on either model. Training costs about six operations for each weight that a sample passes, three million in
all: at the 150 billion a second of one core's bfloat16 products, half an hour for each pass over the 95
million samples of festvox-ru, and what stands between the products takes as much again. Nine bits, since a
listener hears the noise of eight: coded and decoded alone, the recordings have a PESQ of 3.5 with eight bits,
4.0 with nine and 4.3 with ten.
"""

from __future__ import annotations

from tfopt.features.settings import MelSettings
from tfopt.wavenet.config import WavenetConfig, doubling
from tfopt.wavernn.config import WavernnConfig

SAMPLE_RATE = 16_000

# From -5 to about 1, a range that networks take as it is. Decibels scaled to [0, 1] would clip what is
# above 0 dB, which is a hundredth of this voice.
FEATURES = MelSettings(
    fft_size=1024, window_length=800, hop_length=200, bands=80, fmin=50.0, log="log10"
)

_CLASSES = 512
_BITS = 9

WAVENET = WavenetConfig(
    sample_rate=SAMPLE_RATE,
    residual_channels=64,
    gate_channels=64,
    skip_channels=128,
    end_channels=128,
    dilations=doubling(layers=8, blocks=2),
    input="one_hot",
    output="categorical",
    classes=_CLASSES,
    biases=("conv", "residual", "skip", "end"),
    local_channels=FEATURES.bands,
    # One stage: a sample is a weighted sum of three frames, and the engine looks one frame ahead.
    upsample_factors=(FEATURES.hop_length,),
    features=FEATURES,
)

WAVERNN = WavernnConfig(
    sample_rate=SAMPLE_RATE,
    mel_channels=FEATURES.bands,
    upsample_factors=(FEATURES.hop_length,),
    pad=2,
    resnet_channels=128,
    resnet_blocks=2,
    aux_channels=32,
    rnn_channels=320,
    rnn_layers=1,
    fc_channels=128,
    fc_layers=2,
    output="categorical",
    bits=_BITS,
    mu_law=True,
    features=FEATURES,
)
