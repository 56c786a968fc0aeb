"""The command line, `tfopt`. Each command is a module of its own, imported when it is called."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import Any

import click

import tfopt
from tfopt.cli import failures

COMMANDS = {
    "compare": "Draw profiles side by side, with ratios.",
    "convert": "Make a model directory of another project's weights.",
    "download": "Get the weights that other projects publish, and install them.",
    "evaluate": "Measure how accurate models are, beside how fast.",
    "export": "Write a model as a SavedModel that takes strings.",
    "generate": "Generate audio with a WaveNet.",
    "info": "Show this machine, TensorFlow, and the installed models.",
    "inspect-tensorflow": "Show which instruction sets a TensorFlow was compiled with.",
    "pack": "Write a model as one file for the program tfopt-native.",
    "predict": "Pronounce words.",
    "profile": "Measure how much faster each backend makes a model.",
    "prune": "Set the smallest blocks of a trained model to zero.",
    "quantize": "Calibrate a model for 8-bit integers, and measure what each compute type loses.",
    "report": "Make one HTML page of all results in a folder.",
    "vocode": "Make audio of mel spectrograms, or of audio's.",
}


class _Commands(click.Group):
    """Imports a command's module only when the command is called: `tfopt --help` stays instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = importlib.import_module(f"tfopt.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except failures.kinds() as error:
            # One clear line instead of a traceback. An error that is not the user's shows its traceback
            # with TFOPT_TRACEBACK=1.
            if os.environ.get("TFOPT_TRACEBACK"):
                raise
            raise click.ClickException(failures.line(error)) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: tfopt predict aardvark",
)
@click.version_option(tfopt.__version__, prog_name="tfopt")
def cli() -> None:
    """Trained autoregressive TensorFlow models, generating at hardware speed on CPUs."""
    # TensorFlow's start-up notices would stand in the middle of the output.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; exits with 0, 1 (it failed) or 2 (it was called wrongly)."""
    cli.main(args=None if arguments is None else list(arguments), prog_name="tfopt")
