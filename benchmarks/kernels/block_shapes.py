"""Why blocks of sparse weights are 16x1 (outputs x inputs) in float32 and 8x4 in int8: what others give.

    .venv/bin/python benchmarks/kernels/block_shapes.py --out results/block_shapes.json

Builds and runs block_shapes.cc on one CPU, prunes the installed g2p models with blocks of each shape, and
writes every timing, what pruning leaves, and a table.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click
import numpy as np
import run as kernels

from tfopt import files, model_kinds, models, pruning
from tfopt.profiler import machine
from tfopt.pruning.blocks import Block, prune_blocks

MODELS = ("g2p_en-2.1.0", "g2p_en-1.0.1")


def kept(model: model_kinds.Model, block: Block, density: float) -> float:
    """Returns which part of the weights' squares pruning leaves, of all matrices that can be sparse.

    For inputs that are uncorrelated and of equal power the rest is the error of the outputs by their power.
    """
    left = before = 0.0
    for matrix in pruning.step_matrices(model):
        kernel = model.weights[matrix.tensor][matrix.part]
        pruned, _ = prune_blocks(kernel, matrix.groups, block, density)
        left += float(np.square(pruned, dtype=np.float64).sum())
        before += float(np.square(kernel, dtype=np.float64).sum())
    return left / before


def rows(timings: list[dict[str, Any]], some: dict[str, model_kinds.Model]) -> list[dict[str, Any]]:
    """Returns a row for each type, shape and density.

    Args:
        timings: what `run.run` returns of block_shapes.cc, where a function is "16x1 at 0.1".
        some: models by name.

    Returns:
        type, block and density; time: by that of the type's first shape at the same density, the geometric
        mean over the matrices, or None where this CPU has no such kernel; kept: what `kept` says, by model.
    """
    found: dict[tuple[str, str, str], dict[tuple[str, str], float | None]] = {}
    for timing in timings:
        block, density = timing["function"].split(" at ")
        seconds = timing.get("seconds")
        median = float(np.median(seconds)) if seconds else None
        of_shape = found.setdefault((timing["type"], block, density), {})
        of_shape[timing["model"], timing["size"]] = median
    first = {(kind, density): times for (kind, _, density), times in reversed(found.items())}
    made = []
    for (kind, block, density), times in found.items():
        ratios = [
            None if seconds is None or base is None else seconds / base
            for seconds, base in zip(times.values(), first[kind, density].values(), strict=True)
        ]
        known = [ratio for ratio in ratios if ratio is not None]
        size = Block(*map(int, block.split("x")))
        made.append(
            {
                "type": kind,
                "block": block,
                "density": float(density),
                "time": float(np.exp(np.mean(np.log(known)))) if known else None,
                "kept": {name: kept(model, size, float(density)) for name, model in some.items()},
            }
        )
    return made


def table(made: list[dict[str, Any]]) -> str:
    """Returns the rows in Markdown."""
    names = list(made[0]["kept"])
    heads = ["type", "block", "density", "time", *(f"kept of {name}" for name in names)]
    lines = [f"| {' | '.join(heads)} |", f"|---|---|{'--:|' * (len(heads) - 2)}"]
    for row in made:
        time = "" if row["time"] is None else f"{row['time']:.2f}"
        shares = [f"{row['kept'][name]:.1%}" for name in names]
        cells = [row["type"], row["block"], f"{row['density']:g}", time, *shares]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="JSON file to write.")
@click.option("--repetitions", default=15, show_default=True, help="Of each product.")
@click.option("--seconds", default=0.02, show_default=True, help="Least time of a repetition.")
def main(out: Path, repetitions: int, seconds: float) -> None:
    """Measures shapes of blocks."""
    some = {name: model_kinds.read(models.find(name)) for name in MODELS}
    kernels.build(None)
    busy = machine.busy_percent()
    # The program inherits it: one CPU's cache and clock.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    options = [
        f"--benchmark_repetitions={repetitions}",
        f"--benchmark_min_time={seconds}",
        "--benchmark_enable_random_interleaving=true",
    ]
    timings = kernels.run(kernels.BUILD / "kernels_block_shapes", options)["timings"]
    made = rows(timings, some)
    described = {"machine": machine.describe(), "busy_percent": busy}
    with files.writing_text(out) as file:
        json.dump({**described, "timings": timings, "rows": made}, file, indent=1)
        file.write("\n")
    click.echo(table(made))


if __name__ == "__main__":
    main()
