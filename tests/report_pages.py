"""Looking into the report's page, and documents that it is made of."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import profiler_documents as documents
from click.testing import CliRunner, Result

from tfopt.cli import cli
from tfopt.profiler import comparison, results
from tfopt.profiler.modes.hoisting import counted
from tfopt.wavernn.presets import PRESETS

# A text that does harm where it is not taken as text.
HOSTILE = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>&\"{{}}$js %{x}"
RESULTS = Path(__file__).parents[1] / "results"
# Those of the committed results that make a page of every kind; what is measured later changes no test.
COMMITTED = (
    *(
        "custom_ops",
        "g2p_types",
        "g2p_en_numpy",
        "g2p_error_rate",
        "graph_loop",
        "initial",
        "ladder",
    ),
    *("native", "wavenet_types", "wavenet_memory", "wavenet_modules", "wavenet_realtime"),
    *("wavenet_threads", "xla"),
)


class Page(HTMLParser):
    """What is in a page: its elements, the headings of its parts, its text, and its charts."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.charts: list[dict[str, Any]] = []
        self.styles: list[str] = []
        self.headings: list[str] = []
        self._texts: list[str] = []
        self._tag = ""
        self._inside = ""
        self._raw: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._tag = tag
        if tag in ("script", "style"):
            is_chart = dict(attrs).get("type") == "application/json"
            self._inside, self._raw = "chart" if is_chart else tag, []

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""
        if tag in ("script", "style"):
            raw = "".join(self._raw)
            if self._inside == "chart":
                self.charts.append(json.loads(raw))
            elif self._inside == "style":
                self.styles.append(raw)
            self._inside = ""

    def handle_data(self, data: str) -> None:
        (self._raw if self._inside else self._texts).append(data)
        if self._tag == "h2":
            self.headings.append(data)

    @property
    def text(self) -> str:
        """What a person reads, with single spaces."""
        return " ".join(" ".join(self._texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of this name."""
        return [attributes for name, attributes in self.elements if name == tag]


def report(folder: Path, *options: str) -> Result:
    """Runs `tfopt report`."""
    return CliRunner().invoke(cli, ["report", str(folder), *options])


def page(folder: Path) -> Page:
    """Runs `tfopt report` without an error, and opens what it wrote."""
    done = report(folder)
    assert done.exit_code == 0, done.output
    return Page(folder / "report.html")


def trimmed(made: Any) -> Any:
    """A committed document with the first five of all timings: faster to read, and enough to show."""
    if isinstance(made, dict):
        return {name: trimmed(value) for name, value in made.items()}
    if isinstance(made, list):
        are_timings = bool(made) and isinstance(made[0], float)
        return [trimmed(value) for value in (made[:5] if are_timings else made)]
    return made


def committed(name: str) -> Any:
    """One of the committed results."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def layers() -> dict[str, Any]:
    """A sweep over layers, of the figures of one over threads."""
    return {**committed("wavenet_threads"), "sweep": "layers"}


def hoisting() -> dict[str, Any]:
    """What hoisting buys, in figures of a sweep over threads."""
    config = PRESETS["small"]
    made = committed("wavenet_threads")
    (point, *_) = made.pop("points")
    rungs = {name: point["backends"][name] for name in ("graph", "xla")}
    return {
        **made,
        "schema": "tfopt-hoisting",
        "model": {**made["model"], "kind": "wavernn", "config": config.to_dict()},
        "layers": counted(config),
        "backends": {name: {"before": rung, "after": rung} for name, rung in rungs.items()},
    }


def compared(*runs: dict[str, Any], labels: tuple[str, ...] = ("old", "new")) -> dict[str, Any]:
    """What `tfopt compare` writes of these runs."""
    profiles = [results.parse(run, label) for run, label in zip(runs, labels, strict=True)]
    return comparison.as_json(comparison.compare(labels, profiles))


def copy_committed(folder: Path) -> None:
    """Copies the results of `COMMITTED` to a folder, and beside them what none of them is."""
    for name in COMMITTED:
        shutil.copy(RESULTS / f"{name}.json", folder)
    write(folder, layers=layers(), hoisting=hoisting())


def write(folder: Path, **made: Any) -> Path:
    """Writes documents to a folder, by name."""
    folder.mkdir(exist_ok=True)
    for name, one in made.items():
        documents.write(folder / f"{name}.json", one)
    return folder


def hostile() -> dict[str, Any]:
    """Documents in which every text that can be anything is markup."""
    run = documents.make(
        {HOSTILE: {"naive": 0.05, HOSTILE: 0.01, "xla": documents.dropped("failed", HOSTILE)}},
        name=HOSTILE,
        machine__cpu__model=HOSTILE,
        software__python=HOSTILE,
        tfopt={"version": HOSTILE},
    )
    sweep, modules = layers(), committed("wavenet_modules")
    for made in (sweep, modules):
        made["name"] = made["model"]["name"] = HOSTILE
        made["machine"]["cpu"]["model"] = HOSTILE
    for point in sweep["points"]:
        point["backends"][HOSTILE] = point["backends"].pop("graph")
    realtime = committed("wavenet_realtime")
    realtime["backend"] = realtime["rows"][1]["name"] = HOSTILE
    rates = committed("g2p_error_rate")
    rates[0]["model"] = HOSTILE
    peers = committed("g2p_en_numpy")
    peers["seconds"][HOSTILE] = peers["seconds"].pop("tfopt graph")
    comparison = compared(run, run, labels=(HOSTILE, "new"))
    comparison["allowed_differences"] = [{"field": HOSTILE, "values": [HOSTILE, "b"]}]
    hoisted = hoisting()
    hoisted["layers"][0]["name"] = HOSTILE
    hoisted["backends"][HOSTILE] = hoisted["backends"].pop("graph")
    return {
        "run": run,
        "hoisting": hoisted,
        "sweep": sweep,
        "modules": modules,
        "realtime": realtime,
        "memory": committed("wavenet_memory") | {"backend": HOSTILE},
        "rates": rates,
        "peers": peers,
        "comparison": comparison,
        "unknown": {"schema": HOSTILE},
    }
