"""Reads what `tfopt profile` writes with --sweep, --modules, --realtime and --hoisting.

The profiler's modes compute figures from these documents as they wrote them; here is checked that a file is
such a document before they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfopt.profiler import kinds, modes
from tfopt.profiler.fields import Fields
from tfopt.profiler.ladder import FAILED, OK, REFUSED
from tfopt.profiler.modes import hoisting, memory, modules, realtime, sweep
from tfopt.wavenet.config import WavenetConfig

_RATES = ("bytes_per_s", "operations_per_s")


@dataclass(frozen=True)
class Question:
    """An answered question about a model: the document, and what was found, in one line."""

    made: dict[str, Any]
    finding: str


class Sweep(Question):
    """Time per sample against something else."""


class Modules(Question):
    """Time per module of the native step."""


class Memory(Question):
    """Memory against minutes of audio."""


class Realtime(Question):
    """Sizes that one core runs in real time."""


class Hoisting(Question):
    """Operations and times before and after hoisting."""


def read_sweep(content: Any, where: str) -> Sweep:
    """Returns a sweep, checked; ValueError names what is wrong, as in all of these."""
    top = _frame(content, where)
    axis = top.text("sweep")
    if axis not in sweep.AXES:
        raise top.error("sweep", f"one of {', '.join(sweep.AXES)}", axis)
    for point in top.objects("points"):
        point.positive("x")
        rates = point.object("cost")
        if axis == "layers" and rates.items("bytes_per_s"):
            _positives(rates, *_RATES)
            rates.positive("operations")
            rates.positive("bytes")
        backends = point.object("backends")
        for backend in backends.content:
            _check_rung(backends.object(backend), single_units=axis == "length")
    return Sweep(top.content, sweep.finding(top.content))


def read_modules(content: Any, where: str) -> Modules:
    """Returns the times of modules."""
    top = _frame(content, where)
    names = top.texts("modules")
    known = modes.kind_of(top.content).MODULES
    if not names or not set(names) <= set(known):
        raise top.error("modules", f"some of {', '.join(known)}", names)
    for repeats in top.items("seconds_per_step"):
        try:
            modules.checked(repeats, names)
        except (TypeError, ValueError) as error:
            raise top.error("seconds_per_step", f"{len(names)} times a repeat", repeats) from error
    if top.object("rates").items("bytes_per_s"):
        _positives(top.object("rates"), "bytes_per_s")
    return Modules(top.content, modules.finding(top.content))


def read_memory(content: Any, where: str) -> Memory:
    """Returns memory over time."""
    top = _frame(content, where)
    top.text("backend")
    for look in top.objects("looks"):
        look.count("samples")
        if look.get("resident_bytes") is not None:
            look.count("resident_bytes")
    return Memory(top.content, memory.finding(top.content))


def read_realtime(content: Any, where: str) -> Realtime:
    """Returns the sizes that were predicted and measured."""
    top = _frame(content, where)
    top.text("backend")
    for row in top.objects("calibration"):
        _check_size(row)
        if not row.object("measured").items("rounds"):
            raise row.error("measured", "a time", None)
    for row in top.objects("rows"):
        _check_size(row)
    return Realtime(top.content, realtime.finding(top.content))


def read_hoisting(content: Any, where: str) -> Hoisting:
    """Returns operations and times before and after hoisting."""
    top = _frame(content, where)
    for layer in top.objects("layers"):
        layer.text("name")
        layer.positive("before")
        for name in ("step", "block", "frame"):
            if layer.get(name) != 0:
                layer.positive(name)
        if unknown := set(layer.content) - {"name", "before", "step", "block", "frame"}:
            raise layer.error(unknown.pop(), "nothing of that name", "a value")
    backends = top.object("backends")
    for backend in backends.content:
        for when in ("before", "after"):
            _check_rung(backends.object(backend).object(when))
    return Hoisting(top.content, hoisting.finding(top.content))


def _frame(content: Any, where: str) -> Fields:
    """Checks what all of them say of program, settings, model and machine."""
    top = Fields(content, where)
    if top.get("schema_version") != modes.SCHEMA_VERSION:
        raise top.error("schema_version", str(modes.SCHEMA_VERSION), top.get("schema_version"))
    top.text("name")
    settings, model = top.object("settings"), top.object("model")
    settings.count("threads")
    settings.flag("quick")
    top.object("machine").object("cpu").text("model")
    top.object("software").object("tensorflow").text("version")
    model.text("name")
    kind = model.text("kind") if "kind" in model.content else "wavenet"
    if kind not in kinds.AUDIO:
        raise model.error("kind", f"one of {', '.join(kinds.AUDIO)}", kind)
    kinds.audio(kind).config_of(model.object("config").content, f"{where}: model")
    return top


def _positives(fields: Fields, *names: str) -> None:
    for name in names:
        fields.positives(name)


def _check_rung(fields: Fields, *, single_units: bool = False) -> None:
    """Checks a backend's timings; `single_units`: whether they matter even if no call was timed alone."""
    status = fields.text("status")
    if status not in (OK, REFUSED, FAILED):
        raise fields.error("status", f"one of {OK}, {REFUSED}, {FAILED}", status)
    if status != OK:
        fields.text("reason")
    if not fields.items("rounds"):
        return
    rounds = fields.objects("rounds")
    alone, together = ("singles" in rounds[0].content), ("batches" in rounds[0].content)
    if alone or single_units:
        fields.count("single_units")
    if together:
        fields.count("batch_items")
        fields.count("batch_units")
    for one in rounds:
        if alone:
            one.object("singles").seconds_list("latency_s")
        if together:
            for batch in one.objects("batches"):
                batch.seconds("wall_s")


def _check_size(row: Fields) -> None:
    row.text("name")
    WavenetConfig.from_dict(row.object("config").content, f"{row.where}: {row.place}")
    _positives(row.object("rates"), *_RATES)
    if row.get("measured") is not None:
        _check_rung(row.object("measured"))
        if row.object("measured").items("rounds"):
            for one in row.object("measured").objects("rounds"):
                one.object("singles")
