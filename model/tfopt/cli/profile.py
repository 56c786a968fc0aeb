"""`tfopt profile`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from tfopt import g2p
from tfopt.cpu import available_cpus
from tfopt.profiler import output, results, run, table, words
from tfopt.profiler.plan import QUICK, Plan

_FEWEST_ROUNDS = 5
_TABLE_WIDTH = 120


@click.command(
    epilog="Example: tfopt profile --model g2p_en-1.0.1 --backend naive --backend graph --name mine"
)
@click.option(
    "--model", "names", multiple=True, help="Name or directory; repeatable. Default: all installed."
)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    type=click.Choice(g2p.BACKENDS),
    help="Repeatable. Default: all.",
)
@click.option(
    "--words",
    "count",
    type=click.IntRange(1, 100_000),
    help=f"Words timed one at a time in a round. Default: {Plan().words}.",
)
@click.option(
    "--batch", type=click.IntRange(1, 100_000), help=f"Words in a batch. Default: {Plan().batch}."
)
@click.option(
    "--rounds",
    type=click.IntRange(2, 1000),
    help=f"Times everything is measured, {_FEWEST_ROUNDS} or more unless --quick. "
    f"Default: {Plan().rounds}.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, os.cpu_count() or 1),
    help="Default: the CPUs this process may use.",
)
@click.option(
    "--words-file",
    type=click.Path(path_type=Path),
    help="Draw the words from this file, one a line. Default: 2,048 words of CMUdict.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="The order in which words are drawn.",
)
@click.option("--name", default="profile", show_default=True, help="What the results are called.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for NAME.json and NAME.png. Default: $TFOPT_RESULTS or ./results.",
)
@click.option("--quick", is_flag=True, help="A short run that only shows whether all works.")
def command(
    names: Sequence[str],
    backends: Sequence[str],
    count: int | None,
    batch: int | None,
    rounds: int | None,
    threads: int | None,
    words_file: Path | None,
    seed: int,
    name: str,
    folder: Path | None,
    quick: bool,
) -> None:
    """Measure how much faster each backend makes a model.

    Each backend runs in a process of its own, in turns with the others. Every output is compared
    with the NumPy reference: a backend that says something else gets no figures, and the exit
    status is 1.

    Shows the median and 95th percentile of one word alone, words per second in batches, the cold
    start (import, load, first call), peak memory and CPU utilisation. Writes NAME.json with every
    raw timing and NAME.png.
    """
    _need_extra()
    if rounds is not None and rounds < _FEWEST_ROUNDS and not quick:
        raise click.BadParameter(
            f"expected {_FEWEST_ROUNDS} or more without --quick, got {rounds}",
            param_hint="'--rounds'",
        )
    json_path, png_path = _targets(folder or output.default_folder(), name)
    wishes = {"words": count, "batch": batch, "rounds": rounds}
    request = run.Request(
        name=name,
        models=tuple(names),
        backends=tuple(backends),
        threads=threads or available_cpus(),
        plan=replace(QUICK if quick else Plan(), **{k: v for k, v in wishes.items() if v}),
        word_list=_words(words_file),
        seed=seed,
        quick=quick,
    )
    with _Report() as report:
        document = run.measure(request, report)
    output.write(json_path, output.as_json(document))
    profile = results.parse(document, json_path.name)
    console = Console()
    if not console.is_terminal:
        console = Console(width=_TABLE_WIDTH)
    for model in profile.models.values():
        console.print(table.of(model, profile.batch))
    console.print(table.legend(profile), style="dim")

    from tfopt.profiler.plots import ladder

    output.write(png_path, ladder.draw(profile))
    click.echo(f"Wrote {json_path} and {png_path}.")
    if without := [
        f"{model.name} {entry.backend} {entry.status}: {entry.reason}"
        for model in profile.models.values()
        for entry in model.entries
        if entry.measured is None
    ]:
        raise click.ClickException("; ".join(without))


class _Report:
    """A progress bar on a terminal, a line for each phase otherwise; both on standard error."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._phase = self._bar.add_task("", total=None)

    def __enter__(self) -> _Report:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, text: str, steps: int) -> None:
        """Shows that a phase begins."""
        if self._bar.disable:
            click.echo(f"measuring {text}" if steps else text, err=True)
        self._bar.update(self._phase, description=text, completed=0, total=steps or None)

    def step(self, text: str) -> None:
        """Shows that a step is done."""
        self._bar.update(self._phase, description=text, advance=1)

    def warn(self, text: str) -> None:
        """Shows a warning that stays."""
        self._bar.console.print(f"Warning: {text}", style="yellow", markup=False)


def _targets(folder: Path, name: str) -> tuple[Path, Path]:
    """Returns where the results go, once it is certain that they can be written."""
    try:
        output.check_name(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--name'") from error
    targets = folder / f"{name}.json", folder / f"{name}.png"
    try:
        output.prepare(list(targets))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--out'") from error
    return targets


def _words(file: Path | None) -> words.WordList:
    if file is None:
        return words.builtin()
    try:
        return words.read(file)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--words-file'") from error


def _need_extra() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise click.ClickException("profiling needs matplotlib: pip install 'tfopt[profile]'")
