"""Puts the page together: its sections, style, script and charts in one HTML file."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable
from string import Template

from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]

import tfopt
from tfopt.report.folder import Contents
from tfopt.report.markup import Markup, element, joined
from tfopt.report.sections import (
    audio,
    blocks,
    bound,
    comparison,
    headline,
    hoisting,
    kernels,
    ladder,
    machines,
    memory,
    modules,
    quality,
    realtime,
    skipped,
    study,
    sweep,
)

# What the parts are called, above them and in links to them, and what makes them.
SECTIONS: tuple[tuple[str, str, Callable[[Contents], Markup]], ...] = (
    ("What was gained", "Gains", headline.section),
    ("The ladder", "Ladder", ladder.section),
    ("Comparisons", "Comparisons", comparison.section),
    ("The bound on one core", "Bound", bound.section),
    ("Time per module", "Modules", modules.section),
    ("Hoisting", "Hoisting", hoisting.section),
    ("Sweeps", "Sweeps", sweep.section),
    ("Real time", "Realtime", realtime.section),
    ("Memory", "Memory", memory.section),
    ("Quality against speed", "Quality", quality.section),
    ("Caching and quantization", "Quantization", study.section),
    ("Kernels against libraries", "Kernels", kernels.section),
    ("Shapes of sparse blocks", "Blocks", blocks.section),
    ("Audio", "Audio", audio.section),
    ("Machines and versions", "Machines", machines.section),
    ("Files not shown", "Skipped", skipped.section),
)


def render(contents: Contents) -> bytes:
    """Returns the page, UTF-8. The same contents give the same bytes."""
    parts = [(title, link, make(contents)) for title, link, make in SECTIONS]
    shown = [(title, link, html) for title, link, html in parts if html]
    html = Template(_text("page.html")).substitute(
        version=tfopt.__version__,
        css=_text("page.css"),
        js=_text("page.js"),
        plotly=get_plotlyjs(),
        links=joined(element("a", link, href=f"#{link}") for _, link, _ in shown),
        sections=joined(
            element("section", element("h2", title), html, id=link) for title, link, html in shown
        ),
    )
    # A text from a file may hold half a surrogate pair, which is no character.
    return html.encode("utf-8", "replace")


def _text(name: str) -> str:
    return (importlib.resources.files("tfopt.report") / name).read_text(encoding="utf-8")
