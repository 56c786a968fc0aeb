"""What the counts say: which sets a build was compiled with, and what a CPU lacks of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tfopt import instruction_sets
from tfopt.inspection import origins
from tfopt.inspection.examination import Examination
from tfopt.inspection.tally import Tally
from tfopt.tensorflow_distributions import Distribution

# A build uses a set if one in so many functions does. Flags put AVX2 into one function in thirty, and the
# rarest set of a level into one in a thousand or two. Functions that look at the CPU first, in libraries that
# `origins` does not know, are fewer than one in 50,000.
_ONE_IN = 10_000
_SSE = instruction_sets.LEVELS["x86-64-v2"]
_ALWAYS_NAMED = ("FMA", "AVX2")


@dataclass(frozen=True)
class Findings:
    """The conclusions about a TensorFlow.

    Attributes:
        distribution: What it is.
        examination: The counts.
        outside: The counts over all code but that of libraries that choose instructions at run time.
        onednn: The counts over oneDNN.
        others: The counts over the other libraries that choose at run time.
        used: The sets that the code outside those was compiled with, in the order of CPUs.
        missing: Those of them that this CPU lacks; None if its sets are not known.
    """

    distribution: Distribution
    examination: Examination
    outside: Tally
    onednn: Tally
    others: Tally
    used: tuple[str, ...]
    missing: tuple[str, ...] | None

    @property
    def level(self) -> str | None:
        """The level that was compiled for, as `instruction_sets.level` tells it."""
        return instruction_sets.level(self.used)

    @property
    def verdict(self) -> str:
        """What it was compiled with, in one sentence."""
        beyond_sse = [name for name in self.used if name not in _SSE] or ["nothing beyond SSE"]
        with_512_bits = any(name.startswith("AVX512") for name in self.used)
        absent = [name for name in _ALWAYS_NAMED if name not in self.used]
        absent += [] if with_512_bits else [instruction_sets.AVX512]
        text = f"Compiled for {self.level}: with" if self.level else "Compiled with"
        text += f" {', '.join(beyond_sse)}"
        return f"{text}; without {', '.join(absent)}." if absent else f"{text}."


def conclude(
    distribution: Distribution, examination: Examination, flags: Collection[str] | None
) -> Findings:
    """Draws the conclusions.

    Args:
        distribution: What was examined.
        examination: What it holds.
        flags: This CPU's flags as /proc/cpuinfo names them; None if they are not known.
    """
    found = examination.origins
    outside = _sum(found.get(name, Tally()) for name in origins.COMPILED)
    used = tuple(
        name
        for name in instruction_sets.FLAGS
        if outside.users[name] and outside.users[name] * _ONE_IN >= outside.functions
    )
    return Findings(
        distribution=distribution,
        examination=examination,
        outside=outside,
        onednn=found.get(origins.ONEDNN, Tally()),
        others=_sum(
            found.get(name, Tally()) for name in origins.DISPATCHING if name != origins.ONEDNN
        ),
        used=used,
        missing=None if flags is None else instruction_sets.lacking(used, flags),
    )


def _sum(tallies: Iterable[Tally]) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total
