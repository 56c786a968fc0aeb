"""A sweep as curves."""

from __future__ import annotations

from typing import Any

from tfopt.profiler.modes import heading, rungs, subtitle, sweep
from tfopt.profiler.plots import lines, style

_TITLES = {
    rungs.ALONE: "Time for a sample, one stream",
    rungs.TOGETHER: "Time for a sample, in a batch",
}


def draw(made: dict[str, Any]) -> bytes:
    """Returns the picture of a sweep's document as PNG."""
    axis = made["sweep"]
    panels = []
    for name, by_backend in sweep.lines(made).items():
        curves = lines.curves_of(
            {
                backend: [(s.x, s.seconds.median, s.seconds.low, s.seconds.high) for s in spots]
                for backend, spots in by_backend.items()
            }
        )
        if bounds := sweep.bounds(made):
            x, y = zip(*bounds, strict=True)
            curves.append(lines.Curve("bound", style.INK, x, y, dashed=True))
        panels.append(lines.Panel(_TITLES[name], sweep.AXES[axis].label, curves, axis != "layers"))
    title = heading(made, "", sweep.finding(made))
    notes = "Medians; bars span the medians of the rounds. Every sample was compared with the reference."
    if axis == "layers":
        notes += " Bound: one core reading every weight once a sample."
    return lines.draw(title, subtitle(made), panels, notes)
