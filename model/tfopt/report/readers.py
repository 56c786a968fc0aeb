"""Tells by its schema what a results file is, and reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfopt.evaluation import results as evaluation_results
from tfopt.profiler import comparison, document, results
from tfopt.profiler.fields import Fields
from tfopt.profiler.modes import hoisting, memory, modules, realtime, sweep
from tfopt.report import (
    benchmark_files,
    block_files,
    comparison_file,
    kernel_files,
    question_files,
    study_files,
)

# By schema. What a reader returns is of a class of its own; it raises ValueError.
_READERS: dict[str, Callable[[Any, str], Any]] = {
    document.SCHEMA: results.parse,
    comparison.SCHEMA: comparison_file.read,
    sweep.SCHEMA: question_files.read_sweep,
    modules.SCHEMA: question_files.read_modules,
    memory.SCHEMA: question_files.read_memory,
    realtime.SCHEMA: question_files.read_realtime,
    hoisting.SCHEMA: question_files.read_hoisting,
    evaluation_results.SCHEMA: evaluation_results.parse,
}


def read(content: Any, where: str) -> Any:
    """Returns what a file says.

    Args:
        content: the decoded JSON.
        where: the file's name, for errors.

    Raises:
        ValueError: it is no results file, of another version, or damaged.
    """
    value = _read(content, where)
    if isinstance(content, dict):
        _check_origin(Fields(content, where))
    return value


def _read(content: Any, where: str) -> Any:
    if isinstance(content, dict) and "schema" in content:
        schema = content["schema"]
        if not isinstance(schema, str) or schema not in _READERS:
            raise ValueError(
                f"{where}: schema: expected one of {', '.join(_READERS)}, got {schema!r}"
            )
        return _READERS[schema](content, where)
    # What the scripts in benchmarks/ write has no schema.
    if isinstance(content, list):
        return benchmark_files.read_error_rates(content, where)
    if isinstance(content, dict) and "seconds" in content and content.keys() & {"words", "samples"}:
        return benchmark_files.read_peers(content, where)
    if isinstance(content, dict) and content.keys() >= {"runs", "missing"}:
        return kernel_files.read(content, where)
    if isinstance(content, dict) and content.keys() >= {"rows", "samples"}:
        return study_files.read(content, where)
    if isinstance(content, dict) and content.keys() >= {"rows", "timings"}:
        return block_files.read(content, where)
    raise ValueError(f"{where}: not a results file of tfopt: no schema")


def _check_origin(top: Fields) -> None:
    """Checks the numbers that the page shows of a file of any kind, if it says where it was measured."""
    if isinstance(top.content.get("settings"), dict):
        _check_counts(top.object("settings"), "threads", "rounds")
    if not isinstance(top.content.get("machine"), dict):
        return
    machine = top.object("machine")
    _check_counts(machine, "memory_bytes")
    if isinstance(machine.content.get("cgroup"), dict):
        _check_counts(machine.object("cgroup"), "memory_bytes")
    if isinstance(machine.content.get("cpu"), dict) and machine.content["cpu"].get("caches"):
        for cache in machine.object("cpu").objects("caches"):
            _check_counts(cache, "bytes")


def _check_counts(fields: Fields, *names: str) -> None:
    for name in names:
        if fields.content.get(name) is not None:
            fields.count(name)
