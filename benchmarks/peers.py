"""What scripts that compare tfopt with other code share: judging samples, timing, reporting."""

from __future__ import annotations

import importlib
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import files
from tfopt.profiler import machine
from tfopt.reference_sampling import NEAR_TIE

Way = Callable[[], NDArray[Any]]  # generates the class numbers of one stream


def judge(
    ways: Mapping[str, Way], differences: Callable[[NDArray[Any]], NDArray[np.float64]]
) -> None:
    """Ends the program if a way generates something else than the reference.

    Args:
        ways: What is compared.
        differences: Of class numbers, how far from drawing each the reference is after those before it.
    """
    for name, way in ways.items():
        for _ in range(2):  # TorchScript compiles anew in the second call
            given = way()
        wrong = np.flatnonzero(~(differences(given) < NEAR_TIE))
        if len(wrong):
            raise SystemExit(
                f"not compared: {name} differs from the reference at sample {wrong[0]}"
            )


def in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Returns the seconds of each way in each round."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def rates(seconds: Mapping[str, Sequence[float]], count: int) -> dict[str, float]:
    """Returns how many of `count` units a round each way makes in a second, by its median round."""
    return {name: count / statistics.median(values) for name, values in seconds.items()}


def write(
    out: Path,
    model: str,
    packages: Sequence[str],
    samples: int,
    seconds: Mapping[str, Sequence[float]],
) -> None:
    """Writes the timings as a JSON file.

    Args:
        out: The file.
        model: The name of what was run.
        packages: Those whose versions count.
        samples: Generated in each timing.
        seconds: Of `in_turns`.
    """
    report: dict[str, Any] = {
        "model": model,
        "machine": machine.describe(),
        "versions": {name: importlib.import_module(name).__version__ for name in packages},
        "samples": samples,
        "seconds": seconds,
        "samples_per_second": rates(seconds, samples),
    }
    with files.writing_text(out) as file:
        file.write(json.dumps(report, indent=1) + "\n")
