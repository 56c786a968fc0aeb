"""Tells by its schema what a results file is, and reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfopt.profiler import comparison, document, results
from tfopt.profiler.modes import memory, modules, realtime, sweep
from tfopt.report import benchmark_files, comparison_file, question_files

# By schema. What a reader returns is of a class of its own; it raises ValueError.
_READERS: dict[str, Callable[[Any, str], Any]] = {
    document.SCHEMA: results.parse,
    comparison.SCHEMA: comparison_file.read,
    sweep.SCHEMA: question_files.read_sweep,
    modules.SCHEMA: question_files.read_modules,
    memory.SCHEMA: question_files.read_memory,
    realtime.SCHEMA: question_files.read_realtime,
}


def read(content: Any, where: str) -> Any:
    """Returns what a file says.

    Args:
        content: the decoded JSON.
        where: the file's name, for errors.

    Raises:
        ValueError: it is no results file, of another version, or damaged.
    """
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
    if isinstance(content, dict) and {"words", "seconds"} <= content.keys():
        return benchmark_files.read_peers(content, where)
    raise ValueError(f"{where}: not a results file of tfopt: no schema")
