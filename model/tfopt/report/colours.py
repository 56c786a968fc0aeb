"""Colours by name.

`page.css` gives each its values, for light and for dark; the page's script resolves them in charts, so that
these follow the theme.
"""

from __future__ import annotations

from tfopt.profiler import rung_names
from tfopt.profiler.kinds import LADDER
from tfopt.report.markup import Markup, element

_SERIES = 6  # as many as page.css defines

INK, FAINT, LINE, PAPER = "var(--ink)", "var(--faint)", "var(--line)", "var(--paper)"
CLEAR = "rgba(0,0,0,0)"


def of_rung(rung: str, place: int) -> str:
    """Returns the colour of a backend, with its compute type; those not known take one by their place."""
    backend, compute_type = rung_names.split(rung)
    if backend not in LADDER:
        return of_series(place)
    name = backend if rung_names.is_exact(rung) else f"{backend}-{compute_type}".replace("_", "-")
    return f"var(--{name})"


def of_series(place: int) -> str:
    """Returns the colour of one of several things that have none of their own."""
    return f"var(--series-{place % _SERIES + 1})"


def swatch(text: str, colour: str) -> Markup:
    """Returns a text behind a patch of its colour."""
    return element("span", text, class_="swatch", style=f"--c:{colour}")
