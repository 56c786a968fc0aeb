"""tfopt's kernels beside those of libraries: the products of a matrix and a vector that our models make.

    .venv/bin/python benchmarks/kernels/run.py --libraries build/libraries --out results/kernels.json

README.md beside this says how the libraries are installed. Builds a program for each that is found, runs them
on one CPU, and writes every timing, a picture of the same name, and a table. A library of which a result is
wrong, or that has no such product on this CPU, is said so in its place.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import plot

from tfopt import files
from tfopt.profiler import document, machine
from tfopt.report import kernel_files
from tfopt.report.kernel_files import Kernels

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "kernels"

# A program of CMakeLists.txt for each, and what has to be installed.
PROGRAMS = {
    "eigen": "libeigen3-dev",
    "eigen_mkl": "libeigen3-dev, mkl-devel",
    "mkl": "mkl-devel",
    "onednn": "onednn-devel-cpu-gomp",
    "openblas": "libopenblas-dev",
    "libxsmm": "libxsmm-dev",
}
_ONE_THREAD = dict.fromkeys(("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
_MOST_BUSY = 5.0  # percent of all CPUs' time


def build(libraries: Path | None) -> None:
    """Builds a program for each library that CMake finds."""
    configure = ["cmake", "-S", str(HERE), "-B", str(BUILD), "-G", "Ninja"]
    if libraries is not None:
        configure.append(f"-DCMAKE_PREFIX_PATH={libraries.resolve()}")
    # Of the environment first, as tools/build_ops.sh does.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in (configure, ["cmake", "--build", str(BUILD)]):
        subprocess.run(command, check=True, env={**os.environ, "PATH": path})


def run(program: Path, options: list[str]) -> dict[str, Any]:
    """Runs a program; returns the library's version and the timings, in seconds, of both."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.json"
        options = [*options, f"--benchmark_out={out}", "--benchmark_out_format=json"]
        environment = {**os.environ, **_ONE_THREAD}
        subprocess.run([program, *options], check=True, env=environment, stdout=sys.stderr)
        content = json.loads(out.read_text(encoding="utf-8"))
    timings: dict[str, dict[str, Any]] = {}
    # They were run in random order.
    for one in sorted(content["benchmarks"], key=lambda one: one["family_index"]):
        if one["run_type"] != "iteration":
            continue
        library, function, kind, model, size = one["run_name"].split("/")
        timing = timings.setdefault(
            one["run_name"],
            {"library": library, "function": function, "type": kind, "model": model, "size": size},
        )
        if one.get("error_occurred"):
            timing["missing"] = one["error_message"]
        else:
            timing.setdefault("seconds", []).append(one["real_time"] * 1e-9)
    return {
        "version": content["context"]["library_version"],
        "timings": list(timings.values()),
    }


def described(
    runs: list[dict[str, Any]], missing: dict[str, str], busy: float | None
) -> dict[str, Any]:
    """Returns what is written: the machine, how busy it was, what was not found, and what `run` returned."""
    return {
        "tfopt": document.program(),
        "machine": machine.describe(),
        "busy_percent": busy,
        "missing": missing,
        "runs": runs,
    }


def table(found: Kernels) -> str:
    """Returns a table in Markdown: for each product what libraries take, in tfopt's times."""
    lines = [
        f"| type | model | matrix | tfopt, µs | {' | '.join(found.libraries)} |",
        f"|---|---|---|--:|{'--:|' * len(found.libraries)}",
    ]
    for product in found.products:
        some = [found.of(product, library) for library in found.libraries]
        texts = ["" if one is None else f"{one.gain.ratio:.2f}" for one in some]
        own = f"{found.own(product).median * 1e6:.2f}"
        lines.append(
            f"| {product.type} | {product.model} | {product.size} | {own} | {' | '.join(texts)} |"
        )
    return "\n".join(lines)


@click.command()
@click.option("--libraries", type=click.Path(path_type=Path), help="Environment with PyPI's.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON file to write.")
@click.option("--repetitions", default=15, show_default=True, help="Of each product.")
@click.option("--seconds", default=0.02, show_default=True, help="Least time of a repetition.")
@click.option("--only", default=".", help="Regular expression of the products to time.")
def main(libraries: Path | None, out: Path, repetitions: int, seconds: float, only: str) -> None:
    """Compares tfopt's kernels with those of the libraries that are installed."""
    build(libraries)
    busy = machine.busy_percent()
    if busy is not None and busy > _MOST_BUSY:
        click.echo(f"the machine is busy ({busy:.0f} %): this says little", err=True)
    # The programs inherit it. One CPU's cache and clock, of those that may be used.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    options = [
        f"--benchmark_repetitions={repetitions}",
        f"--benchmark_min_time={seconds}",
        f"--benchmark_filter={only}",
        "--benchmark_enable_random_interleaving=true",
    ]
    runs, missing = [], {}
    for name, packages in PROGRAMS.items():
        program = BUILD / f"kernels_{name}"
        if program.is_file():
            runs.append(run(program, options))
        else:
            missing[name] = f"not found; it needs {packages}"
    report = described(runs, missing, busy)
    with files.writing_text(out) as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    found = kernel_files.read(report, out.name)
    with files.writing(out.with_suffix(".png")) as picture:
        picture.write(plot.draw(found, report["machine"]["cpu"]["model"]))
    click.echo(table(found))
    for name, reason in missing.items():
        click.echo(f"{name}: {reason}")


if __name__ == "__main__":
    main()
