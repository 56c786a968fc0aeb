"""Reads what `benchmarks/kernels/run.py` writes: a matrix times a vector, by tfopt and by libraries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfopt.profiler.fields import Fields
from tfopt.profiler.statistics import Figure
from tfopt.report.ratios import Gain, shorter

_TYPES = ("float32", "bfloat16", "int8", "sparse float32")  # that libraries have, in this order
_OWN = ("tfopt", "matmul")


@dataclass(frozen=True)
class Product:
    """A product that was timed.

    Attributes:
        type: Of the weights.
        model: Which model's matrix it is.
        size: "outputs x inputs", without spaces.
    """

    type: str
    model: str
    size: str


@dataclass(frozen=True)
class Comparison:
    """A library beside tfopt in one run, for one product.

    Attributes:
        library: Its name.
        function: The fastest of its ways of computing it.
        product: What was computed.
        own: tfopt's seconds.
        gain: The library's seconds by tfopt's; above 1 tfopt is faster.
    """

    library: str
    function: str
    product: Product
    own: Figure
    gain: Gain


@dataclass(frozen=True)
class Kernels:
    """A file.

    Attributes:
        comparisons: Of every product that tfopt and a library were timed on.
        missing: Libraries that were not there: by name, why.
    """

    comparisons: tuple[Comparison, ...]
    missing: dict[str, str]

    @property
    def libraries(self) -> list[str]:
        """Those compared, in the order in which they were run."""
        return list(dict.fromkeys(one.library for one in self.comparisons))

    @property
    def types(self) -> list[str]:
        """The types of weights, in order."""
        found = {one.product.type for one in self.comparisons}
        return [*(t for t in _TYPES if t in found), *sorted(found - set(_TYPES))]

    @property
    def products(self) -> list[Product]:
        """What was compared, type by type."""
        found = dict.fromkeys(one.product for one in self.comparisons)
        return sorted(found, key=lambda product: self.types.index(product.type))

    def of(self, product: Product, library: str) -> Comparison | None:
        """Returns how a library compares with tfopt; None if it was not timed on this product."""
        same = (one for one in self.comparisons if one.product == product)
        return next((one for one in same if one.library == library), None)

    def own(self, product: Product) -> Figure:
        """Returns tfopt's seconds for a product, of all programs together."""
        some = [one.own for one in self.comparisons if one.product == product]
        return Figure.of([[middle] for figure in some for middle in figure.middles])


def read(content: Any, where: str) -> Kernels:
    """Reads a file; ValueError if it is damaged."""
    top = Fields(content, where)
    missing = top.object("missing")
    runs = top.objects("runs")
    found = [one for run in runs for one in _comparisons(run)]
    if not found:
        raise top.error("runs", "a product that tfopt and a library were timed on", "none")
    return Kernels(tuple(found), {name: missing.text(name) for name in missing.content})


def _comparisons(run: Fields) -> list[Comparison]:
    ways: dict[Product, dict[tuple[str, str], Figure]] = {}
    for timing in run.objects("timings"):
        product = Product(timing.text("type"), timing.text("model"), timing.text("size"))
        way = timing.text("library"), timing.text("function")
        if "seconds" in timing.content:
            seconds = timing.seconds_list("seconds")
            ways.setdefault(product, {})[way] = Figure.of([[value] for value in seconds])
    return [
        _compared(product, own, some)
        for product, some in ways.items()
        if (own := some.pop(_OWN, None)) is not None and some
    ]


def _compared(product: Product, own: Figure, others: dict[tuple[str, str], Figure]) -> Comparison:
    library, function = min(others, key=lambda way: others[way].median)
    gain = shorter(others[library, function], own)
    return Comparison(library, function, product, own, gain)


def behind(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Returns those in which the library is faster, beyond the noise."""
    return [one for one in comparisons if one.gain.ratio < 1 and one.gain.noise is False]
