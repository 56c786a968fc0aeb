"""`tfopt download`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tfopt.download import download, is_installed
from tfopt.sources import SOURCES


@click.command(
    epilog="Example: tfopt download g2p_en-2.1.0",
    help=(
        "Fetch the weights of MODELS with pip, convert and install them. Models already installed are "
        f"left alone. Known: {', '.join(sorted(SOURCES))}."
    ),
)
@click.argument("names", nargs=-1, metavar="[MODELS]...", type=click.Choice(sorted(SOURCES)))
@click.option("--all", "everything", is_flag=True, help="All known models.")
@click.option("--force", is_flag=True, help="Fetch and convert them again.")
def command(names: Sequence[str], everything: bool, force: bool) -> None:
    """Installs models."""
    if bool(names) == everything:
        raise click.UsageError("give either the names of models or --all")
    for name in sorted(SOURCES) if everything else names:
        if is_installed(name) and not force:
            click.echo(f"{name} is installed")
        else:
            click.echo(f"{name} is being downloaded and converted")
            download(name, replace=force)
