"""What a question's document says of one rung: raw timings, and the figures that follow from them."""

from __future__ import annotations

from typing import Any

from tfopt.profiler.ladder import Rung
from tfopt.profiler.statistics import Figure

# How samples were generated.
ALONE, TOGETHER = "one stream", "batch"


def as_json(rung: Rung) -> dict[str, Any]:
    """Returns what the document holds of a rung."""
    return {
        "status": rung.status,
        "reason": rung.reason,
        "check": rung.check.as_json(),
        "single_units": rung.single_units,
        "batch_items": rung.batch_items,
        "batch_units": rung.batch_units,
        "rounds": rung.rounds,
    }


def figures(rung: dict[str, Any]) -> dict[str, Figure]:
    """Returns the seconds per sample, of a batch over all its streams' samples; those that were measured."""
    rounds, found = rung["rounds"], {}
    if rounds and "singles" in rounds[0]:
        samples = rung["single_units"]
        found[ALONE] = Figure.of(
            [[value / samples for value in one["singles"]["latency_s"]] for one in rounds]
        )
    if rounds and "batches" in rounds[0]:
        samples = rung["batch_items"] * rung["batch_units"]
        found[TOGETHER] = Figure.of(
            [[batch["wall_s"] / samples for batch in one["batches"]] for one in rounds]
        )
    return found
