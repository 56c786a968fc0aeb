"""`tfopt quantize`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tfopt import compute_types
from tfopt.cli.paths import PATH
from tfopt.cli.unused_options import refuse
from tfopt.quantization import DEFAULT_SECONDS, Quantized, observers, quantize
from tfopt.quantization_settings import QuantizationSettings


@click.command(
    epilog="Examples: tfopt quantize ./my-model --calibrate recordings --out my-model-int8    "
    "tfopt quantize g2p_en-2.1.0 --calibrate words.txt --out my-g2p-int8",
)
@click.argument("model")
@click.option(
    "--calibrate",
    "data",
    metavar="DATA",
    required=True,
    multiple=True,
    type=PATH,
    help="An audio file, or a folder of them; for a g2p model a text file with one word a line. May be "
    "repeated.",
)
@click.option("--out", required=True, type=PATH, help="Directory to write.")
@click.option(
    "--observer",
    type=click.Choice(observers.NAMES),
    default=observers.DEFAULT,
    show_default=True,
    help="How the scale of a matrix's inputs is chosen: the largest input fits, a percentile of them fits, "
    "or the mean squared error is least.",
)
@click.option(
    "--percentile",
    type=click.FloatRange(min=0, max=100, min_open=True),
    default=observers.DEFAULT_PERCENTILE,
    show_default=True,
    help="Of --observer percentile.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="Audio to use in all, from the beginning of each file.",
)
@click.option("--speaker", type=click.IntRange(min=0), help="The number of a WaveNet's speaker.")
@click.option("--force", is_flag=True, help="Replace the directory if it exists.")
def command(
    model: str,
    data: Sequence[Path],
    out: Path,
    observer: str,
    percentile: float,
    seconds: float,
    speaker: int | None,
    force: bool,
) -> None:
    """Calibrate a model for int8_static, and measure what each compute type loses.

    MODEL is a name or a directory. What is written is the same model with the scales of its
    8-bit inputs, chosen on four fifths of DATA, and with the losses on the rest (the last fifth of
    the audio, or every fifth word), by which --compute-type auto chooses. A loss is how much
    higher than in float32 the negative log-likelihood of a sample is; for a g2p model, the part
    of the words whose phonemes change.
    """
    if observer != "percentile":
        refuse(("percentile",), f"with --observer {observer}")
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Quantizing", total=None)
        result = quantize(
            model,
            data,
            out,
            observer=observer,
            percentile=percentile,
            seconds=seconds,
            speaker=speaker,
            replace=force,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    _report(result)
    click.echo(f"wrote {out}")


def _report(result: Quantized) -> None:
    settings = result.settings
    click.echo(f"{result.data}; observer: {settings.observer}")
    table = Table(box=None, pad_edge=False)
    table.add_column("compute type", no_wrap=True)
    table.add_column(f"loss, {settings.unit}", justify="right")
    for name, loss in settings.losses.items():
        table.add_row(name, f"{loss:+.5f}")
    Console().print(table)
    click.echo(f"auto: {_chosen(settings)}")
    if not result.enough:
        click.echo(
            "Warning: that is too little data for the losses to mean much, and auto goes by them",
            err=True,
        )


def _chosen(settings: QuantizationSettings) -> str:
    return compute_types.chosen(compute_types.AUTO, "native", settings)
