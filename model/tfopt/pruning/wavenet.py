"""The matrices of a WaveNet that can be sparse.

Global conditioning is left alone, as it is multiplied once; and so are the residual output of the last layer,
which nothing reads, and the input layer, of which a step reads a row.
"""

from __future__ import annotations

from tfopt.pruning.matrices import StepMatrix
from tfopt.wavenet.config import WavenetConfig


def step_matrices(config: WavenetConfig) -> list[StepMatrix]:
    """Lists them; of a convolution each tap is one."""
    matrices = []
    last = len(config.dilations) - 1
    for i in range(len(config.dilations)):
        layer = f"layers.{i}"
        taps = range(config.kernel_size)
        matrices += [StepMatrix(f"{layer}.conv.kernel", tap, groups=2) for tap in taps]
        if config.local_channels:
            matrices.append(StepMatrix(f"{layer}.local.kernel", groups=2))
        if i < last:
            matrices.append(StepMatrix(f"{layer}.residual.kernel"))
        matrices.append(StepMatrix(f"{layer}.skip.kernel"))
    return [*matrices, StepMatrix("end.0.kernel"), StepMatrix("end.1.kernel")]
