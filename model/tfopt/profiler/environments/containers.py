"""Containers of images that have tfopt, one for each worker, all under equal limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tfopt.profiler.conversation import Conversation
from tfopt.profiler.environments import labels
from tfopt.profiler.environments.container_worker import MODEL, ContainerWorker
from tfopt.profiler.environments.sdk import ENGINE_ERRORS, Client, docker, errors, reason
from tfopt.profiler.progress import Reporter

# Marks the containers of a run, so that it finds them again.
_MARK = "tfopt.run"
_LEAST_MEMORY = 6 << 20  # Docker's own


@dataclass(frozen=True)
class Limits:
    """What each container may use.

    Attributes:
        cpus: CPU time per wall time, in cores; and only on so many cores, the engine's first.
        memory_bytes: memory; there is no swap beyond it.
    """

    cpus: float
    memory_bytes: int

    @property
    def cores(self) -> int:
        """The cores on which a container may run."""
        return math.ceil(self.cpus)


@contextmanager
def environments(
    images: Sequence[str], cpus: float, memory: str
) -> Iterator[list[ImageEnvironment]]:
    """Gives an environment for each image; at the end no container of theirs is left.

    Args:
        images: names of images; each may have `LABEL=` before it. The same one may come twice.
        cpus: limit of each container, in cores.
        memory: limit of each container, such as 4G.

    Raises:
        RuntimeError: no engine answers.
        ValueError: a limit is wrong, or two labels are the same.
    """
    named = labels.read(images)
    limits = Limits(cpus, _bytes(memory))
    try:
        client = docker.from_env()
    except ENGINE_ERRORS as error:
        raise RuntimeError(
            "no container engine answers: install Docker or Podman, start it, or set DOCKER_HOST "
            f"({reason(error)})"
        ) from error
    run = uuid4().hex
    try:
        cores = client.info()["NCPU"]
        if cpus > cores:
            raise ValueError(f"--cpus: expected at most the engine's {cores}, got {cpus:g}")
        yield [ImageEnvironment(client, label, image, limits, run) for label, image in named]
    finally:
        _remove_all(client, run)
        client.close()


def _bytes(memory: str) -> int:
    try:
        found = int(docker.utils.parse_bytes(memory))
    except errors.DockerException:
        found = 0
    if found < _LEAST_MEMORY:
        raise ValueError(
            f"--memory: expected an amount such as 4G or 512M, 6M at least, got {memory!r}"
        )
    return found


def _remove_all(client: Client, run: str) -> None:
    """Removes what an interruption at the wrong moment has left."""
    with suppress(*ENGINE_ERRORS):
        for left in client.containers.list(all=True, filters={"label": f"{_MARK}={run}"}):
            with suppress(*ENGINE_ERRORS):
                left.remove(force=True, v=True)


class ImageEnvironment:
    """An image in whose containers workers run."""

    def __init__(self, client: Client, label: str, image: str, limits: Limits, run: str) -> None:
        """Names the image; `prepare` finds it.

        Args:
            client: the engine.
            label: what results call the environment.
            image: the image's name.
            limits: of each container.
            run: marks the containers.
        """
        self._client = client
        self._image = image
        self._id = image
        self._limits = limits
        self._run = run
        self.label = label

    @property
    def about(self) -> Mapping[str, Any]:
        """The image and the limits."""
        return {
            "image": self._image,
            "image_id": self._id,
            "cpus": self._limits.cpus,
            "memory_bytes": self._limits.memory_bytes,
        }

    @property
    def cpus(self) -> int:
        """What the limit leaves, rounded down: more threads would only be throttled."""
        return max(1, int(self._limits.cpus))

    def prepare(self, reporter: Reporter) -> None:
        """Finds the image, which is the same from now on, whatever its name comes to mean.

        Raises:
            RuntimeError: the engine does not answer.
            ValueError: it has no such image.
        """
        try:
            self._id = self._client.images.get(self._image).id
        except errors.ImageNotFound as error:
            raise ValueError(
                f"--image: the engine has no {self._image!r}; build it, or docker pull {self._image}"
            ) from error
        except ENGINE_ERRORS as error:
            raise RuntimeError(f"image {self._image!r}: {reason(error)}") from error

    def worker(self, model: Path | None = None) -> Conversation:
        """Starts a container, with a copy of the model."""
        options = {
            "nano_cpus": round(self._limits.cpus * 1e9),
            "cpuset_cpus": f"0-{self._limits.cores - 1}",
            "mem_limit": self._limits.memory_bytes,
            "memswap_limit": self._limits.memory_bytes,
            "labels": {_MARK: self._run},
        }
        return ContainerWorker(self._client, self._id, options, model)

    def path(self, model: Path) -> str:
        """Returns where the copy is."""
        return MODEL
