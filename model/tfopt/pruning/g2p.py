"""The matrices of a grapheme-to-phoneme model that can be sparse.

What symbols are multiplied with is left alone: the engine reads the products from tables.
"""

from __future__ import annotations

import numpy as np

from tfopt.g2p.config import G2pConfig
from tfopt.pruning.matrices import StepMatrix, recurrent


def step_matrices(config: G2pConfig) -> list[StepMatrix]:
    """Lists them."""
    hidden, output = config.hidden, StepMatrix("output.kernel")
    gru = config.architecture == "gru"
    encoders = ["encoder"] if gru else ["encoder.forward", "encoder.backward"]
    sides = [*encoders, "decoder"]
    matrices = [m for side in sides for m in recurrent(f"{side}.recurrent_kernel", hidden)]
    if gru:
        return [*matrices, output]
    # The decoder reads phoneme and attention; memory has rows for each direction, and the attention's output
    # for state, forward and backward.
    from_attention = np.s_[len(config.phonemes) :]
    return [
        *matrices,
        StepMatrix("decoder.input_kernel", from_attention, groups=3),
        *_squares("attention.memory_kernel", hidden, 2),
        StepMatrix("attention.query_kernel"),
        *_squares("attention.output_kernel", hidden, 3),
        output,
    ]


def _squares(tensor: str, hidden: int, count: int) -> list[StepMatrix]:
    return [StepMatrix(tensor, np.s_[i * hidden : (i + 1) * hidden]) for i in range(count)]
