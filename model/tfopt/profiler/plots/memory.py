"""Memory over minutes of generated audio."""

from __future__ import annotations

from typing import Any

from tfopt.profiler.modes import heading, memory, subtitle
from tfopt.profiler.plots import lines, style


def draw(made: dict[str, Any]) -> bytes:
    """Returns the picture of a memory document as PNG."""
    found = memory.series(made)
    x, y = zip(*found, strict=True) if found else ((), ())
    curve = lines.Curve(made["backend"], style.colour(made["backend"], 0), x, y)
    panel = lines.Panel(
        "Memory that the process holds", "minutes of audio generated", [curve], seconds=False
    )
    return lines.draw(heading(made, made["backend"], memory.finding(made)), subtitle(made), [panel])
