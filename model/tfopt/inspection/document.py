"""Findings as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tfopt
from tfopt.inspection import origins
from tfopt.inspection.findings import Findings
from tfopt.inspection.tally import Tally


def of(findings: Findings, reported: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns everything that was counted and concluded, ready for JSON.

    Args:
        findings: What was found.
        reported: What TensorFlow says of itself, as `tensorflow_build.describe` returns it; None if it was
            not asked.
    """
    return {
        "tfopt": tfopt.__version__,
        "distribution": {
            "name": findings.distribution.name,
            "version": findings.distribution.version,
        },
        "verdict": findings.verdict,
        "level": findings.level,
        "used": list(findings.used),
        "missing_on_this_cpu": None if findings.missing is None else list(findings.missing),
        "text_bytes": findings.examination.text_bytes,
        "compiled": _tallies(findings, origins.COMPILED),
        "dispatching": _tallies(findings, origins.DISPATCHING),
        "tensorflow": reported,
    }


def _tallies(findings: Findings, names: tuple[str, ...]) -> dict[str, Any]:
    found = findings.examination.origins
    return {name: _tally(found[name]) for name in names if name in found}


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "functions": tally.functions,
        "text_bytes": tally.text_bytes,
        "functions_using": dict(sorted(tally.users.items())),
        "instructions": dict(sorted(tally.instructions.items())),
        "fused_multiply_adds": tally.fused,
        "separate_multiplications_additions_subtractions": tally.separate,
    }
