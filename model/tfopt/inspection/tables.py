"""Shows findings: a table of instruction sets, one of libraries, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rich import box
from rich.table import Table

from tfopt import instruction_sets
from tfopt.inspection import origins
from tfopt.inspection.findings import Findings
from tfopt.inspection.tally import Tally

_AVX512 = instruction_sets.AVX512
# Shown also where nothing uses them.
_ASKED_FOR = ("AVX", "FMA", "AVX2", _AVX512, "AVX512F", "AVX512_VNNI", "AVX512_BF16", "AMX_TILE")
_SUMMARY = ("AVX", "FMA", "AVX2", _AVX512)
_MB = 1e6


def of_sets(
    findings: Findings, flags: Collection[str] | None, reported: Mapping[str, Any] | None
) -> Table:
    """A row for each instruction set.

    Args:
        findings: What was found.
        flags: This CPU's flags; None if they are not known.
        reported: What TensorFlow's log says, as `tensorflow_build.instruction_sets` reads it; None if it was
            not asked or said nothing.
    """
    table = _table(f"{findings.distribution}: instructions", "set")
    for head in ("compiled", "functions", "share", "oneDNN", "others"):
        table.add_column(head, justify="right")
    table.add_column("this CPU")
    if reported is not None:
        table.add_column("its log")
    for name in _rows(findings):
        outside = findings.outside
        cells = [
            name,
            f"{outside.instructions[name]:,}",
            f"{outside.users[name]:,}",
            _percent(outside, name),
            f"{findings.onednn.instructions[name]:,}",
            f"{findings.others.instructions[name]:,}",
            _has(name, flags),
        ]
        if reported is not None:
            cells.append(_says(name, reported))
        table.add_row(*cells, style="bold" if name in findings.used else None)
    return table


def of_libraries(findings: Findings) -> Table:
    """A row for each library that code comes from, with the share of its functions that use a set."""
    table = _table("Share of the functions that use them, by library", "library")
    for head in ("MB", "functions", *_SUMMARY):
        table.add_column(head, justify="right")
    for names in (origins.COMPILED, origins.DISPATCHING):
        for name in names:
            if tally := findings.examination.origins.get(name):
                size = f"{tally.text_bytes / _MB:,.1f}"
                shares = (_percent(tally, one) for one in _SUMMARY)
                table.add_row(name, size, f"{tally.functions:,}", *shares)
        table.add_section()
    return table


def sentences(findings: Findings) -> Iterator[str]:
    """What follows from the counts, the verdict first."""
    yield findings.verdict
    fused, separate = findings.outside.fused, findings.outside.separate
    if fused + separate:
        yield (
            f"{fused:,} multiply-adds are fused; {separate:,} multiplications, additions and subtractions "
            "are not."
        )
    examined = sum(tally.text_bytes for tally in findings.examination.origins.values())
    unnamed = findings.examination.origins.get(origins.UNNAMED, Tally()).text_bytes
    total = findings.examination.text_bytes
    yield (
        f"{examined / _MB:,.1f} of {total / _MB:,.1f} MB of code have symbols and were disassembled; the "
        f"symbols of {unnamed / _MB:,.1f} MB name no library."
    )


def _table(title: str, first: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column(first)
    return table


def _rows(findings: Findings) -> Iterator[str]:
    tallies = (findings.outside, findings.onednn, findings.others)
    base = instruction_sets.LEVELS["x86-64-v2"]
    for name in instruction_sets.FLAGS:
        if name == "AVX512F":
            yield _AVX512
        seen = name in _ASKED_FOR or any(tally.users[name] for tally in tallies)
        if seen and name not in base:
            yield name


def _percent(tally: Tally, name: str) -> str:
    share = tally.share(name)
    if not share:
        return "0"
    return f"{share:.1%}" if share >= 0.001 else "<0.1%"


def _has(name: str, flags: Collection[str] | None) -> str:
    if flags is None or name not in instruction_sets.FLAGS:
        return ""
    return "lacks" if instruction_sets.lacking([name], flags) else "has"


def _says(name: str, reported: Mapping[str, Any]) -> str:
    if name in reported["compiled_with"]:
        return "with"
    return "without" if name in reported["not_compiled_with"] else ""
