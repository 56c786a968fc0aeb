"""`tfopt compare`."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from tfopt.cli.paths import PATH
from tfopt.profiler import comparability, comparison, comparison_table, output, quantities, results

_TABLE_WIDTH = 120
_NOISE = (
    "Ratios are against the first run; more than 1 is better. ±: half the range of the rounds' "
    "medians. ≈, within noise: these ranges overlap, so the difference may be none. ?: too few rounds "
    "to tell. Cold start and memory are measured once: small differences mean nothing."
)
_DRIFT = " Drift between the runs is not seen by the noise."


@click.command(epilog="Example: tfopt compare results/initial.json results/graph_loop.json")
@click.argument("files", nargs=-1, type=PATH, metavar="FILE FILE...")
@click.option(
    "--out",
    default="compare",
    show_default=True,
    help="NAME, for NAME.png and NAME.json in $TFOPT_RESULTS or ./results; or a path ending in .png.",
)
@click.option(
    "--allow",
    multiple=True,
    type=click.Choice(comparability.FIELDS),
    help="Compare although this differs; repeatable. Table and picture say so.",
)
def command(files: Sequence[Path], out: str, allow: Sequence[str]) -> None:
    """Draw two or more results of `tfopt profile` side by side, with ratios to the first.

    Files that share backends are compared backend by backend; files that hold one backend each are
    compared as the steps of a ladder. Says which figures differ by less than the noise. Runs that
    differ in machine, limits, versions, words or weights are refused with exit status 2 unless
    --allow names what differs.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise click.ClickException("comparing needs matplotlib: pip install 'tfopt[profile]'")
    if len(files) < 2:
        raise click.UsageError(f"FILE: expected two or more, got {len(files)}")
    if len({file.resolve() for file in files}) < len(files):
        raise click.UsageError("FILE: expected different files, got one twice")
    png, json = _targets(out, files)
    labels = comparison.unique_labels(files)
    try:
        runs = [results.read(file) for file in files]
        models = comparison.common_models(labels, runs)
        found = comparability.differences(runs, models)
        if refused := comparability.not_allowed(found, allow):
            _refuse(refused, labels)
        compared = comparison.compare(labels, runs, found, [comparability.PROGRAM])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'FILE'") from error
    show(compared, json, png, _NOISE + _DRIFT)


def show(compared: comparison.Comparison, json: Path, png: Path, note: str = _NOISE) -> None:
    """Writes a comparison and its picture, and prints its tables.

    Args:
        compared: the comparison.
        json: where it goes.
        png: where the picture goes.
        note: what stands below the tables.
    """
    output.write(json, output.as_json(comparison.as_json(compared)))

    from tfopt.profiler.plots import comparison as plot

    output.write(png, plot.draw(compared))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_TABLE_WIDTH)
    for model in compared.models:
        console.print(comparison_table.of(compared, model))
    for one in compared.meant:
        console.print(f"Compared: {one.text(compared.labels)}.", style="dim", markup=False)
    for one in compared.unwanted:
        text = f"Not the same in all runs: {one.text(compared.labels)}"
        console.print(text, style="yellow", markup=False)
    if compared.quick:
        text = f"{quantities.QUICK.capitalize()}: {', '.join(compared.quick)}"
        console.print(text, style="yellow", markup=False)
    console.print(note, style="dim")
    click.echo(f"Wrote {json} and {png}.")


def _targets(out: str, files: Sequence[Path]) -> tuple[Path, Path]:
    try:
        if out.endswith(".png"):
            path = Path(out)
            output.check_name(path.stem)
        else:
            path = output.default_folder() / f"{output.check_name(out)}.png"
        json = path.with_suffix(".json")  # NAME may hold dots, but ends in .png by now
        if json.resolve() in {file.resolve() for file in files}:
            raise ValueError(f"expected a name that is not one of the inputs, got {out!r}")
        output.prepare([path, json])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--out'") from error
    return path, json


def _refuse(found: Sequence[comparability.Difference], labels: Sequence[str]) -> None:
    lines = [f"  {one.text(labels)}" for one in found]
    options = " ".join(f"--allow {one.field}" for one in found)
    raise click.UsageError(
        "these runs are not comparable:\n"
        + "\n".join(lines)
        + f"\nTo compare all the same: {options}"
    )
