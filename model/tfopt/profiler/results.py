"""Reads results files and computes the figures that tables and plots show from the raw timings."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tfopt.profiler import document
from tfopt.profiler.fields import Fields
from tfopt.profiler.ladder import FAILED, OK, REFUSED
from tfopt.profiler.statistics import Figure, percentile

_UNITS = ("single_units", "batch_units")


@dataclass(frozen=True)
class Measured:
    """The figures of one rung.

    Attributes:
        latency_s: one unit alone, in seconds; the median over items and rounds. Where an item has
            several units, an item's time over its units.
        latency_p95_s: the 95th percentile over the same timings.
        throughput: units per second in batches of `batch_items`.
        import_s: cold start: importing the framework.
        load_s: cold start: loading the model.
        first_call_s: cold start: the first item.
        peak_bytes: the most memory the process held at once, None if the system does not tell.
        cpu_single: CPU time per wall time while items ran alone; 1 is one core kept busy.
        cpu_batch: the same while batches ran.
        batch_items: items in a batch; fewer than asked for where that would have taken too long.
        single_units: units of each item that was timed alone; fewer on a slow backend.
        batch_units: the same for items in a batch.
        own_cost: whether a sample costs something else on this rung than in dense float32.
        cost: what it costs then; None if the machine's rates could not be measured.
        agreement: the part of its outputs that are the reference's, but for near-ties, if its weights have
            fewer bits than the reference's; None if all are.
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
    single_units: int = 1
    batch_units: int = 1
    own_cost: bool = False
    cost: Cost | None = None
    agreement: float | None = None

    @property
    def cold_start_s(self) -> float:
        """Import, load and first call together."""
        return self.import_s + self.load_s + self.first_call_s


@dataclass(frozen=True)
class Cost:
    """What one sample of one stream costs, and what one core was measured to do at the time.

    Attributes:
        parameters: numbers stored.
        operations: floating-point operations a sample.
        bytes: weight bytes of a sample: of a WaveNet each weight once, of a WaveRNN what hoisting leaves.
        bytes_ahead: the same when what can be made ahead is made in blocks.
        bytes_per_s: read bandwidth at the weights' footprint.
        operations_per_s: float32 arithmetic; None where something else is computed.
    """

    parameters: int
    operations: int
    bytes: float
    bytes_ahead: float
    bytes_per_s: Figure
    operations_per_s: Figure | None

    def bound_s(self, *, ahead: bool) -> float:
        """The least time for a sample, in seconds; `ahead`: with weights read in blocks."""
        reading = (self.bytes_ahead if ahead else self.bytes) / self.bytes_per_s.median
        if self.operations_per_s is None:
            return reading
        return max(reading, self.operations / self.operations_per_s.median)


@dataclass(frozen=True)
class Entry:
    """One rung of one model: its figures, or why it has none.

    `backend` is the rung's name, `native int8` for example (`tfopt.profiler.rung_names`).
    """

    backend: str
    status: str
    reason: str | None
    measured: Measured | None


