"""What caching and fewer bits bring a WaveNet: PyTorch with its dynamic quantization, beside tfopt.

    pip install torch     # its build for CPUs, which pytorch.org says how to get, is enough
    python benchmarks/quantization_study.py default --out results/quantization_study.json

Random weights, batch 1, greedy (so that no one's way of drawing counts). For every number of CPUs a process,
which the system keeps on as many, measures all in turns. The figures are medians of the rounds:

- generate: the time of a sample without a cache, for which the whole receptive field is computed again. Of a
  few only, behind a prompt as long as that, so that all cost the same: multiply it for longer audio. PyTorch
  computes of each layer what the sample depends on; tfopt's is the backend `naive`, which has float32 alone.
- cached: the time of a sample with queues: PyTorch's step called from Python, and tfopt's backend `native`.
- CPU: the process's CPU time in the time of each; 100 % is one CPU kept busy.
- converted in: from float32 weights in memory to those it computes with; tfopt packs them for float32 too.
- on disk: the file of `torch.save`, and that of `tfopt pack`.
- as float32: the part of the cached samples that float32 would draw after the same samples, but for
  near-ties.

PyTorch quantizes `Linear`: of the network all products, of which pytorch_wavenet.py makes such layers, but
not the first convolution, which looks up rows of a table. Before anything is timed, float32 samples are
compared with the reference's: each has to be what the reference says after the same samples, but for
near-ties.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import click
import numpy as np
import peers
from numpy.typing import NDArray
from peers import Way
from rich import box
from rich.console import Console
from rich.table import Table

from tfopt import files, model_directory, mu_law, wavenet
from tfopt.cpu import available_cpus
from tfopt.model_directory import Weights
from tfopt.pack import pack
from tfopt.profiler import document, machine
from tfopt.reference_sampling import NEAR_TIE
from tfopt.report import study_files
from tfopt.report.study_files import Study
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.presets import PRESETS
from tfopt.wavenet.reference import Reference

TYPES = ("float32", "bfloat16", "int16", "int8")
EXACT = ("PyTorch float32", "tfopt float32")
Row = dict[str, Any]


def tfopt(net: wavenet.Wavenet, samples: int, prompt: NDArray[np.int64] | None = None) -> Way:
    """One of tfopt's backends; `prompt` is of classes."""
    classes = net.config.classes
    amplitudes = None if prompt is None else mu_law.decode(prompt, classes)

    def generate() -> NDArray[Any]:
        (audio,) = net.generate(samples=samples, temperature=0.0, prompt=amplitudes)
        return mu_law.encode(audio, classes)

    return generate


def timed(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Row]:
    """The seconds of each way in each round, and those that all CPUs together spent in it."""
    spent: dict[str, list[float]] = {name: [] for name in ways}

    def run(name: str) -> None:
        start = time.process_time()
        ways[name]()
        spent[name].append(time.process_time() - start)

    seconds = peers.in_turns({name: partial(run, name) for name in ways}, rounds)
    return {name: {"seconds": seconds[name], "cpu_seconds": spent[name]} for name in ways}


