"""The models that `tfopt profile` measures: those it is given, and some with random weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tfopt import models
from tfopt.cli.profile_options import QUESTION_OPTIONS
from tfopt.profiler import kinds, modes, random_models
from tfopt.wavenet.presets import PRESETS as WAVENETS
from tfopt.wavernn.presets import PRESETS as WAVERNNS

# What each question measures if no model is named: a kind and a size.
_USUAL = {"memory": ("wavenet", "small"), "hoisting": ("wavernn", "default")}


def with_random_weights(
    presets: Sequence[tuple[str, str]],
    configs: Sequence[Path],
    folder: Path,
    seed: int,
    pruned: random_models.Pruning | None = None,
) -> list[tuple[str, Path]]:
    """Makes the models given as a kind and size or as a config; returns their names and directories.

    Raises:
        click.UsageError: none is given and they were to be pruned, or two have one name.
        click.BadParameter: a config is wrong.
    """
    if pruned and not (presets or configs):
        raise click.UsageError(
            "--density: expected --wavenet, --wavernn or --config with it; a model of one's own is pruned "
            "with tfopt prune"
        )
    wanted: list[tuple[str, kinds.AudioConfig]] = [
        (f"{kind}-{size}", (WAVENETS if kind == "wavenet" else WAVERNNS)[size])
        for kind, size in presets
    ]
    try:
        wanted += [(path.stem, random_models.read_config(path)) for path in configs]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--config'") from error
    found: dict[str, Path] = {}
    for name, config in wanted:
        name = pruned.name(name) if pruned else name
        if name in found:
            raise click.UsageError(f"expected different names, got two called {name!r}")
        found[name] = random_models.write(folder / name, config, seed, pruned).resolve()
    return list(found.items())


def subject(
    names: Sequence[str], others: list[tuple[str, Path]], asked: str, folder: Path, seed: int
) -> modes.Subject:
    """Returns the one model that a question is about."""
    given = [(path.resolve().name, path) for path in map(models.find, names)] + others
    if len(given) > 1:
        raise click.UsageError(f"expected one model with {QUESTION_OPTIONS}, got {len(given)}")
    usual = _USUAL.get(asked, ("wavenet", "default"))
    given = given or with_random_weights([usual], [], folder, seed)
    return modes.read_subject(*given[0], asked)
