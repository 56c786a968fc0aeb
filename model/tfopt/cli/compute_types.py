"""The option `--compute-type` of the commands that run a model, and what they say of it."""

from __future__ import annotations

import click

from tfopt.compute_types import AUTO, COMPUTE_TYPES, DEFAULT_COMPUTE_TYPE

compute_type_option = click.option(
    "--compute-type",
    type=click.Choice(COMPUTE_TYPES),
    default=DEFAULT_COMPUTE_TYPE,
    show_default=True,
    help="What native multiplies in: fewer bits are faster and less exact. int8_static: for a model of tfopt "
    "quantize. auto: the fastest on this CPU whose loss, as that measured it, is small.",
)


def report_compute_type(asked: str, chosen: str) -> None:
    """Says what `auto` has chosen, on standard error, beside which the result may go to standard output."""
    if asked == AUTO:
        click.echo(f"compute type: {chosen}", err=True)
