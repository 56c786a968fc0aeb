"""How many bytes the backend `native` keeps of the matrices of a step, in each compute type.

Known without packing a model: what a compute type stores of a matrix follows from the type and from which
blocks of it are zero (docs/reduced-precision.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tfopt.model_directory import Weights
from tfopt.pruning.blocks import BLOCKS, count_blocks
from tfopt.pruning.matrices import StepMatrix

# A matrix is stored block-sparse if at most this part of its blocks hold a weight that is not zero. Measured
# with a WaveRNN of 512 channels, bfloat16 and int8 break even near it; float32 was faster sparse at every
# density tried.
MOST_DENSITY = 0.5

_BYTES = {"float32": 4, "bfloat16": 2, "int16": 2, "int8": 1, "int8_static": 1}
# The blocks that a type leaves out; int16 leaves out none.
_BLOCKS = {"float32": "16x1", "bfloat16": "16x1", "int8": "8x4", "int8_static": "8x4"}


@dataclass(frozen=True)
class StoredWeights:
    """The bytes of the weights of matrices in a compute type.

    Attributes:
        dense: Of a weight, where all of a matrix are stored.
        sparse: Of block-sparse matrices, by tensor and by the matrix's place among those of the tensor: the
            mean over the stored weights and those left out.
    """

    dense: float = 4.0
    sparse: Mapping[tuple[str, int], float] = field(default_factory=dict)

    def of(self, tensor: str, place: int = 0) -> float:
        """The mean bytes of a weight of one of a tensor's matrices."""
        return self.sparse.get((tensor, place), self.dense)


FLOAT32 = StoredWeights()


def stored_weights(
    weights: Weights, matrices: Sequence[StepMatrix], compute_type: str
) -> StoredWeights:
    """Finds which matrices of a model are stored block-sparse, and what is left of them.

    Args:
        weights: Of the model.
        matrices: Of `tfopt.pruning.step_matrices`.
        compute_type: As `compute_types.chosen` gives it: not `auto`.
    """
    bytes_of_one, sparse = _BYTES[compute_type], {}
    places: Counter[str] = Counter()
    for matrix in matrices if compute_type in _BLOCKS else ():
        place = places[matrix.tensor]
        places[matrix.tensor] += 1
        kernel, block = weights[matrix.tensor][matrix.part], BLOCKS[_BLOCKS[compute_type]]
        count = count_blocks(kernel, matrix.groups, block)
        if count.kept < count.all and count.density <= MOST_DENSITY:
            stored = count.kept * block.outputs * block.inputs * bytes_of_one
            sparse[matrix.tensor, place] = stored / kernel.size
    return StoredWeights(bytes_of_one, sparse)