@dataclass(frozen=True)
class ModelResult:
    """One model: its backends, slowest rung first.

    Attributes:
        name: what it is called.
        unit: what latency and throughput count: word, sample.
        weights_sha256: of its weights.
        items_sha256: of what items were drawn from, in their order.
        singles_sha256: of the items that were timed alone.
        batch: items in a batch, as asked for.
        entries: its backends.
        sample_rate: of the audio it generates, in Hz; None if it generates none.
        cost: what one sample costs; None if that is not known for its kind.
        naive: what the figures of naive are about; empty if they are about what all others are.
    """

    name: str
    unit: str
    weights_sha256: str
    items_sha256: str
    singles_sha256: str
    batch: int
    entries: tuple[Entry, ...]
    sample_rate: float | None = None
    cost: Cost | None = None
    naive: str = ""

    @property
    def note(self) -> str:
        """What else the figures mean; empty if nothing."""
        return f"naive {self.naive}." if self.naive and self.entry("naive") else ""

    def real_time(self, measured: Measured) -> float | None:
        """Seconds of audio that one stream yields in a second; None if no audio is generated."""
        rate = self.sample_rate
        return None if rate is None else 1.0 / (measured.latency_s.median * rate)

    def bound_s(self, measured: Measured) -> float | None:
        """The least time for a sample on one core with a rung's weights; None if no bound is known."""
        cost = measured.cost if measured.own_cost else self.cost
        return None if cost is None else cost.bound_s(ahead=False)

    def of_bound(self, measured: Measured) -> float | None:
        """Which part of the bound on one core a backend reaches; None if no bound is known.

        More than 1 means that it reads fewer bytes than `cost.bytes` a sample.
        """
        bound = self.bound_s(measured)
        return None if bound is None else bound / measured.latency_s.median

    @property
    def rung_costs(self) -> list[tuple[str, Cost]]:
        """What a sample costs on the rungs where that is not what it costs in dense float32."""
        return [(rung, one.cost) for rung, one in self.measured if one.cost is not None]

    @property
    def own_costs(self) -> bool:
        """Whether a sample costs something else than in dense float32 on a rung with figures."""
        return any(one.own_cost for _, one in self.measured)

    @property
    def reduced(self) -> bool:
        """Whether a rung with figures has weights of fewer bits than the reference's."""
        return any(one.agreement is not None for _, one in self.measured)

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
        quick: whether it only shows that all works.
        models: by name.
        machine: as `tfopt.profiler.machine` describes it.
        software: versions and TensorFlow's build.
        tfopt_version: of the program that measured.
        tfopt_commit: the commit it ran from, with a mark if it was changed; empty if it was installed.
        environment: what it measured in, if not in its own Python: a TensorFlow, or an image and its id.
    """

    name: str
    threads: int
    rounds: int
    quick: bool
    models: dict[str, ModelResult]
    machine: dict[str, Any]
    software: dict[str, Any]
    tfopt_version: str
    tfopt_commit: str = ""
    environment: dict[str, Any] = field(default_factory=dict)


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
    version = top.get("schema_version")
    if version != document.SCHEMA_VERSION:
        raise ValueError(
            f"{where}: schema_version: expected {document.SCHEMA_VERSION}, got {version!r}; "
            "measure again with this tfopt"
        )
    settings = top.object("settings")
    machine, software = top.object("machine"), top.object("software")
    _check_environment(machine, software)
    models = top.object("models")
    if not models.content:
        raise ValueError(f"{where}: models: expected at least one, got none")
    program = top.object("tfopt")
    return Profile(
        name=top.text("name"),
        threads=settings.count("threads"),
        rounds=settings.count("rounds"),
        quick=settings.flag("quick"),
        models={name: _model(name, models.object(name)) for name in models.content},
        machine=machine.content,
        software=software.content,
        tfopt_version=program.text("version"),
        tfopt_commit=_commit(program),
        environment=top.object("environment").content if "environment" in top.content else {},
    )


def _commit(program: Fields) -> str:
    if "git_commit" not in program.content:
        return ""
    changed = program.flag("uncommitted_changes")
    return program.text("git_commit")[:10] + (" with changes" if changed else "")


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
    backends, items = fields.object("backends"), fields.object("items")
    return ModelResult(
        name=name,
        unit=fields.text("unit"),
        weights_sha256=fields.text("weights_sha256"),
        items_sha256=items.text("sha256"),
        singles_sha256=items.text("singles_sha256"),
        batch=items.count("batch"),
        entries=tuple(_entry(backend, backends.object(backend)) for backend in backends.content),
        sample_rate=fields.positive("sample_rate") if "sample_rate" in fields.content else None,
        cost=_cost(fields.object("cost")) if "cost" in fields.content else None,
        naive=fields.text("naive") if "naive" in fields.content else "",
    )


def _cost(fields: Fields) -> Cost | None:
    """Reads the cost of a sample in dense float32; None if the machine's rates could not be measured."""
    if fields.items("bytes_per_s") == fields.items("operations_per_s") == []:
        return None
    measured = {name: fields.positives(name) for name in ("bytes_per_s", "operations_per_s")}
    return Cost(
        parameters=fields.count("parameters"),
        operations=fields.count("operations"),
        bytes=fields.positive("bytes"),
        bytes_ahead=fields.positive("bytes_ahead"),
        bytes_per_s=Figure.of([[value] for value in measured["bytes_per_s"]]),
        operations_per_s=Figure.of([[value] for value in measured["operations_per_s"]]),
    )


def _rung_cost(fields: Fields) -> Cost | None:
    """Reads the cost of a sample on one rung, of which no rate says how fast it is computed."""
    cost = _cost(fields)
    return None if cost is None else replace(cost, operations_per_s=None)


def _agreement(check: Fields) -> float | None:
    if "different" not in check.content:
        return None
    compared = check.count("outputs_compared")
    different = 0 if check.get("different") == 0 else check.count("different")
    if different > compared:
        raise check.error("different", f"at most {compared}", different)
    return 1 - different / compared


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
    units = {name: fields.count(name) if name in fields.content else 1 for name in _UNITS}
    alone = [[value / units["single_units"] for value in values] for values in latencies]
    together = items * units["batch_units"]
    cold = fields.object("cold_start")
    peak = fields.get("peak_bytes")
    return Measured(
        latency_s=Figure.of(alone),
        latency_p95_s=percentile([value for values in alone for value in values], 95.0),
        throughput=Figure.of(
            [[together / one.seconds("wall_s") for one in some] for some in batches]
        ),
        import_s=cold.seconds("import_s"),
        load_s=cold.seconds("load_s"),
        first_call_s=cold.seconds("first_call_s"),
        peak_bytes=None if peak is None else fields.count("peak_bytes"),
        cpu_single=_utilisation(singles),
        cpu_batch=_utilisation([one for some in batches for one in some]),
        batch_items=items,
        **units,
        own_cost="cost" in fields.content,
        cost=_rung_cost(fields.object("cost")) if "cost" in fields.content else None,
        agreement=_agreement(fields.object("check")) if "check" in fields.content else None,
    )


def _utilisation(timings: list[Fields]) -> float:
    """Returns CPU seconds per wall second over all timings."""
    cpu = sum(one.seconds("cpu_s", least=0.0) for one in timings)
    return cpu / sum(one.seconds("wall_s") for one in timings)
