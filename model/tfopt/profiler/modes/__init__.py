"""What else is measured of a WaveNet than its ladder, one module for each kind of question.

Each has `measure`, which returns a results document; `shown`, which makes of it what the terminal prints;
`without`, which says what could not be measured; and a picture in `tfopt.profiler.plots`. Documents have the
same header, machine and software as a ladder's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfopt import model_directory, wavenet
from tfopt.profiler import document, random_models, surroundings
from tfopt.profiler.environments import HERE, Environment
from tfopt.profiler.kinds.wavenet import read_config
from tfopt.profiler.plan import Plan
from tfopt.profiler.progress import Reporter
from tfopt.profiler.quantities import QUICK
from tfopt.wavenet.config import WavenetConfig

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Subject:
    """A WaveNet to measure.

    Attributes:
        name: how results call it.
        config: its settings.
        directory: where it is on disk.
    """

    name: str
    config: WavenetConfig
    directory: Path


@dataclass(frozen=True)
class Request:
    """What to measure.

    Attributes:
        name: what the results are called.
        subject: the model.
        backends: rungs, slowest first.
        threads: threads each worker uses.
        plan: how much to do.
        folder: where model directories may be made.
        seed: of random weights, random numbers and conditioning.
        quick: whether the plan is the short one.
        points: where to measure, in place of the usual places; none for these.
        environment: where workers run.
    """

    name: str
    subject: Subject
    backends: tuple[str, ...]
    threads: int
    plan: Plan
    folder: Path
    seed: int = 0
    quick: bool = False
    points: tuple[float, ...] = ()
    environment: Environment = HERE

    def made(self, name: str, config: WavenetConfig) -> Subject:
        """Returns a subject of this name with random weights, made when it is first asked for."""
        directory = self.folder / name
        if not directory.exists():
            random_models.write(directory, config, self.seed)
        return Subject(name, config, directory)


def read_subject(name: str, directory: Path) -> Subject:
    """Returns the subject in a model directory; ValueError if it is no WaveNet."""
    return Subject(name, read_config(directory), directory.resolve())


def chosen(backends: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the backends asked for in the ladder's order, all if none was asked for."""
    return tuple(name for name in wavenet.BACKENDS if name in (backends or wavenet.BACKENDS))


def frame(schema: str, request: Request, reporter: Reporter) -> dict[str, Any]:
    """Returns what every document says: program, settings, model, machine, software."""
    subject = request.subject
    return {
        **document.header(schema, SCHEMA_VERSION, request.name),
        "settings": {
            "threads": request.threads,
            "seed": request.seed,
            "quick": request.quick,
            **asdict(request.plan),
        },
        **surroundings.look(reporter, [request.environment])[0],
        "model": {
            "name": subject.name,
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
    parts = [
        *([QUICK] if settings["quick"] else []),
        made["machine"]["cpu"]["model"],
        f"{threads} thread" + ("s" if threads > 1 else ""),
        f"TensorFlow {software['tensorflow']['version']}",
        describe(
            WavenetConfig.from_dict(made["model"]["config"], made["name"]),
            layers=made.get("sweep") != "layers",
        ),
    ]
    return " · ".join(parts)


def describe(config: WavenetConfig, *, layers: bool) -> str:
    """Returns a config in a few words: its channels, and its layers where they are the same throughout."""
    return (
        f"R={config.residual_channels} G={config.gate_channels} S={config.skip_channels} "
        f"E={config.end_channels}" + (f", {len(config.dilations)} layers" if layers else "")
    )
