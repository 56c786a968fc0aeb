"""Made-up results documents for the profiler's tests, small enough to check by hand; looking at pictures."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from fake_surroundings import MACHINE, SOFTWARE
from matplotlib.figure import Figure
from matplotlib.text import Text

from tfopt.profiler import document, results

LADDER = {"naive": 0.05, "cached": 0.006, "graph": 0.002, "xla": 0.0007}


def rung(
    latency_s: float, drift: Sequence[float] = (1.0, 1.02, 0.98, 1.01, 0.99)
) -> dict[str, Any]:
    """A backend that takes this long for a word, times `drift` in each round."""
    return {
        "status": "ok",
        "reason": None,
        "check": {"outputs_compared": 300, "distinct_items": 256, "near_ties": {}},
        "cold_start": {"import_s": 2.0, "load_s": 0.1, "first_call_s": 0.4},
        "peak_bytes": 600_000_000,
        "batch_items": 1024,
        "rounds": [
            {
                "singles": {
                    "latency_s": [latency_s * factor * k for k in (0.8, 1.0, 1.2)],
                    "wall_s": latency_s * 3,
                    "cpu_s": latency_s * 4,
                },
                "batches": [{"wall_s": latency_s * 100 * factor, "cpu_s": latency_s * 150}],
            }
            for factor in drift
        ],
    }


def dropped(status: str, reason: str) -> dict[str, Any]:
    """A backend without figures."""
    return {
        **rung(1.0),
        "status": status,
        "reason": reason,
        "rounds": [],
        "cold_start": None,
        "peak_bytes": None,
    }


def make(
    models: Mapping[str, Mapping[str, float | dict[str, Any]]] | None = None, **changes: Any
) -> dict[str, Any]:
    """A document: for each model its backends, each a latency in seconds or a whole rung.

    Args:
        models: by name; one model with a ladder of four if not given.
        changes: values by path, for example `settings__threads=1`.
    """
    made: dict[str, Any] = {
        **document.header(document.SCHEMA, document.SCHEMA_VERSION, "example"),
        "tfopt": {"version": "1.0"},
        "settings": {"threads": 2, "rounds": 5, "quick": False},
        "machine": copy.deepcopy(MACHINE),
        "software": copy.deepcopy(SOFTWARE),
        "models": {
            name: {
                "kind": "g2p",
                "unit": "word",
                "weights_sha256": "b" * 64,
                "items": {
                    "from": "words.txt",
                    "count": 2048,
                    "sha256": "a" * 64,
                    "batch": 1024,
                    "singles": 3,
                    "singles_sha256": "c" * 64,
                },
                "backends": {
                    backend: rung(value) if isinstance(value, float) else value
                    for backend, value in backends.items()
                },
            }
            for name, backends in (models or {"g2p_en-1.0.1": LADDER}).items()
        },
    }
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = made
        for parent in parents:
            place = place[parent]
        place[last] = value
    return made


def profile(*arguments: Any, **changes: Any) -> results.Profile:
    """The same, read back."""
    return results.parse(make(*arguments, **changes), "example.json")


def write(path: Path, made: dict[str, Any]) -> Path:
    """Writes a document to a file."""
    path.write_text(json.dumps(made))
    return path


def assert_clean(figure: Figure) -> None:
    """Every text lies on the page, and no two texts overlap."""
    width, height = figure.get_size_inches() * figure.dpi
    boxes = []
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            box = text.get_window_extent()
            if box.width:
                boxes.append((text.get_text(), box))
    assert len(boxes) > 4
    for content, box in boxes:
        assert box.x0 >= 0, content
        assert box.x1 <= width, content
        assert box.y0 >= 0, content
        assert box.y1 <= height, content
    for (one, a), (two, b) in combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or down <= 3, f"{one!r} overlaps {two!r}"


def texts(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))
