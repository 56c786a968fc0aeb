"""The least time for a sample that follows from what it reads and computes.

The weights of one sample of one stream come from a cache, and the time cannot be shorter than their bytes
over the bandwidth at which a footprint of that size is read; nor shorter than the operations over the
arithmetic rate. The larger of the two is the bound (the roofline of Williams et al. 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

FLOAT = 4  # bytes of a weight


@dataclass(frozen=True)
class Work:
    """What a part of a step needs for one sample of one stream.

    Attributes:
        parameters: Numbers stored.
        operations: Multiplications and additions of matrix products and sums of vectors, with zeros too.
        functions: Exponentials (tanh and sigmoid are one each).
        bytes: Weight bytes of a sample, which the bound is about: each weight once, but for those that are
            never needed again (of a WaveRNN, what is hoisted).
        bytes_ahead: Weight bytes read when what can be made ahead is made in blocks.
    """

    parameters: int = 0
    operations: float = 0
    functions: int = 0
    bytes: float = 0.0
    bytes_ahead: float = 0.0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.parameters + other.parameters,
            self.operations + other.operations,
            self.functions + other.functions,
            self.bytes + other.bytes,
            self.bytes_ahead + other.bytes_ahead,
        )


@dataclass(frozen=True)
class Rates:
    """What one core was measured to do: weight bytes read and float32 operations, both per second."""

    bytes_per_s: float
    operations_per_s: float

    def bound_s(self, work: Work, *, ahead: bool) -> float:
        """The least time for one sample, in seconds.

        Args:
            work: What it needs.
            ahead: Whether weights are read in blocks where they can be.
        """
        return max(self.reading_s(work, ahead=ahead), work.operations / self.operations_per_s)

    def reading_s(self, work: Work, *, ahead: bool) -> float:
        """The least time for one sample whatever is computed in it: that for its weights alone.

        The bound of what multiplies something else than float32, or leaves zeros out.
        """
        return (work.bytes_ahead if ahead else work.bytes) / self.bytes_per_s
