"""Reads what `tfopt profile` writes with --sweep, --modules and --realtime.

The profiler's modes compute figures from these documents as they wrote them; here is checked that a file is
such a document before they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfopt.profiler import modes
from tfopt.profiler.fields import Fields
from tfopt.profiler.ladder import FAILED, OK, REFUSED
from tfopt.profiler.modes import memory, modules, realtime, sweep
from tfopt.wavenet import cost
from tfopt.wavenet.config import WavenetConfig

_RATES = ("bytes_per_s", "operations_per_s")


@dataclass(frozen=True)
class Question:
    """An answered question about a WaveNet: the document, and what was found, in one line."""

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
    if not names or not set(names) <= set(cost.MODULES):
        raise top.error("modules", f"some of {', '.join(cost.MODULES)}", names)
    for repeats in top.items("seconds_per_step"):
        try:
            modules.checked(repeats)
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
    _check_config(model)
    return top


def _check_config(fields: Fields) -> None:
    WavenetConfig.from_dict(fields.object("config").content, f"{fields.where}: {fields.place}")


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
    _check_config(row)
    _positives(row.object("rates"), *_RATES)
    if row.get("measured") is not None:
        _check_rung(row.object("measured"))
        if row.object("measured").items("rounds"):
            for one in row.object("measured").objects("rounds"):
                one.object("singles")
