"""What hoisting buys a WaveRNN: operations and time for a sample, before and after.

Before, every step computes everything, of concatenated inputs; after, only what depends on the sample before
it (`tfopt.wavernn.cost` says what becomes of the rest). Both exist as graphs, so `graph` and `xla` are timed
both ways: four rungs of one small ladder, in turns, every sample compared with the reference's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tfopt.profiler import kinds, ladder, rung_names
from tfopt.profiler.modes import Request, frame, rungs
from tfopt.profiler.progress import Reporter
from tfopt.profiler.quantities import amount_text, ratio_text, seconds_text
from tfopt.profiler.statistics import Figure
from tfopt.profiler.workloads.wavernn import UNHOISTED
from tfopt.wavernn import cost
from tfopt.wavernn.config import WavernnConfig

SCHEMA = "tfopt-hoisting"
BACKENDS = ("graph", "xla")
FULLY_CONNECTED, ALL = "input, fc", "all"


def measure(request: Request, reporter: Reporter) -> dict[str, Any]:
    """Measures, and returns the results document.

    Raises:
        ValueError: the model is no WaveRNN, none of the backends asked for exists both ways, or another type
            than float32 was asked for.
        RuntimeError: TensorFlow cannot be imported.
    """
    subject = request.subject
    if not isinstance(subject.config, WavernnConfig):
        name, got = subject.name, subject.module.NAME
        raise ValueError(f"hoisting: expected a WaveRNN, got {name}, a {got}")
    if not all(map(rung_names.is_exact, request.rungs)):
        raise ValueError(
            f"compute_type: expected float32 with hoisting, got {request.compute_type}"
        )
    backends = [name for name in BACKENDS if name in request.rungs]
    if not backends:
        expected, got = " or ".join(BACKENDS), ", ".join(request.rungs)
        raise ValueError(f"backend: expected {expected} with --hoisting, got {got}")
    made = frame(SCHEMA, request, reporter)
    task = ladder.Task(
        name=subject.name,
        kind=subject.kind,
        directory=str(subject.directory),
        rungs=tuple(one for name in backends for one in (name + UNHOISTED, name)),
        threads=request.threads,
        course=subject.module.course(subject.config, request.plan, request.seed),
    )
    reporter.begin(f"{task.name}: {', '.join(task.rungs)}", ladder.steps(task, request.plan))
    climb = partial(ladder.measure, task, request.plan, progress=reporter.step)
    judge = kinds.of(subject.kind).checker(subject.directory)
    found = {
        rung.name: rungs.as_json(rung)
        for rung in climb(judge, environments=[request.environment]).rungs
    }
    return {
        **made,
        "layers": counted(subject.config),
        "backends": {
            name: {"before": found[name + UNHOISTED], "after": found[name]} for name in backends
        },
    }


def counted(config: WavernnConfig) -> list[dict[str, Any]]:
    """Returns the operations of each layer."""
    plain, hoisted = cost.before(config), cost.after(config)
    return [
        {
            "name": name,
            "before": plain[name].operations,
            "step": hoisted[name].step.operations,
            "block": hoisted[name].block.operations,
            "frame": hoisted[name].frame.operations,
        }
        for name in plain
    ]


@dataclass(frozen=True)
class Layer:
    """Operations for a sample of a part of the network, or of several.

    Attributes:
        name: what it is called.
        before: if nothing is hoisted.
        step: once hoisted: computed in the step, which waits for the sample before.
        block: computed ahead for a block of steps.
        frame: computed once a frame; a sample's share.
    """

    name: str
    before: float
    step: float
    block: float
    frame: float

    @property
    def after(self) -> float:
        """All that is computed once hoisted."""
        return self.step + self.block + self.frame

    @property
    def fewer(self) -> float:
        """The part of the operations that is not computed any more."""
        return 1 - self.after / self.before

    @property
    def fewer_waiting(self) -> float:
        """The part of the operations that no longer waits for the sample before."""
        return 1 - self.step / self.before


@dataclass(frozen=True)
class Pair:
    """The time for a sample before and after hoisting."""

    backend: str
    before: Figure
    after: Figure

    @property
    def ratio(self) -> float:
        """How many times as fast it became."""
        return self.before.median / self.after.median


def layers(made: dict[str, Any]) -> list[Layer]:
    """Returns the layers of the step, in its order."""
    return [Layer(**one) for one in made["layers"]]


def sums(made: dict[str, Any]) -> tuple[Layer, Layer]:
    """Returns the fully connected layers before the output together, and the whole step."""
    found = layers(made)
    connected = [layer for layer in found if layer.name in cost.FULLY_CONNECTED]
    return _sum(FULLY_CONNECTED, connected), _sum(ALL, found)


def _sum(name: str, some: Sequence[Layer]) -> Layer:
    return Layer(
        name,
        before=sum(layer.before for layer in some),
        step=sum(layer.step for layer in some),
        block=sum(layer.block for layer in some),
        frame=sum(layer.frame for layer in some),
    )


def pairs(made: dict[str, Any], panel: str) -> list[Pair]:
    """Returns the backends that were measured both ways, with `rungs.ALONE` or `rungs.TOGETHER`."""
    found = []
    for backend, both in made["backends"].items():
        before, after = (rungs.figures(both[when]).get(panel) for when in ("before", "after"))
        if before and after:
            found.append(Pair(backend, before, after))
    return found


def finding(made: dict[str, Any]) -> str:
    """Returns what hoisting does, in one line."""
    connected, whole = sums(made)
    text = (
        f"{whole.fewer_waiting:.0%} fewer operations wait for the sample before "
        f"({connected.fewer_waiting:.0%} of the fully connected layers')"
    )
    faster = [f"{pair.backend} {ratio_text(pair.ratio)}" for pair in pairs(made, rungs.ALONE)]
    return f"{text}; {', '.join(faster)} faster" if faster else text


def shown(made: dict[str, Any]) -> Group:
    """Returns the tables that the terminal prints: operations by layer, and times by backend."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="operations", title_justify="left")
    table.add_column("\nlayer", no_wrap=True)
    for heading in (
        *("before\na sample", "after: in\nthe step", "\nin blocks", "\na frame", "\nin all"),
        *("fewer\nin the step", "\nin all"),
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for layer in (*layers(made), *sums(made)):
        counts = (layer.before, layer.step, layer.block, layer.frame, layer.after)
        table.add_row(
            layer.name,
            *(amount_text(count, "") if count else "" for count in counts),
            f"{layer.fewer_waiting:.1%}",
            f"{layer.fewer:.1%}",
        )
    times = [_times(panel, found) for panel in PANELS if (found := pairs(made, panel))]
    note = (
        "A multiplication and an addition count as two. In blocks: computed ahead, for several samples at a "
        "time; a frame: computed once a frame, a sample's share of it."
    )
    return Group(table, note, *times, *(Text(text, style="red") for text in without(made)))


# The ways of generating, with what a table or panel of each is called.
PANELS = {rungs.ALONE: "a sample of one stream", rungs.TOGETHER: "a sample, in a batch"}


def _times(panel: str, found: Sequence[Pair]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=PANELS[panel], title_justify="left")
    table.add_column("backend", no_wrap=True)
    for heading in ("before", "after", "faster"):
        table.add_column(heading, justify="right", no_wrap=True)
    for pair in found:
        cells = (f"{seconds_text(f.median)} ±{f.noise:.0%}" for f in (pair.before, pair.after))
        table.add_row(pair.backend, *cells, ratio_text(pair.ratio))
    return table


def without(made: dict[str, Any]) -> list[str]:
    """Returns why backends have no figures."""
    return [
        f"{backend} {when} hoisting {both[when]['status']}: {both[when]['reason']}"
        for backend, both in made["backends"].items()
        for when in ("before", "after")
        if both[when]["status"] != ladder.OK
    ]
