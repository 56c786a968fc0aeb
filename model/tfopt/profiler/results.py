"""Reads results files and computes the figures that tables and plots show from the raw timings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfopt.profiler import document
from tfopt.profiler.fields import Fields
from tfopt.profiler.ladder import FAILED, OK, REFUSED
from tfopt.profiler.statistics import Figure, percentile


@dataclass(frozen=True)
class Measured:
    """The figures of one backend.

    Attributes:
        latency_s: one item alone, in seconds; the median over items and rounds.
        latency_p95_s: the 95th percentile over the same timings.
        throughput: items per second in batches of `batch_items`.
        import_s: cold start: importing the framework.
        load_s: cold start: loading the model.
        first_call_s: cold start: the first item.
        peak_bytes: the most memory the process held at once, None if the system does not tell.
        cpu_single: CPU time per wall time while items ran alone; 1 is one core kept busy.
        cpu_batch: the same while batches ran.
        batch_items: items in a batch; fewer than asked for where that would have taken too long.
    """

    latency_s: Figure
    latency_p95_s: float
    throughput: Figure
    import_s: float
    load_s: float
    first_call_s: float
    peak_bytes: int | None
    cpu_single: float
    cpu_batch: float
    batch_items: int

    @property
    def cold_start_s(self) -> float:
        """Import, load and first call together."""
        return self.import_s + self.load_s + self.first_call_s


@dataclass(frozen=True)
class Entry:
    """One backend of one model: its figures, or why it has none."""

    backend: str
    status: str
    reason: str | None
    measured: Measured | None


@dataclass(frozen=True)
class ModelResult:
    """One model: its backends, slowest rung first."""

    name: str
    unit: str
    weights_sha256: str
    single_words_sha256: str
    entries: tuple[Entry, ...]

    @property
    def measured(self) -> list[tuple[str, Measured]]:
        """The backends that have figures."""
        return [(e.backend, e.measured) for e in self.entries if e.measured is not None]

    def entry(self, backend: str) -> Entry | None:
        """Returns a backend's entry, None if it was not asked for."""
        return next((entry for entry in self.entries if entry.backend == backend), None)


@dataclass(frozen=True)
class Profile:
    """A results file.

    Attributes:
        name: what the run was called.
        threads: threads of each worker.
        rounds: rounds measured.
        batch: items in a batch, as asked for.
        quick: whether it only shows that all works.
        words_sha256: the list that words were drawn from, and their order.
        models: by name.
        machine: as `tfopt.profiler.machine` describes it.
        software: versions and TensorFlow's build.
        tfopt_version: of the program that measured.
    """

    name: str
    threads: int
    rounds: int
    batch: int
    quick: bool
    words_sha256: str
    models: dict[str, ModelResult]
    machine: dict[str, Any]
    software: dict[str, Any]
    tfopt_version: str


def read(path: Path) -> Profile:
    """Reads a results file.

    Raises:
        ValueError: it cannot be read, is not JSON, is not a results file of a version known here,
            or lacks something; the message names the file and the place.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not a results file: not UTF-8 text") from error
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a results file, or cut short: {error}") from error
    return parse(content, str(path))


def parse(content: Any, where: str) -> Profile:
    """Returns what a results file says, checked.

    Args:
        content: the decoded JSON.
        where: the file's name, for errors.

    Raises:
        ValueError: it is not a results file of a version known here, or lacks something.
    """
    top = Fields(content, where)
    if top.get("schema") != document.SCHEMA:
        raise ValueError(
            f"{where}: not a results file of `tfopt profile`: no schema {document.SCHEMA!r}"
        )
    if top.get("schema_version") != document.SCHEMA_VERSION:
        raise ValueError(
            f"{where}: schema_version: expected {document.SCHEMA_VERSION}, "
            f"got {top.get('schema_version')!r}; measure again with this tfopt"
        )
    settings = top.object("settings")
    machine, software = top.object("machine"), top.object("software")
    _check_environment(machine, software)
    models = top.object("models")
    if not models.content:
        raise ValueError(f"{where}: models: expected at least one, got none")
    return Profile(
        name=top.text("name"),
        threads=settings.count("threads"),
        rounds=settings.count("rounds"),
        batch=settings.count("batch"),
        quick=settings.flag("quick"),
        words_sha256=top.object("words").text("sha256"),
        models={name: _model(name, models.object(name)) for name in models.content},
        machine=machine.content,
        software=software.content,
        tfopt_version=top.object("tfopt").text("version"),
    )


def _check_environment(machine: Fields, software: Fields) -> None:
    """Checks what the comparison and the plots rely on."""
    cpu = machine.object("cpu")
    cpu.text("model")
    cpu.texts("instruction_sets")
    cgroup = machine.object("cgroup")
    if cgroup.get("cpus") is not None:
        cgroup.positive("cpus")
    if cgroup.get("memory_bytes") is not None:
        cgroup.count("memory_bytes")
    machine.object("cores").count("affinity")
    for name in ("python", "numpy"):
        software.text(name)
    tensorflow = software.object("tensorflow")
    for name in ("version", "git_version", "compiler"):
        tensorflow.text(name)
    for name in ("compile_flags", "distributions"):
        tensorflow.texts(name)
    settings = tensorflow.object("settings")
    for name in settings.content:
        settings.text(name)
    if tensorflow.get("instruction_sets") is not None:
        sets = tensorflow.object("instruction_sets")
        for name in ("compiled_with", "not_compiled_with"):
            sets.texts(name)


def _model(name: str, fields: Fields) -> ModelResult:
    backends = fields.object("backends")
    return ModelResult(
        name=name,
        unit=fields.text("unit"),
        weights_sha256=fields.text("weights_sha256"),
        single_words_sha256=fields.text("single_words_sha256"),
        entries=tuple(_entry(backend, backends.object(backend)) for backend in backends.content),
    )


def _entry(backend: str, fields: Fields) -> Entry:
    status = fields.text("status")
    if status not in (OK, REFUSED, FAILED):
        raise fields.error("status", f"one of {OK}, {REFUSED}, {FAILED}", status)
    if status != OK:
        return Entry(backend, status, fields.text("reason"), None)
    return Entry(backend, status, None, _measured(fields))


def _measured(fields: Fields) -> Measured:
    rounds = fields.objects("rounds")
    singles = [one.object("singles") for one in rounds]
    batches = [one.objects("batches") for one in rounds]
    latencies = [one.seconds_list("latency_s") for one in singles]
    items = fields.count("batch_items")
    cold = fields.object("cold_start")
    peak = fields.get("peak_bytes")
    return Measured(
        latency_s=Figure.of(latencies),
        latency_p95_s=percentile([value for values in latencies for value in values], 95.0),
        throughput=Figure.of([[items / one.seconds("wall_s") for one in some] for some in batches]),
        import_s=cold.seconds("import_s"),
        load_s=cold.seconds("load_s"),
        first_call_s=cold.seconds("first_call_s"),
        peak_bytes=None if peak is None else fields.count("peak_bytes"),
        cpu_single=_utilisation(singles),
        cpu_batch=_utilisation([one for some in batches for one in some]),
        batch_items=items,
    )


def _utilisation(timings: list[Fields]) -> float:
    """Returns CPU seconds per wall second over all timings."""
    cpu = sum(one.seconds("cpu_s", least=0.0) for one in timings)
    return cpu / sum(one.seconds("wall_s") for one in timings)
