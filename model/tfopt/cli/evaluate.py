"""`tfopt evaluate`."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from tfopt import compute_types, wavenet
from tfopt.cli.paths import PATH
from tfopt.cli.unused_options import refuse
from tfopt.evaluation import (
    g2p,
    metrics,
    pronunciations,
    recordings,
    results,
    subjects,
    table,
    vocoders,
)
from tfopt.profiler import document, output, surroundings
from tfopt.profiler.environments import HERE
from tfopt.profiler.progress import Report

_TABLE_WIDTH = 150  # lines that are longer than a terminal's are better than figures cut off


@click.command(
    epilog="Examples: tfopt evaluate ./my-wavernn recordings/ --out results/my-wavernn    "
    "tfopt evaluate g2p_en-2.1.0 ./pruned-g2p cmudict.dict --compute-type float32 --compute-type int8",
)
@click.argument("models", metavar="MODEL...", nargs=-1, required=True)
@click.argument("data", metavar="DATA", type=PATH)
@click.option(
    "--compute-type",
    "types",
    multiple=True,
    type=click.Choice(compute_types.COMPUTE_TYPES),
    help="Repeatable. Default: all that a model has.",
)
@click.option(
    "--backend",
    type=click.Choice(wavenet.BACKENDS),
    default=wavenet.DEFAULT_BACKEND,
    show_default=True,
    help="How the models run; native alone has other compute types than float32.",
)
@click.option(
    "--out",
    type=PATH,
    help="Path of the results without an ending: .json, .md and .png are put behind it. Default: evaluation "
    "in $TFOPT_RESULTS or ./results.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Times that speed is measured. Of more recordings than that, each is generated once.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="WaveNet, WaveRNN: the most to take of each recording, from its beginning.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--speaker", type=click.IntRange(min=0), help="The number of a WaveNet's speaker.")
@click.option("--perceptual", is_flag=True, help="WaveNet, WaveRNN: also STOI and PESQ, of speech.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="g2p: for batches. One stream of audio takes one.",
)
def command(
    models: Sequence[str],
    data: Path,
    types: Sequence[str],
    backend: str,
    out: Path | None,
    rounds: int,
    seconds: float,
    seed: int,
    speaker: int | None,
    perceptual: bool,
    threads: int,
) -> None:
    """Measure how accurate models are in each compute type, beside how fast.

    MODEL is the name or directory of a WaveNet, WaveRNN or g2p model; several are put into one table, such
    as one model pruned to several densities. DATA is, for WaveNets and WaveRNNs, an audio file or a folder of
    them: the negative log-likelihood of their samples, and how far generated audio is from them. For g2p
    models DATA is a file in CMUdict's format: the words and phonemes that are wrong.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise click.ClickException("evaluating needs matplotlib: pip install 'tfopt[profile]'")
    targets = _targets(out)
    found = subjects.read(models)
    for subject in found:
        subject.types(types, backend)  # what it has not is known before anything is measured
    plan: g2p.Plan | vocoders.Plan
    measure: Callable[[Report], results.Evaluation]
    if found[0].sort == metrics.G2P:
        refuse(("speaker", "perceptual", "seconds", "seed"), "with g2p models")
        plan = g2p.Plan(backend, rounds, threads)
        measure = partial(g2p.evaluate, found, pronunciations.read(data), types, plan)
    else:
        refuse(("threads",), "with models of audio, of which a stream takes one")
        plan = vocoders.Plan(backend, rounds, seconds, seed, speaker, perceptual)
        measure = partial(vocoders.evaluate, found, recordings.find(data), types, plan)
    with Report() as report:
        about = surroundings.look(report, [HERE])[0]
        evaluation = measure(report)
    name = targets[0].stem
    made = {
        **document.header(results.SCHEMA, results.SCHEMA_VERSION, name),
        "settings": {"threads": 1, **asdict(plan)},
        **about,
        **results.as_json(evaluation),
    }
    output.write(targets[0], output.as_json(made))
    output.write(targets[1], table.markdown(evaluation, name).encode())

    from tfopt.evaluation import plot

    machine = f"{about['machine']['cpu']['model']} · {backend}"
    output.write(targets[2], plot.draw(evaluation, machine))
    console = Console(width=max(Console().width, _TABLE_WIDTH))
    console.print(table.of(evaluation))
    console.print(table.legend(evaluation), style="dim", markup=False, highlight=False)
    click.echo(f"Wrote {', '.join(map(str, targets))}.")


def _targets(out: Path | None) -> list[Path]:
    """The files to write, once it is certain that they can be."""
    path = output.default_folder() / "evaluation" if out is None else out
    try:
        output.check_name(path.name)
        found = [path.with_name(f"{path.name}.{ending}") for ending in ("json", "md", "png")]
        output.prepare(found)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--out'") from error
    return found
