"""`tfopt profile`."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from tfopt import models
from tfopt.cli import environment_options, profile_models, profile_options, profile_results
from tfopt.cli.profile_options import FEWEST_ROUNDS, QUESTION_OPTIONS
from tfopt.cli.several_values import SeveralValues
from tfopt.cli.termination import orderly
from tfopt.profiler import comparability, modes, output, random_models, run, words
from tfopt.profiler.environments import Environment
from tfopt.profiler.plan import QUICK, Plan

# In what environments are meant to differ, and images besides.
_SUBJECT = ("tensorflow", "tensorflow-build")
_SUBJECT_OF_IMAGES = (comparability.PROGRAM, *_SUBJECT)
# What is measured besides the installed models if none is named.
_ALWAYS = ("wavernn", "small")
_EXAMPLES = """\b
Examples:
  tfopt profile --model g2p_en-1.0.1 --backend naive --backend graph --name mine
  tfopt profile --wavenet default --threads 1 --name wavenet
  tfopt profile --wavernn default small --threads 1 --name wavernn
  tfopt profile --config my_wavenet.json --backend native --samples 24000
  tfopt profile --wavenet default --threads 1 --compute-type float32 bfloat16 int8 --name reduced
  tfopt profile --wavernn default --threads 1 --compute-type int8 --density 0.1 --block 8x4 --name sparse
  tfopt profile --sweep layers --threads 1
  tfopt profile --modules --wavenet small
  tfopt profile --realtime --config my_wavenet.json
  tfopt profile --hoisting --wavernn small --threads 1
  tfopt profile --tensorflow tensorflow-cpu==2.14.0 intel-tensorflow-avx512==2.14.0 --name builds
  tfopt profile --image old=tfopt:1 --image new=tfopt:2 --cpus 2 --memory 4G --name images
"""


@click.command(cls=SeveralValues, epilog=_EXAMPLES)
@profile_options.models
@environment_options.options
@profile_options.questions
@profile_options.extent
def command(
    names: Sequence[str],
    wavenets: Sequence[str],
    wavernns: Sequence[str],
    configs: Sequence[Path],
    backends: Sequence[str],
    types: Sequence[str],
    density: float | None,
    block: str | None,
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
    status is 1. With --compute-type, native is measured in each of these types, and what counts is how far
    its outputs are from the reference's.

    Shows the median and 95th percentile of one word alone, words per second in batches, the cold
    start (import, load, first call), peak memory and CPU utilisation. Of a WaveNet or WaveRNN: the time
    for a sample, samples per second, how many seconds of audio that is, and the part reached of what one
    core can do. Writes NAME.json with every raw timing and NAME.png.

    With --tensorflow or --image the same is done in each of several environments, all of them in turns.
    Writes NAME-LABEL.json for each and, as NAME.json and NAME.png, their comparison.

    --sweep, --modules, --realtime and --hoisting ask something else of one model that generates audio.
    """
    _need_extra()
    if rounds is not None and rounds < FEWEST_ROUNDS and not quick:
        raise click.BadParameter(
            f"expected {FEWEST_ROUNDS} or more without --quick, got {rounds}",
            param_hint="'--rounds'",
        )
    asked = _asked(sweep, modules=modules, realtime=realtime, hoisting=hoisting)
    if asked and (tensorflow or images):
        raise click.UsageError(f"expected {QUESTION_OPTIONS} without --tensorflow and --image")
    if block and density is None:
        raise click.UsageError("--block: expected --density with it")
    if points and not sweep:
        raise click.UsageError("--points: expected --sweep with it")
    targets = profile_results.places(folder or output.default_folder(), name)
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
                plan = replace(plan, rounds=FEWEST_ROUNDS)
        pruned = None if density is None else random_models.Pruning(density, block or "16x1")
        others = profile_models.with_random_weights(presets, configs, made, seed, pruned)
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
                types=tuple(types),
            )
            meant = _SUBJECT_OF_IMAGES if images else _SUBJECT
            profile_results.measure_ladders(request, targets, environments, meant)
        else:
            subject = profile_models.subject(names, others, asked, made, seed)
            question = modes.Request(
                name=name,
                subject=subject,
                rungs=modes.chosen(asked, subject, tuple(backends), tuple(types)),
                threads=threads,
                plan=plan,
                folder=made,
                seed=seed,
                quick=quick,
                points=points,
                pruned=pruned,
            )
            profile_results.measure_question(asked, question, targets)


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
        raise click.UsageError(f"expected one of {QUESTION_OPTIONS}, got several")
    return found[0] if found else None


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
