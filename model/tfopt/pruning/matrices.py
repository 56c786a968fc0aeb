"""Parts of a model's tensors that are matrices which can be sparse.

These are the ones that the native engine multiplies at each step and stores as weights of a compute type. A
module for each network lists them, as the engine packs them (`*_packing.cc` and `*_pack.cc` of
custom_ops/engine/models).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class StepMatrix:
    """A matrix of the engine's, as a part of a tensor.

    Attributes:
        tensor: The tensor's name.
        part: The index that gives the matrix, [inputs, outputs].
        groups: The outputs are so many vectors of equal width, which the engine pads one by one.
    """

    tensor: str
    part: Any = ...
    groups: int = 1


def recurrent(tensor: str, hidden: int) -> list[StepMatrix]:
    """The recurrent kernel [hidden, 3 * hidden] of a GRU: the gates are one matrix, the candidate another."""
    gates, candidate = np.s_[:, : 2 * hidden], np.s_[:, 2 * hidden :]
    return [StepMatrix(tensor, gates, groups=2), StepMatrix(tensor, candidate)]
