"""`tfopt info`."""

from __future__ import annotations

import os
import platform

import click
from rich.console import Console
from rich.table import Table

import tfopt
from tfopt import model_directory, models, ops, tensorflow_distributions
from tfopt.cpu import available_cpus


@click.command(epilog="Example: tfopt info")
def command() -> None:
    """Show this machine, TensorFlow, and the installed models."""
    table = Table(show_header=False, box=None)
    table.add_row("tfopt", tfopt.__version__)
    table.add_row("Python", platform.python_version())
    tensorflow = ", ".join(map(str, tensorflow_distributions.installed()))
    table.add_row("TensorFlow", tensorflow or "none: pip install 'tfopt[cpu]'")
    table.add_row("custom ops", _custom_ops())
    table.add_row("CPUs", f"{available_cpus()} of {os.cpu_count()} may be used")
    table.add_row("models folder", str(models.folder()))
    for name in models.names():
        weights = models.folder() / name / model_directory.WEIGHTS
        size = f"{weights.stat().st_size / 1e6:.1f} MB" if weights.is_file() else "damaged"
        table.add_row(f"  {name}", size)
    Console().print(table)


def _custom_ops() -> str:
    """The instruction set that they use, or why they cannot be used here."""
    try:
        return f"{ops.instruction_set()}, {ops.library()}"
    except (ImportError, RuntimeError, ValueError) as error:
        return f"none: {error}"
