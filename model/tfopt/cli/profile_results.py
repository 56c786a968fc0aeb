"""Measures for `tfopt profile`, writes the results and shows them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from tfopt.cli import compare
from tfopt.cli.profile_options import SWEEPS
from tfopt.profiler import comparability, comparison, modes, output, results, run, table
from tfopt.profiler.environments import Environment
from tfopt.profiler.progress import Report

_TABLE_WIDTH = 120


def places(folder: Path, name: str) -> tuple[Path, Path]:
    """Returns where the results go, once it is certain that they can be written."""
    try:
        output.check_name(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--name'") from error
    found = folder / f"{name}.json", folder / f"{name}.png"
    try:
        output.prepare(list(found))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--out'") from error
    return found


def measure_ladders(
    request: run.Request,
    targets: tuple[Path, Path],
    environments: Sequence[Environment],
    subject: Sequence[str],
) -> None:
    """Measures ladders, shows and writes the results: of one environment, or of several compared."""
    single = len(environments) == 1
    labels = [environment.label for environment in environments]
    files = (
        [targets[0]]
        if single
        else [places(targets[0].parent, f"{request.name}-{label}")[0] for label in labels]
    )
    with Report() as report:
        documents = run.measure(request, report, environments)
    for file, document in zip(files, documents, strict=True):
        output.write(file, output.as_json(document))
    profiles = [
        results.parse(document, file.name) for file, document in zip(files, documents, strict=True)
    ]
    if single:
        _show(profiles[0], targets)
    else:
        found = comparability.differences(profiles, list(profiles[0].models))
        compare.show(comparison.compare(labels, profiles, found, subject), *targets)
        click.echo(f"Wrote {', '.join(map(str, files))}.")
    if without := [
        " ".join(
            filter(None, (label, model.name, entry.backend, f"{entry.status}: {entry.reason}"))
        )
        for label, profile in zip(labels, profiles, strict=True)
        for model in profile.models.values()
        for entry in model.entries
        if entry.measured is None
    ]:
        raise click.ClickException("; ".join(without))


def measure_question(asked: str, request: modes.Request, targets: tuple[Path, Path]) -> None:
    """Measures something else than ladders, shows and writes the results."""
    is_sweep = asked in SWEEPS and asked != "memory"
    mode: Any = importlib.import_module(f"tfopt.profiler.modes.{'sweep' if is_sweep else asked}")
    measure: Callable[..., dict[str, Any]] = mode.measure
    with Report() as report:
        document = measure(asked, request, report) if is_sweep else measure(request, report)
    output.write(targets[0], output.as_json(document))
    console = _console()
    console.print(mode.shown(document))
    plot: Any = importlib.import_module(mode.__name__.replace(".modes.", ".plots."))
    _finish(targets, plot.draw(document))
    if failed := mode.without(document):
        raise click.ClickException("; ".join(failed))


def _show(profile: results.Profile, targets: tuple[Path, Path]) -> None:
    """Shows one environment's ladders and draws them."""
    console = _console()
    for model in profile.models.values():
        console.print(table.of(model))
    console.print(table.legend(profile), style="dim")

    from tfopt.profiler.plots import ladder

    _finish(targets, ladder.draw(profile))


def _finish(targets: tuple[Path, Path], picture: bytes) -> None:
    output.write(targets[1], picture)
    click.echo(f"Wrote {targets[0]} and {targets[1]}.")


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_TABLE_WIDTH)
