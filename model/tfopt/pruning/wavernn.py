"""The matrices of a WaveRNN that can be sparse.

The input layer and the first GRU's input kernel are left alone: only their product is multiplied, which has
no zeros where they have (see `tfopt.wavernn.folded`). So are the networks over frames, and the rows that aux
or the coarse class is multiplied by.
"""

from __future__ import annotations

import numpy as np

from tfopt.pruning.matrices import StepMatrix, recurrent
from tfopt.wavernn.config import WavernnConfig


def step_matrices(config: WavernnConfig) -> list[StepMatrix]:
    """Lists them."""
    hidden, width = config.rnn_channels, config.fc_channels
    matrices = []
    for i in range(config.rnn_layers):
        if i > 0:
            matrices.append(StepMatrix(f"rnn.{i}.kernel", np.s_[:hidden], groups=3))
        matrices += recurrent(f"rnn.{i}.recurrent", hidden)
    for i in range(config.fc_layers):
        matrices.append(StepMatrix(f"fc.{i}.kernel", np.s_[: width if i else hidden]))
    matrices.append(StepMatrix("output.kernel"))
    if config.output == "split":
        matrices.append(StepMatrix("fine.kernel", np.s_[:width]))
        matrices.append(StepMatrix("fine.output.kernel"))
    return matrices
