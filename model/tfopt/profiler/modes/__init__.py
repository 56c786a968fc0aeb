"""What else than its ladder is measured of a model that generates audio, one module for each question.

Each has `measure`, which returns a results document; `shown`, which makes of it what the terminal prints;
`without`, which says what could not be measured; and a picture in `tfopt.profiler.plots`. Documents have the
same header, machine and software as a ladder's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfopt import model_directory
from tfopt.profiler import document, kinds, random_models, rung_names, surroundings
from tfopt.profiler.environments import HERE, Environment
from tfopt.profiler.kinds import AudioConfig, AudioKind
from tfopt.profiler.kinds import wavenet as wavenets
from tfopt.profiler.plan import Plan
from tfopt.profiler.progress import Reporter
from tfopt.profiler.quantities import QUICK
from tfopt.wavenet.config import WavenetConfig

SCHEMA_VERSION = 1
# Questions that are about the last rung asked for.
_ABOUT_ONE_RUNG = ("memory", "modules", "realtime")
# Questions that not all kinds can be asked.
_ASKED_OF = {"layers": ("wavenet",), "realtime": ("wavenet",), "hoisting": ("wavernn",)}


@dataclass(frozen=True)
class Subject:
    """A model to measure.

    Attributes:
        name: how results call it.
        kind: as in its config.json.
        config: its settings.
        directory: where it is on disk.
    """

    name: str
    kind: str
    config: AudioConfig
    directory: Path

    @property
    def module(self) -> AudioKind:
        """What the profiler knows of models of this kind."""
        return kinds.audio(self.kind)


@dataclass(frozen=True)
class Request:
    """What to measure.

    Attributes:
        name: what the results are called.
        subject: the model.
        rungs: to measure, slowest first.
        threads: threads each worker uses.
        plan: how much to do.
        folder: where model directories may be made.
        seed: of random weights, random numbers and conditioning.
        quick: whether the plan is the short one.
        points: where to measure, in place of the usual places; none for these.
        environment: where workers run.
        pruned: how models with random weights are pruned, as the subject was; None if they are not.
    """

    name: str
    subject: Subject
    rungs: tuple[str, ...]
    threads: int
    plan: Plan
    folder: Path
    seed: int = 0
    quick: bool = False
    points: tuple[float, ...] = ()
    environment: Environment = HERE
    pruned: random_models.Pruning | None = None

    @property
    def compute_type(self) -> str:
        """What the last rung computes in."""
        return rung_names.split(self.rungs[-1])[1]

    def made(self, name: str, config: WavenetConfig) -> Subject:
        """Returns a WaveNet of this name with random weights, made when it is first asked for."""
        directory = self.folder / name
        if not directory.exists():
            random_models.write(directory, config, self.seed, self.pruned)
        return Subject(name, "wavenet", config, directory)


def read_subject(name: str, directory: Path, question: str = "") -> Subject:
    """Returns the subject in a model directory.

    Args:
        name: how results call it.
        directory: where it is.
        question: what is asked of it; an error names the kinds of which that can be asked.

    Raises:
        ValueError: its kind generates no audio.
    """
    kind = model_directory.read_settings(directory).get("kind")
    if kind not in list(kinds.AUDIO):  # a list, since the kind may be anything that JSON holds
        expected = " or ".join(map(repr, _ASKED_OF.get(question, kinds.AUDIO)))
        path = directory / model_directory.CONFIG
        raise ValueError(f"{path}: kind: expected {expected}, got {kind!r}")
    config = kinds.audio(kind).read_config(directory)
    return Subject(name, kind, config, directory.resolve())


def chosen(
    question: str, subject: Subject, backends: tuple[str, ...], types: tuple[str, ...]
) -> tuple[str, ...]:
    """Returns the rungs asked for in the ladder's order, all of float32 if none was asked for.

    Raises:
        ValueError: a type cannot be measured, or the question is about one type and several were asked for.
    """
    if question in _ABOUT_ONE_RUNG and len(types) > 1:
        raise ValueError(f"compute_type: expected one with {question}, got {', '.join(types)}")
    has = subject.module.BACKENDS
    found = tuple(name for name in has if name in (backends or has))
    return rung_names.chosen(found, types, subject.config.quantization)


def expect_wavenet(question: str, subject: Subject) -> WavenetConfig:
    """Returns the subject's config; ValueError if it is none of a WaveNet, which alone can be asked this."""
    if not isinstance(subject.config, WavenetConfig):
        name, got = subject.name, subject.module.NAME
        raise ValueError(f"{question}: expected a WaveNet, got {name}, a {got}")
    return subject.config


def frame(schema: str, request: Request, reporter: Reporter) -> dict[str, Any]:
    """Returns what every document says: program, settings, model, machine, software."""
    subject = request.subject
    return {
        **document.header(schema, SCHEMA_VERSION, request.name),
        "settings": {
            "threads": request.threads,
            "seed": request.seed,
            "quick": request.quick,
            **({"pruned": asdict(request.pruned)} if request.pruned else {}),
            **asdict(request.plan),
        },
        **surroundings.look(reporter, [request.environment])[0],
        "model": {
            "name": subject.name,
            "kind": subject.kind,
            "weights_sha256": model_directory.weights_hash(subject.directory),
            "config": subject.config.to_dict(),
        },
    }


def heading(made: dict[str, Any], backend: str, finding: str) -> str:
    """Returns a picture's title: the model, the backend if it is one, and what was found.

    A quick run has found nothing.
    """
    name = ", ".join(filter(None, (made["model"]["name"], backend)))
    return f"{name}: {QUICK if made['settings']['quick'] else finding}"


def subtitle(made: dict[str, Any]) -> str:
    """Returns the line that says what was measured on what."""
    software, settings = made["software"], made["settings"]
    threads = settings["threads"]
    config = config_of(made)
    if made.get("sweep") == "layers" and isinstance(config, WavenetConfig):
        described = wavenets.channels(config)
    else:
        described = kind_of(made).describe(config)
    parts = [
        *([QUICK] if settings["quick"] else []),
        made["machine"]["cpu"]["model"],
        f"{threads} thread" + ("s" if threads > 1 else ""),
        f"TensorFlow {software['tensorflow']['version']}",
        described,
    ]
    return " · ".join(parts)


def kind_of(made: dict[str, Any]) -> AudioKind:
    """Returns the kind of the model that a document is about: a WaveNet, where none was written yet."""
    return kinds.audio(made["model"].get("kind", "wavenet"))


def config_of(made: dict[str, Any]) -> AudioConfig:
    """Returns the config of the model that a document is about; ValueError if it is wrong."""
    return kind_of(made).config_of(made["model"]["config"], made["name"])
