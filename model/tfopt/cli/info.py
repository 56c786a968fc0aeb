"""`tfopt info`."""

from __future__ import annotations

import os
import platform

import click
from rich.console import Console
from rich.table import Table

import tfopt
from tfopt import model_directory, models, ops, tensorflow_distributions
from tfopt.compute_instructions import instructions
from tfopt.cpu import available_cpus


@click.command(epilog="Example: tfopt info")
def command() -> None:
    """Show this machine, TensorFlow, and the installed models."""
    table = Table(show_header=False, box=None)
    table.add_row("tfopt", tfopt.__version__)
    table.add_row("Python", platform.python_version())
    tensorflow = ", ".join(map(str, tensorflow_distributions.installed()))
    table.add_row("TensorFlow", tensorflow or "none: pip install 'tfopt[cpu]'")
    _add_custom_ops(table)
    table.add_row("CPUs", f"{available_cpus()} of {os.cpu_count()} may be used")
    table.add_row("models folder", str(models.folder()))
    for name in models.names():
        weights = models.find(name) / model_directory.WEIGHTS
        size = f"{weights.stat().st_size / 1e6:.1f} MB" if weights.is_file() else "damaged"
        table.add_row(f"  {name}", size)
    Console().print(table)


def _add_custom_ops(table: Table) -> None:
    """Adds the instruction set that they use, for each compute type, or why they cannot be used here."""
    try:
        level = ops.instruction_set()
    except (ImportError, RuntimeError, ValueError) as error:
        table.add_row("custom ops", f"none: {error}")
        return
    table.add_row("custom ops", f"{level}, {ops.library()}")
    for name, by in instructions(level).items():
        table.add_row(f"  {name}", by)
