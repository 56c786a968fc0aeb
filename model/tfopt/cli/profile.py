"""`tfopt profile`."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from tfopt import models
from tfopt.cli import compare, environment_options
from tfopt.cli.several_values import SeveralValues
from tfopt.cli.termination import orderly
from tfopt.profiler import (
    comparability,
    comparison,
    kinds,
    modes,
    output,
    random_models,
    results,
    run,
    table,
    words,
)
from tfopt.profiler.environments import Environment
from tfopt.profiler.plan import QUICK, Plan
from tfopt.profiler.progress import Report
from tfopt.wavenet.presets import PRESETS as WAVENETS
from tfopt.wavernn.presets import PRESETS as WAVERNNS

_FEWEST_ROUNDS = 5
_TABLE_WIDTH = 120
_SWEEPS = ("layers", "threads", "batch", "length", "memory")
# In what environments are meant to differ, and images besides.
_SUBJECT = ("tensorflow", "tensorflow-build")
_SUBJECT_OF_IMAGES = (comparability.PROGRAM, *_SUBJECT)
# What is measured besides the installed models if none is named.
_ALWAYS = ("wavernn", "small")
# What each question measures if no model is named: a kind and a size.
_USUAL = {"memory": ("wavenet", "small"), "hoisting": ("wavernn", "default")}
_QUESTIONS = "--sweep, --modules, --realtime or --hoisting"
_EXAMPLES = """\b
Examples:
  tfopt profile --model g2p_en-1.0.1 --backend naive --backend graph --name mine
  tfopt profile --wavenet default --threads 1 --name wavenet
  tfopt profile --wavernn default small --threads 1 --name wavernn
  tfopt profile --config my_wavenet.json --backend native --samples 24000
  tfopt profile --sweep layers --threads 1
  tfopt profile --modules --wavenet small
  tfopt profile --realtime --config my_wavenet.json
  tfopt profile --hoisting --wavernn small --threads 1
  tfopt profile --tensorflow tensorflow-cpu==2.14.0 intel-tensorflow-avx512==2.14.0 --name builds
  tfopt profile --image old=tfopt:1 --image new=tfopt:2 --cpus 2 --memory 4G --name images
"""


def _numbers(context: click.Context, option: click.Parameter, text: str) -> tuple[float, ...]:
    """Reads numbers with commas between them."""
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise click.BadParameter(f"expected numbers such as 2,4,8, got {text!r}") from error


@click.command(cls=SeveralValues, epilog=_EXAMPLES)
@click.option(
    "--model",
    "names",
    multiple=True,
    help="Name or directory; repeatable. Default: all installed, and the small WaveRNN.",
)
@click.option(
    "--wavenet",
    "wavenets",
    multiple=True,
    type=click.Choice(tuple(WAVENETS)),
    help="A WaveNet of this size with random weights; repeatable. default: R=64, S=256, 20 layers; "
    "small: R=32, S=128, 10 layers.",
)
@click.option(
    "--wavernn",
    "wavernns",
    multiple=True,
    type=click.Choice(tuple(WAVERNNS)),
    help="A WaveRNN of this size with random weights; repeatable. default: two GRUs of 512; small: of 128.",
)
@click.option(
    "--config",
    "configs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A WaveNet or WaveRNN of this config.json with random weights; repeatable.",
)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    type=click.Choice(kinds.LADDER),
    help="Repeatable. Default: all that the model has.",
)
@environment_options.options
@click.option(
    "--sweep",
    type=click.Choice(_SWEEPS),
    help="Time per sample against the layers of a WaveNet (two blocks of so many), threads, streams in a "
    "batch, or samples of a call; or memory against minutes of audio.",
)
@click.option("--points", default="", callback=_numbers, help="Where to measure a sweep: 2,4,8.")
@click.option("--modules", is_flag=True, help="Time per module inside the native step.")
@click.option(
    "--realtime",
    is_flag=True,
    help="Which sizes of WaveNet one core of this CPU runs in real time, and whether it runs this one.",
)
@click.option(
    "--hoisting",
    is_flag=True,
    help="A WaveRNN's operations and time for a sample, before and after all that does not depend on the "
    "sample before was taken out of the step.",
)
@click.option(
    "--words",
    "count",
    type=click.IntRange(1, 100_000),
    help=f"g2p: words timed one at a time in a round. Default: {Plan().words}.",
)
@click.option(
    "--samples",
    type=click.IntRange(8, 1_000_000),
    help="WaveNet, WaveRNN: samples of a stream timed alone, an eighth of it in a batch; slow backends make "
    f"fewer. Default: {Plan().samples}.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 100_000),
    help=f"Words, or streams, in a batch. Default: {Plan().batch} words, {Plan().streams} streams.",
)
@click.option(
    "--rounds",
    type=click.IntRange(2, 1000),
    help=f"Times everything is measured, {_FEWEST_ROUNDS} or more unless --quick. "
    f"Default: {Plan().rounds}; {_FEWEST_ROUNDS} if no model is named.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Default: the CPUs this process may use; with --image, --cpus rounded down.",
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
    help="The order in which words are drawn; random weights and random numbers.",
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
    wavenets: Sequence[str],
    wavernns: Sequence[str],
    configs: Sequence[Path],
    backends: Sequence[str],
    tensorflow: Sequence[str],
    images: Sequence[str],
    cpus: float | None,
    memory: str | None,
    sweep: str | None,
    points: tuple[float, ...],
    modules: bool,
    realtime: bool,
    hoisting: bool,
    count: int | None,
    samples: int | None,
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
    start (import, load, first call), peak memory and CPU utilisation. Of a WaveNet or WaveRNN: the time
    for a sample, samples per second, how many seconds of audio that is, and the part reached of what one
    core can do. Writes NAME.json with every raw timing and NAME.png.

    With --tensorflow or --image the same is done in each of several environments, all of them in turns.
    Writes NAME-LABEL.json for each and, as NAME.json and NAME.png, their comparison.

    --sweep, --modules, --realtime and --hoisting ask something else of one model that generates audio.
    """
    _need_extra()
    if rounds is not None and rounds < _FEWEST_ROUNDS and not quick:
        raise click.BadParameter(
            f"expected {_FEWEST_ROUNDS} or more without --quick, got {rounds}",
            param_hint="'--rounds'",
        )
    asked = _asked(sweep, modules=modules, realtime=realtime, hoisting=hoisting)
    if asked and (tensorflow or images):
        raise click.UsageError(f"expected {_QUESTIONS} without --tensorflow and --image")
    if points and not sweep:
        raise click.UsageError("--points: expected --sweep with it")
    targets = _targets(folder or output.default_folder(), name)
    wishes = {
        "words": count,
        "samples": samples,
        "batch": batch,
        "streams": batch,
        "rounds": rounds,
    }
    plan = replace(QUICK if quick else Plan(), **{k: v for k, v in wishes.items() if v})
    where = environment_options.chosen(tensorflow, images, cpus, memory)
    with _scratch() as made, where(made) as environments:
        threads = _threads(threads, environments, in_containers=bool(images))
        presets = [("wavenet", size) for size in wavenets]
        presets += [("wavernn", size) for size in wavernns]
        if asked is None and not (names or presets or configs) and models.names():
            names, presets = models.names(), [_ALWAYS]
            if not (rounds or quick):  # so that all of them take a few minutes
                plan = replace(plan, rounds=_FEWEST_ROUNDS)
        others = _with_random_weights(presets, configs, made, seed)
        if asked is None:
            request = run.Request(
                name=name,
                models=tuple(names),
                backends=tuple(backends),
                threads=threads,
                plan=plan,
                word_list=_words(words_file),
                seed=seed,
                quick=quick,
                others=tuple(others),
            )
            _ladders(request, targets, environments, _SUBJECT_OF_IMAGES if images else _SUBJECT)
        else:
            subject = _subject(names, others, asked, made, seed)
            question = modes.Request(
                name=name,
                subject=subject,
                backends=modes.chosen(subject, tuple(backends)),
                threads=threads,
                plan=plan,
                folder=made,
                seed=seed,
                quick=quick,
                points=points,
            )
            _answer(asked, question, targets)


def _threads(asked: int | None, environments: Sequence[Environment], *, in_containers: bool) -> int:
    """Returns the threads of each worker: those asked for, else one for each CPU that it may use."""
    usable = min(environment.cpus for environment in environments)
    most, whose = (usable, "--cpus") if in_containers else (os.cpu_count() or 1, "this machine's")
    if asked is not None and asked > most:
        raise click.BadParameter(
            f"expected at most {whose} {most}, got {asked}", param_hint="'--threads'"
        )
    return asked or usable


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Gives a folder that is gone at the end, also when the process is told to end."""
    with orderly(), tempfile.TemporaryDirectory(prefix="tfopt-profile-") as folder:
        yield Path(folder)


def _asked(sweep: str | None, **flags: bool) -> str | None:
    """Returns what is asked for besides the ladder; None for the ladder."""
    found = [sweep] * bool(sweep) + [name for name, given in flags.items() if given]
    if len(found) > 1:
        raise click.UsageError(f"expected one of {_QUESTIONS}, got several")
    return found[0] if found else None


def _with_random_weights(
    presets: Sequence[tuple[str, str]], configs: Sequence[Path], folder: Path, seed: int
) -> list[tuple[str, Path]]:
    """Makes the models given as a kind and size or as a config; returns their names and directories."""
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
        if name in found:
            raise click.UsageError(f"expected different names, got two called {name!r}")
        found[name] = random_models.write(folder / name, config, seed).resolve()
    return list(found.items())


def _subject(
    names: Sequence[str], others: list[tuple[str, Path]], asked: str, folder: Path, seed: int
) -> modes.Subject:
    """Returns the one model that a question is about."""
    given = [(path.resolve().name, path) for path in map(models.find, names)] + others
    if len(given) > 1:
        raise click.UsageError(f"expected one model with {_QUESTIONS}, got {len(given)}")
    usual = _USUAL.get(asked, ("wavenet", "default"))
    given = given or _with_random_weights([usual], [], folder, seed)
    return modes.read_subject(*given[0], asked)


def _ladders(
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
        else [_targets(targets[0].parent, f"{request.name}-{label}")[0] for label in labels]
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


def _show(profile: results.Profile, targets: tuple[Path, Path]) -> None:
    """Shows one environment's ladders and draws them."""
    console = _console()
    for model in profile.models.values():
        console.print(table.of(model))
    console.print(table.legend(profile), style="dim")

    from tfopt.profiler.plots import ladder

    _finish(targets, ladder.draw(profile))


def _answer(asked: str, request: modes.Request, targets: tuple[Path, Path]) -> None:
    """Measures something else than ladders, shows and writes the results."""
    is_sweep = asked in _SWEEPS and asked != "memory"
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


def _finish(targets: tuple[Path, Path], picture: bytes) -> None:
    output.write(targets[1], picture)
    click.echo(f"Wrote {targets[0]} and {targets[1]}.")


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_TABLE_WIDTH)


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
