"""`python -m training wavenet`."""

from __future__ import annotations

from typing import Any

import click

from tfopt.pruning.wavenet import step_matrices
from training.options import compression_options, run_options, spoken
from training.vocoders import command as vocoders
from training.vocoders.options import vocoder_options
from training.vocoders.presets import WAVENET
from training.vocoders.segments import Shape
from training.vocoders.wavenet import Wavenet, context_frames


@click.command(epilog="Example: python -m training wavenet --epochs 100")
@run_options("wavenet", epochs=100)
@compression_options
@vocoder_options("wavenet")
def command(**options: Any) -> None:
    """Train a WaveNet vocoder on festvox-ru."""
    shape = Shape(
        batch=4,
        frames=12,
        context=context_frames(WAVENET),
        margin=1,
        hop_length=WAVENET.hop_length,
        classes=WAVENET.classes,
    )
    vocoder = vocoders.Vocoder(
        kind="wavenet",
        config=WAVENET,
        network=Wavenet,
        matrices=step_matrices,
        shape=shape,
        steps=500,
        fed=lambda classes: classes,
    )
    vocoders.train(vocoder, vocoders.Run(**options, command=spoken(click.get_current_context())))
