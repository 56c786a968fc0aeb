"""What the profiler must know of each kind of model, one module for each kind.

A kind is added by a module here, one in `tfopt.profiler.workloads`, and its line in both tables. Nothing here
imports a framework: models run in workers.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from tfopt.profiler import rung_names
from tfopt.profiler.check import CheckReport
from tfopt.profiler.plan import Plan
from tfopt.profiler.words import WordList
from tfopt.quantization_settings import QuantizationSettings
from tfopt.roofline import Work
from tfopt.stored_weights import FLOAT32, StoredWeights
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig

# kind, as in a model's config.json: module
KINDS = {
    "g2p": "tfopt.profiler.kinds.g2p",
    "wavenet": "tfopt.profiler.kinds.wavenet",
    "wavernn": "tfopt.profiler.kinds.wavernn",
}
# The rungs of all kinds, slowest first.
LADDER = ("naive", "cached", "graph", "xla", "fused", "native")

# Those whose models generate audio.
AUDIO = ("wavenet", "wavernn")
AudioConfig = WavenetConfig | WavernnConfig

# JSON values: what one call of a worker is given, and says what it must give back.
Items = list[Any]
# Has a worker run items as "singles" or as a batch ("batches"), and returns the wall seconds.
Timing = Callable[[str, Items], float]


@dataclass(frozen=True)
class Pace:
    """What a rung was found to be able to do.

    Attributes:
        batch: the items it is timed with as one batch; none if it is to be timed without.
        batch_s: seconds for that batch.
        unit_s: seconds for one unit alone.
        rehearsal: items that warm a rung up for that batch.
    """

    batch: Items
    batch_s: float
    unit_s: float
    rehearsal: Items


class Checker(Protocol):
    """Compares what workers give with the reference."""

    def prepare(self, items: Items) -> None:
        """Computes what can be computed before anything is timed."""

    def check(self, items: Items, results: Any, report: CheckReport) -> None:
        """Compares a call's results, each a list of one output an item, and adds to the report.

        Raises:
            OutputDiffersError: an output is not the reference's, and rounding does not explain it.
        """


class Course(Protocol):
    """The calls that the rungs of one model are timed with."""

    def adapted(self, backend: str) -> Course:
        """Returns the course for one rung; most rungs have the same."""

    @property
    def source(self) -> dict[str, Any]:
        """What the items come from, for the record."""

    @property
    def batch(self) -> int:
        """Items in a batch, as asked for."""

    def known(self) -> Items:
        """Returns the items that are known before anything was timed."""

    def first(self) -> Items:
        """Returns one item, which is not timed afterwards: the first call of the cold start."""

    def calibrate(self, timing: Timing) -> Pace:
        """Has a rung checked and warmed up, and finds out what it can do in the time that it gets."""

    def singles(self, slowest: float) -> Items:
        """Returns the items timed one at a time, the same for every rung.

        Args:
            slowest: seconds that the slowest rung needs for a unit.
        """

    def fitted(self, items: Items, pace: Pace) -> Items:
        """Returns the items as this rung runs them, shorter if it is slow."""

    def units(self, item: Any) -> int:
        """Returns how many units one item has."""

    def digest(self, items: Items) -> str:
        """Returns a hash that tells whether two runs used the same items, whatever their lengths."""


@dataclass(frozen=True)
class Model:
    """A model to measure, as its kind sees it.

    Attributes:
        unit: what latency and throughput count: word, sample.
        rungs: to measure, slowest first.
        course: what they are timed with.
        about: what else goes into the results file.
        work: what a sample costs in dense float32; None if that is not known.
        rung_work: what it costs on rungs where that is something else.
    """

    unit: str
    rungs: tuple[str, ...]
    course: Course
    about: dict[str, Any] = field(default_factory=dict)
    work: Work | None = None
    rung_work: Mapping[str, Work] = field(default_factory=dict)

    @property
    def footprints(self) -> set[int]:
        """Bytes that its rungs read again and again, which the machine is to be measured at."""
        works = [work for work in (self.work, *self.rung_work.values()) if work is not None]
        return {int(work.bytes) for work in works}


@dataclass(frozen=True)
class Wishes:
    """What the user chose for all models.

    Attributes:
        word_list: where words come from.
        seed: of random numbers, and of the order of words.
        plan: how much to do.
        backends: to measure, as far as a model has them; none for all.
        types: what `native` is to compute in; none for float32.
    """

    word_list: WordList
    seed: int
    plan: Plan
    backends: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def rungs(
        self, backends: tuple[str, ...], quantization: QuantizationSettings | None
    ) -> tuple[str, ...]:
        """Returns the rungs to measure of a model that has these backends.

        Raises:
            rung_names.NoSuchRungError: it has none of those asked for, or cannot compute in a type asked for.
        """
        found = tuple(name for name in backends if name in (self.backends or backends))
        if not found:
            has, got = ", ".join(backends), ", ".join(self.backends)
            raise rung_names.NoSuchRungError(
                f"backend: expected one that it has ({has}), got {got}"
            )
        return rung_names.chosen(found, self.types, quantization)


class Kind(Protocol):
    """A module here."""

    def model(self, directory: Path, wishes: Wishes) -> Model:
        """Returns what to measure of a model; ValueError if its config is wrong."""

    def checker(self, directory: Path) -> Checker:
        """Returns what knows the model's right outputs; ValueError if its files are wrong."""


class AudioKind(Kind, Protocol):
    """A module here of models that generate audio: more is asked of them (`tfopt.profiler.modes`).

    Attributes:
        NAME: what people call such models.
        BACKENDS: their rungs, slowest first.
        MODULES: the parts in which the native step is timed.
    """

    NAME: str
    BACKENDS: tuple[str, ...]
    MODULES: tuple[str, ...]

    def read_config(self, directory: Path) -> AudioConfig:
        """Returns the config of a model directory; ValueError if it is wrong."""

    def config_of(self, settings: Mapping[str, Any], where: str) -> AudioConfig:
        """Returns the config that settings describe; ValueError naming `where` if they are wrong."""

    def course(self, config: Any, plan: Plan, seed: int) -> Course:
        """Returns the calls to time a model of this config with."""

    def work(self, config: Any, stored: StoredWeights = FLOAT32) -> Work:
        """Returns what a sample costs; `bytes` is the footprint."""

    def modules(self, config: Any, stored: StoredWeights = FLOAT32) -> dict[str, Work]:
        """Returns what each of the `MODULES` that the model has costs."""

    def describe(self, config: Any) -> str:
        """Returns a config in a few words."""


def of(kind: str) -> Kind:
    """Returns the module of a kind of model that is in `KINDS`."""
    return cast(Kind, importlib.import_module(KINDS[kind]))


def audio(kind: str) -> AudioKind:
    """Returns the module of a kind of model that generates audio."""
    return cast(AudioKind, importlib.import_module(KINDS[kind]))
