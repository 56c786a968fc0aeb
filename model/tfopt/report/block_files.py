"""Reads what `benchmarks/kernels/block_shapes.py` writes: sparse products with blocks of several shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfopt.profiler.fields import Fields


@dataclass(frozen=True)
class Row:
    """Blocks of a shape.

    Attributes:
        type: Of the weights.
        block: "outputs x inputs", without spaces.
        density: The part of the blocks that is kept.
        time: Of a product, by that of tfopt's shape; None where the CPU has no such kernel.
        kept: By model which part of the weights' squares pruning leaves.
    """

    type: str
    block: str
    density: float
    time: float | None
    kept: dict[str, float]


@dataclass(frozen=True)
class Blocks:
    """A file. All rows tell of the same models."""

    rows: tuple[Row, ...]

    @property
    def models(self) -> list[str]:
        """Which were pruned."""
        return list(self.rows[0].kept)

    @property
    def types(self) -> list[str]:
        """The types of weights, in order."""
        return list(dict.fromkeys(row.type for row in self.rows))


def read(content: Any, where: str) -> Blocks:
    """Reads a file; ValueError if it is damaged."""
    rows = tuple(_row(row) for row in Fields(content, where).objects("rows"))
    for place, row in enumerate(rows):
        if row.kept.keys() != rows[0].kept.keys():
            at = f"rows[{place}].kept"
            raise ValueError(f"{where}: {at}: expected {list(rows[0].kept)}, got {list(row.kept)}")
    return Blocks(rows)


def _row(row: Fields) -> Row:
    kept = row.object("kept")
    if not kept.content:
        raise row.error("kept", "at least one model", "none")
    return Row(
        type=row.text("type"),
        block=row.text("block"),
        density=_share(row, "density"),
        time=None if row.get("time") is None else row.positive("time"),
        kept={name: _share(kept, name) for name in kept.content},
    )


def _share(fields: Fields, name: str) -> float:
    share = fields.positive(name)
    if share > 1:
        raise fields.error(name, "at most 1", share)
    return share
