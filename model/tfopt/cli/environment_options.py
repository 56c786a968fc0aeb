"""The options of `tfopt profile` that say where to measure, and the environments that they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path

import click

from tfopt.cli.option_groups import together
from tfopt.profiler.environments import HERE, Environment

_CPUS, _MEMORY = 1.0, "4G"
options = together(
    click.option(
        "--tensorflow",
        multiple=True,
        metavar="REQUIREMENT...",
        help="Measure with this TensorFlow, such as tensorflow-cpu==2.14.0 or the path of a wheel, in an "
        "environment made for it and kept in $TFOPT_CACHE or ~/.cache/tfopt. Several: all in turns, and "
        "compared. LABEL=REQUIREMENT names it.",
    ),
    click.option(
        "--image",
        "images",
        multiple=True,
        metavar="IMAGE...",
        help="Measure in containers of this image, which has tfopt. Several: all in turns, under the same "
        "limits, and compared. LABEL=IMAGE names it.",
    ),
    click.option(
        "--cpus",
        type=click.FloatRange(0.01, 1024),
        help=f"Limit of each container. Default: {_CPUS:g}.",
    ),
    click.option("--memory", help=f"Limit of each container, such as 512M. Default: {_MEMORY}."),
)


def chosen(
    tensorflow: Sequence[str], images: Sequence[str], cpus: float | None, memory: str | None
) -> Callable[[Path], AbstractContextManager[Sequence[Environment]]]:
    """Returns what gives the environments that the options mean: this one if they name none.

    Args:
        tensorflow: requirements.
        images: names of images.
        cpus: the CPUs of a container.
        memory: its memory.

    Returns:
        A function that takes a folder, which lasts as long as the environments are used.

    Raises:
        click.UsageError: the options are wrong; what is returned raises it too.
    """
    if tensorflow and images:
        raise click.UsageError("expected --tensorflow or --image, got both")
    if not images and (cpus or memory):
        raise click.UsageError("--cpus and --memory: expected --image with them")
    if not all(images):
        raise click.BadParameter("expected the name of an image, got ''", param_hint="'--image'")
    if images:
        return lambda folder: _containers(images, cpus or _CPUS, memory or _MEMORY)
    if tensorflow:
        return lambda folder: _virtual(tensorflow, folder)
    return lambda folder: nullcontext([HERE])


@contextmanager
def _virtual(requirements: Sequence[str], scratch: Path) -> Iterator[Sequence[Environment]]:
    from tfopt.profiler.environments import virtual

    try:
        found = virtual.environments(requirements, scratch)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--tensorflow'") from error
    yield found


@contextmanager
def _containers(images: Sequence[str], cpus: float, memory: str) -> Iterator[Sequence[Environment]]:
    from tfopt.profiler.environments import containers

    with ExitStack() as stack:
        try:
            found = stack.enter_context(containers.environments(images, cpus, memory))
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        yield found
