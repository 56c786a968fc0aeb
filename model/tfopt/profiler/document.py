"""Puts a run into the form of its results file: raw timings, settings, machine, versions.

No path, host name or user name goes in. `tfopt.profiler.results` reads the file back.
"""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import tfopt
from tfopt.profiler import rung_names
from tfopt.profiler.kinds import Model
from tfopt.profiler.ladder import Ladder, Rung
from tfopt.roofline import Work

SCHEMA = "tfopt-profile"
# 2: what items are and where they come from is said for each model, and items may have several units.
SCHEMA_VERSION = 2


def header(schema: str, version: int, name: str) -> dict[str, Any]:
    """Returns what identifies a file and the program that wrote it."""
    return {
        "schema": schema,
        "schema_version": version,
        "name": name,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "tfopt": program(),
    }


def program() -> dict[str, Any]:
    """Returns the version of this package, and the commit if it runs from a checkout."""
    return {"version": tfopt.__version__, **_checkout()}


def software(tensorflow: dict[str, Any]) -> dict[str, Any]:
    """Returns the versions that figures depend on; `tensorflow` is what TensorFlow itself reports."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "numpy": metadata.version("numpy"),
        "tensorflow": tensorflow,
    }


def model(
    kind: str,
    measured: Model,
    weights_sha256: str,
    ladder: Ladder,
    rates: Mapping[int, dict[str, Any]],
    environment: str = "",
) -> dict[str, Any]:
    """Returns one model's part of the file.

    Args:
        kind: as in its config.json.
        measured: the model.
        weights_sha256: of its weights.
        ladder: what was measured.
        rates: what one core was measured to do, by footprint.
        environment: label of the one that this file is about.
    """
    course = measured.course
    return {
        "kind": kind,
        "unit": measured.unit,
        "weights_sha256": weights_sha256,
        "items": {
            **course.source,
            "batch": course.batch,
            "singles": len(ladder.singles),
            "singles_sha256": course.digest(ladder.singles),
        },
        **measured.about,
        **({} if measured.work is None else {"cost": _cost(measured.work, rates)}),
        "backends": {
            rung.name: _rung(rung, measured.rung_work.get(rung.name), rates)
            for rung in ladder.rungs
            if rung.environment == environment
        },
    }


def _cost(work: Work, rates: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    footprint = int(work.bytes)
    return {**asdict(work), "footprint": footprint, **rates[footprint]}


def _rung(rung: Rung, work: Work | None, rates: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    backend, compute_type = rung_names.split(rung.name)
    return {
        "backend": backend,
        "compute_type": compute_type,
        "status": rung.status,
        "reason": rung.reason,
        "check": rung.check.as_json(),
        "cold_start": rung.cold_start or None,
        "peak_bytes": rung.peak_bytes,
        "batch_items": rung.batch_items,
        "single_units": rung.single_units,
        "batch_units": rung.batch_units,
        "rounds": rung.rounds,
        **({} if work is None else {"cost": _cost(work, rates)}),
    }


def _checkout() -> dict[str, Any]:
    """Returns the commit that the package runs from, and nothing when it is installed."""
    source_root = Path(tfopt.__file__).resolve().parent.parent
    if source_root.name != "model" or not (source_root.parent / ".git").exists():
        return {}
    try:
        commit = _git(source_root, "rev-parse", "HEAD").strip()
        changed = bool(_git(source_root, "status", "--porcelain", "--", ".").strip())
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"git_commit": commit, "uncommitted_changes": changed}


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout
