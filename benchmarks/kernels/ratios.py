"""How much longer than tfopt the libraries take, from what run.py measured."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TYPES = ("float32", "bfloat16", "int8", "sparse float32")  # that libraries have, in this order


@dataclass(frozen=True)
class Ratio:
    """A library beside tfopt in one run, for one product.

    Attributes:
        library: Its name.
        function: The fastest of its ways of computing it.
        type: Of the weights.
        model: Which model's matrix it is.
        size: "outputs x inputs", without spaces.
        seconds: tfopt's median.
        ratio: The library's median by tfopt's; above 1 tfopt is faster.
    """

    library: str
    function: str
    type: str
    model: str
    size: str
    seconds: float
    ratio: float


def ratios(report: Mapping[str, Any]) -> list[Ratio]:
    """Returns the ratios of a report of run.py's, of every product that tfopt and a library were timed on."""
    found = []
    for run in report["runs"]:
        medians: dict[tuple[str, str, str], dict[tuple[str, str], float]] = {}
        for timing in run["timings"]:
            if "seconds" in timing:
                product = (timing["type"], timing["model"], timing["size"])
                ways = medians.setdefault(product, {})
                way = (timing["library"], timing["function"])
                ways[way] = statistics.median(timing["seconds"])
        for product, ways in medians.items():
            own = ways.pop(("tfopt", "matmul"), None)
            if own is not None and ways:
                way = min(ways, key=lambda way: ways[way])
                found.append(Ratio(*way, *product, seconds=own, ratio=ways[way] / own))
    return sorted(found, key=lambda ratio: _TYPES.index(ratio.type))


def table(found: Sequence[Ratio]) -> str:
    """Returns a table in Markdown: for each product what libraries take, in tfopt's times."""
    libraries = list(dict.fromkeys(ratio.library for ratio in found))
    cells: dict[tuple[str, str, str], dict[str, Ratio]] = {}
    for ratio in found:
        cells.setdefault((ratio.type, ratio.model, ratio.size), {})[ratio.library] = ratio
    lines = [
        f"| type | model | matrix | tfopt, µs | {' | '.join(libraries)} |",
        f"|---|---|---|--:|{'--:|' * len(libraries)}",
    ]
    for (kind, model, size), row in cells.items():
        seconds = statistics.median(ratio.seconds for ratio in row.values())
        texts = [f"{row[name].ratio:.2f}" if name in row else "" for name in libraries]
        lines.append(f"| {kind} | {model} | {size} | {seconds * 1e6:.2f} | {' | '.join(texts)} |")
    return "\n".join(lines)
