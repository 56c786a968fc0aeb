"""The worker: a fresh process that runs one backend of one model and times it on request.

    python -m tfopt.profiler.worker

Reads one JSON object a line from standard input and answers each with one line on standard
output. It ends when its input does, so it cannot outlive the profiler. All times are in seconds.

    {"command": "protocol"}
        -> {"protocol": the version of all this}
    {"command": "describe"}  in a process of its own, since it starts another that imports TensorFlow
        -> {"tfopt", "machine", "software"}: what a results file says of them
    {"command": "start", "kind", "model", "backend", "threads", "items", "compute_type": float32 if not given}
        -> {"import_s", "load_s", "first_call_s", "outputs"}
    {"command": "singles", "items", "repeats"}  each item alone, all items, `repeats` times over
        -> {"latency_s": [one per item and repeat], "wall_s", "cpu_s", "outputs"}
    {"command": "batches", "items", "repeats"}  all items as one batch, `repeats` times
        -> {"batches": [{"wall_s", "cpu_s"}], "outputs"}
    {"command": "memory"}
        -> {"peak_bytes"}
    {"command": "rates", "bytes", "seconds"}  what one core can do, with the package's own kernels
        -> {"bytes_per_s": reading so many bytes again and again, "operations_per_s"}
    {"command": "measure", "what", ...}  something that only this kind of model has
        -> what the kind's workload says

`outputs` lists every distinct list of outputs that the repeats gave (one, if the backend is
deterministic). A command that fails is answered with {"error": text}.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.profiler import workloads

# Of the commands and answers above. A profiler refuses workers of another.
PROTOCOL = 1
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Worker:
    """Holds the loaded model between commands."""

    def __init__(self) -> None:
        self._workload: workloads.Workload | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carries out one command and returns its answer."""
        arguments = dict(request)
        command = arguments.pop("command", None)
        if command == "protocol":
            return {"protocol": PROTOCOL}
        if command == "describe":
            return describe()
        if command == "start":
            return self._start(**arguments)
        if command == "singles":
            return self._singles(**arguments)
        if command == "batches":
            return self._batches(**arguments)
        if command == "memory":
            return {"peak_bytes": peak_bytes()}
        if command == "rates":
            return rates(**arguments)
        if command == "measure":
            return self._loaded().measure(**arguments)
        expected = "protocol, describe, start, singles, batches, memory, rates or measure"
        raise ValueError(f"command: expected {expected}, got {command!r}")

    def _start(
        self,
        kind: str,
        model: str,
        backend: str,
        threads: int,
        items: Sequence[Any],
        compute_type: str = DEFAULT_COMPUTE_TYPE,
    ) -> dict[str, Any]:
        loader = workloads.loader(kind)
        times = [time.perf_counter()]
        loader.import_framework()
        times.append(time.perf_counter())
        self._workload = loader.load(model, backend, threads, compute_type)
        times.append(time.perf_counter())
        result = self._workload.run(items)
        times.append(time.perf_counter())
        return {
            "import_s": _seconds(times[1] - times[0]),
            "load_s": _seconds(times[2] - times[1]),
            "first_call_s": _seconds(times[3] - times[2]),
            "outputs": [self._workload.outputs(result)],
        }

    def _singles(self, items: Sequence[Any], repeats: int) -> dict[str, Any]:
        workload = self._loaded()
        run, clock = workload.run, time.perf_counter
        latencies = []
        sweeps = []
        cpu, wall = time.process_time(), clock()
        for _ in range(repeats):
            results = []
            for item in items:
                start = clock()
                result = run([item])
                latencies.append(clock() - start)
                results.append(result)
            sweeps.append(results)
        wall, cpu = clock() - wall, time.process_time() - cpu
        return {
            "latency_s": [_seconds(value) for value in latencies],
            "wall_s": _seconds(wall),
            "cpu_s": _seconds(cpu),
            "outputs": _distinct(
                [[one for result in sweep for one in workload.outputs(result)] for sweep in sweeps]
            ),
        }

    def _batches(self, items: Sequence[Any], repeats: int) -> dict[str, Any]:
        workload = self._loaded()
        timings = []
        results = []
        for _ in range(repeats):
            cpu, wall = time.process_time(), time.perf_counter()
            result = workload.run(items)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            timings.append({"wall_s": _seconds(wall), "cpu_s": _seconds(cpu)})
            results.append(workload.outputs(result))
        return {"batches": timings, "outputs": _distinct(results)}

    def _loaded(self) -> workloads.Workload:
        if self._workload is None:
            raise ValueError("command: expected start first")
        return self._workload


def describe() -> dict[str, Any]:
    """Returns what a results file says of the program, the machine and the software."""
    # What these import would otherwise not be counted as part of a cold start.
    from tfopt import tensorflow_runtime
    from tfopt.profiler import document, machine, tensorflow_build

    tensorflow_runtime.check_cpu()
    about = machine.describe()
    build = tensorflow_build.describe(about["cpu"]["instruction_sets"])
    return {
        "tfopt": document.program(),
        "machine": about,
        "software": document.software(build),
    }


def rates(bytes: int, seconds: float) -> dict[str, float]:  # noqa: A002
    """Returns what one core does, measured for some seconds each: reads of so many bytes, operations."""
    from tfopt import ops_benchmark, tensorflow_runtime

    tensorflow_runtime.start(1)
    return {
        "bytes_per_s": float(ops_benchmark.measure_bandwidth(bytes, seconds)),
        # Which counts multiply-adds.
        "operations_per_s": 2 * float(ops_benchmark.measure_arithmetic(seconds)),
    }


def peak_bytes() -> int | None:
    """Returns the most memory this process has held at once (VmHWM), None where /proc lacks it."""
    return _status_bytes("VmHWM")


def resident_bytes() -> int | None:
    """Returns the memory this process holds now (VmRSS), None where /proc lacks it."""
    return _status_bytes("VmRSS")


def _status_bytes(name: str) -> int | None:
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        if found := re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE):
            return int(found[1]) << 10
    return None


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answers requests until there are no more."""
    worker = Worker()
    for line in requests:
        try:
            answer = worker.answer(json.loads(line))
        except Exception as error:
            answer = {"error": _one_line(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Serves standard input and output."""
    _die_with_parent()
    # Whatever prints to standard output, in C++ too, must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(sys.stdin, answers)


def _die_with_parent() -> None:
    """Asks the kernel to kill this process when the profiler is killed in the middle of a call.

    The first process of a container has no parent there: 0. What started it is the engine's, whose threads
    come and go.
    """
    if sys.platform == "linux" and os.getppid():
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _distinct(results: Sequence[list[Any]]) -> list[list[Any]]:
    return [result for index, result in enumerate(results) if result not in results[:index]]


def _seconds(value: float) -> float:
    return round(value, 7)  # 100 ns, finer than the clock's own cost


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:500]}" if text else type(error).__name__


if __name__ == "__main__":
    main()
