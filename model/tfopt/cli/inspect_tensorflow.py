"""`tfopt inspect-tensorflow`."""

from __future__ import annotations

import contextlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress

from tfopt import cpu_flags, files
from tfopt.cli.paths import PATH
from tfopt.cli.termination import orderly

if TYPE_CHECKING:
    from tfopt.inspection.findings import Findings

_LEGEND = (
    "Compiled: in the code that the build's flags decide about, and how many functions of it that "
    "are. oneDNN, others: in libraries that carry code for several CPUs and choose at run time. FMA: "
    "fused multiply-adds, AVX-512's too. Its log: what TensorFlow says it was compiled with. Bold: "
    "the build uses it."
)


@click.command(
    epilog="Examples: tfopt inspect-tensorflow    "
    "tfopt inspect-tensorflow intel_tensorflow_avx512-2.14.0-cp311-cp311-manylinux_2_17_x86_64.whl"
)
@click.argument("wheel", required=False, type=PATH)
@click.option("--json", "out", type=PATH, help="Write everything that was counted to this file.")
def command(wheel: Path | None, out: Path | None) -> None:
    """Show which instruction sets a TensorFlow was compiled with.

    Disassembles the libraries of WHEEL, or of the TensorFlow installed here, and counts the
    instructions of each set: outside the libraries that choose instructions at run time, as oneDNN
    does, and inside them. A wheel is neither installed nor imported.

    Exits with 1 if this CPU lacks instructions that the compiled code uses.
    """
    missing = [name for name in ("iced_x86", "elftools") if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            "inspecting needs iced-x86 and pyelftools; install them with: pip install 'tfopt[inspect]'"
        )
    if wheel is not None and not wheel.is_file():
        raise ValueError(f"WHEEL: expected a file, got {str(wheel)!r}")
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise ValueError(f"--json: expected a file in a folder that exists, got {str(out)!r}")

    from tfopt.inspection import document, tables

    flags = cpu_flags.usable()
    findings = _findings(wheel, flags)
    reported = _reported(findings, flags) if wheel is None else None
    if out is not None:
        with files.writing_text(out) as file:
            json.dump(document.of(findings, reported), file, indent=1)
            file.write("\n")
    console = Console()
    says = None if reported is None else reported["instruction_sets"]
    console.print(tables.of_sets(findings, flags, says))
    console.print(_LEGEND, style="dim")
    console.print(tables.of_libraries(findings))
    for sentence in tables.sentences(findings):
        console.print(sentence, highlight=False)
    _judge(findings)


def _findings(wheel: Path | None, flags: frozenset[str] | None) -> Findings:
    from tfopt.inspection import examination, findings, libraries

    source = (
        contextlib.nullcontext(libraries.installed())
        if wheel is None
        else libraries.of_wheel(wheel)
    )
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading", total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, description="Disassembling", completed=done, total=total)

        with orderly(), source as subject:
            examined = examination.examine(subject.libraries, advance)
        return findings.conclude(subject.distribution, examined, flags)


def _reported(findings: Findings, flags: frozenset[str] | None) -> dict[str, Any] | None:
    """What the installed TensorFlow says of itself; None where it cannot be imported."""
    if findings.missing:
        return None
    from tfopt.profiler import tensorflow_build

    try:
        return tensorflow_build.describe(sorted(flags or ()))
    except RuntimeError as error:
        click.echo(f"Warning: {error}", err=True)
        return None


def _judge(findings: Findings) -> None:
    if findings.missing is None:
        click.echo("Which instruction sets this CPU has is not known.")
    elif findings.missing:
        needed = ", ".join(findings.missing)
        raise click.ClickException(f"{findings.distribution} needs {needed}; this CPU has not")
    else:
        click.echo("This CPU has all that it needs.")
