"""The command line, `python -m training`. Each command is a module of its own, imported when it is called."""

from __future__ import annotations

import importlib
import os
from typing import Any

import click

COMMANDS = {
    "compare-vocoders": (
        "training.vocoders.comparison_command",
        "Compare vocoders with recordings and Griffin-Lim.",
    ),
    "g2p": ("training.g2p.command", "Train a grapheme-to-phoneme model on CMUdict."),
    "wavenet": ("training.vocoders.wavenet_command", "Train a WaveNet vocoder on festvox-ru."),
    "wavernn": ("training.vocoders.wavernn_command", "Train a WaveRNN vocoder on festvox-ru."),
}


class _Commands(click.Group):
    """Imports Keras and its backend only for the command that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ValueError, OSError, ImportError) as error:
            # One clear line instead of a traceback, which is shown with TFOPT_TRACEBACK=1.
            if os.environ.get("TFOPT_TRACEBACK"):
                raise
            raise click.ClickException(str(error)) from error


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: python -m training g2p --epochs 40",
)
def cli() -> None:
    """Trains the models that tfopt ships."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


if __name__ == "__main__":
    cli(prog_name="python -m training")
