"""`python -m training wavernn`."""

from __future__ import annotations

from typing import Any

import click

from tfopt.pruning.wavernn import step_matrices
from tfopt.wavernn.samples import feedback
from training.options import compression_options, run_options, spoken
from training.vocoders import command as vocoders
from training.vocoders.options import vocoder_options
from training.vocoders.presets import WAVERNN
from training.vocoders.segments import Shape
from training.vocoders.wavernn import Wavernn


@click.command(epilog="Example: python -m training wavernn --epochs 100")
@run_options("wavernn", epochs=100)
@compression_options
@vocoder_options("wavernn")
def command(**options: Any) -> None:
    """Train a WaveRNN vocoder on festvox-ru."""
    shape = Shape(
        batch=32,
        frames=5,
        context=0,
        margin=WAVERNN.pad,
        hop_length=WAVERNN.hop_length,
        classes=WAVERNN.classes,
    )
    vocoder = vocoders.Vocoder(
        kind="wavernn",
        config=WAVERNN,
        network=Wavernn,
        matrices=step_matrices,
        shape=shape,
        steps=150,
        fed=lambda classes: feedback(WAVERNN, classes)[..., 0],
    )
    vocoders.train(vocoder, vocoders.Run(**options, command=spoken(click.get_current_context())))