def packed_bytes(config: WavenetConfig, weights: Weights) -> dict[str, int]:
    """The size of a model's packed file in each type."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        settings = config.to_dict()
        model_directory.write(model, kind="wavenet", config=settings, weights=weights, card="")
        return {name: pack(model, Path(folder) / name, name) for name in TYPES}


def measure(size: str, cpus: int, samples: int, few: int, rounds: int) -> list[Row]:
    """A row for each program and type, with `cpus` CPUs; for a process that has loaded no library yet."""
    import pytorch_wavenet as pytorch
    import torch

    from tfopt.wavenet import packing  # imports TensorFlow

    torch.set_num_threads(cpus)
    config = PRESETS[size]
    weights = wavenet.random_weights(config, 0)
    prompt = np.random.default_rng(0).integers(config.classes, size=config.receptive_field)
    networks = {"PyTorch float32": pytorch.Network(config, weights)}
    networks["PyTorch int8"] = pytorch.quantized(networks["PyTorch float32"])
    naive = wavenet.Wavenet(config, weights, "naive", cpus)
    native = {
        f"tfopt {name}": wavenet.Wavenet(config, weights, "native", cpus, compute_type=name)
        for name in TYPES
    }
    cached: dict[str, Way] = {
        **{name: partial(pytorch.cached, network, samples) for name, network in networks.items()},
        **{name: tfopt(net, samples) for name, net in native.items()},
    }
    generate: dict[str, Way] = {
        **{name: partial(pytorch.uncached, net, prompt, few) for name, net in networks.items()},
        "tfopt float32": tfopt(naive, few, prompt),
    }
    conversion: dict[str, Callable[[], object]] = {
        "PyTorch int8": partial(pytorch.quantized, networks["PyTorch float32"]),
        **{f"tfopt {name}": partial(packing.pack, config, weights, name) for name in TYPES},
    }

    reference = Reference(config, weights)

    def differences(given: NDArray[Any], behind: Any = ()) -> NDArray[np.float64]:
        uniforms = np.zeros([len(given), config.uniforms])
        return reference.differences(given, uniforms, prompt=behind, temperature=0.0)

    peers.judge({name: cached[name] for name in EXACT}, differences)
    peers.judge({name: generate[name] for name in EXACT}, partial(differences, behind=prompt))
    generate["PyTorch int8"]()
    equal = {name: float(np.mean(differences(way()) < NEAR_TIE)) for name, way in cached.items()}
    sizes = {name: pytorch.file_bytes(network) for name, network in networks.items()}
    sizes |= {f"tfopt {name}": count for name, count in packed_bytes(config, weights).items()}

    measured = {
        "generate": timed(generate, rounds),
        "cached": timed(cached, rounds),
        "conversion": timed(conversion, rounds),
    }
    return [
        {
            "name": name,
            "cpus": cpus,
            **{what: found[name] for what, found in measured.items() if name in found},
            "bytes": sizes[name],
            "as_float32": equal[name],
        }
        for name in cached
    ]


def table(study: Study) -> Table:
    """The table, in Markdown."""
    result = Table(box=box.MARKDOWN)
    result.add_column("")
    for heading in ("CPUs", *study_files.HEADINGS):
        result.add_column(heading, justify="right")
    for row in study.rows:
        result.add_row(row.name, str(row.cpus), *(text for text, _ in row.cells()))
    return result


def described(size: str, samples: int, few: int) -> Row:
    """What is written beside the rows: model, machine, versions, and the samples of a timing."""
    return {
        "model": f"wavenet-{size}",
        "tfopt": document.program(),
        "machine": machine.describe(),
        "versions": versions(),
        "samples": {"generate": few, "cached": samples},
    }


def versions() -> dict[str, str]:
    """Of the libraries that count."""
    found = {
        each.metadata["Name"].lower().replace("_", "-"): each.version
        for each in metadata.distributions()
    }
    names = ("tensorflow", "tensorflow-cpu", "torch", "numpy")
    return {name: found[name] for name in names if name in found}


def count(name: str, default: int, what: str) -> Callable[[Any], Any]:
    """An option: how many samples to generate in a timing."""
    number = click.IntRange(min=1)
    return click.option(name, default=default, show_default=True, type=number, help=what)


@click.command()
@click.argument("size", type=click.Choice(sorted(PRESETS)))
@click.option(
    "--cpus",
    multiple=True,
    default=(1, 2),
    show_default=True,
    type=click.IntRange(min=1),
    help="How many to use; repeatable.",
)
@count("--samples", 4000, "Cached, a timing.")
@count("--few", 20, "Without cache, a timing.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=3))
@click.option("--out", type=click.Path(path_type=Path), help="Write the timings to this JSON file.")
def main(
    size: str, cpus: tuple[int, ...], samples: int, few: int, rounds: int, out: Path | None
) -> None:
    """Compare PyTorch, its dynamic quantization and tfopt's types on a WaveNet of SIZE."""
    if max(cpus) > available_cpus():
        raise click.BadParameter(
            f"expected at most {available_cpus()}, got {max(cpus)}", param_hint="--cpus"
        )
    about, allowed = described(size, samples, few), sorted(os.sched_getaffinity(0))
    rows: list[Row] = []
    for used in cpus:
        # The process inherits both, before any library looks.
        os.sched_setaffinity(0, allowed[:used])
        os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(used)
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            rows += process.submit(measure, size, used, samples, few, rounds).result()
    report = {**about, "rows": rows}
    Console(width=200).print(table(study_files.read(report, size)))
    if out:
        with files.writing_text(out) as file:
            file.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
