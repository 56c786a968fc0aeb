"""A worker in a container, spoken to over the connection to its standard input and output."""

from __future__ import annotations

import io
import socket
import tarfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tfopt import model_directory
from tfopt.profiler import process
from tfopt.profiler.conversation import PATIENCE_S, Conversation, WorkerError
from tfopt.profiler.environments.frames import STDOUT, Frames
from tfopt.profiler.environments.sdk import ENGINE_ERRORS, Client, docker, reason

# Where the model lies in the container.
MODEL = "/tfopt-model"
_RECEIVED_AT_ONCE = 1 << 16
_ENDING_S = 30.0
_SIGNALLED = 128  # added to the signal's number, as shells do


class ContainerWorker(Conversation):
    """A container that was started for this conversation.

    It is removed at the end, by the engine itself if this process has no time left to do so: the worker ends
    with its standard input, and the container with the worker.
    """

    def __init__(
        self,
        client: Client,
        image: str,
        options: Mapping[str, Any],
        model: Path | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Starts the container.

        Args:
            client: the engine.
            image: the image's name or id.
            options: limits and labels, as the SDK's `containers.create` takes them.
            model: a model directory, which is copied into the container: an engine elsewhere sees no folder
                of this machine.
            patience_s: how long one command may take before the worker counts as hung.

        Raises:
            WorkerError: it cannot be started.
        """
        super().__init__(patience_s)
        self._client = client
        self._ended: int | None = None
        self._threads: list[threading.Thread] = []
        self._socket: socket.socket | None = None
        self._container: Any = None
        try:
            self._container = client.containers.create(
                image,
                entrypoint=["python", *process.MODULE],
                stdin_open=True,
                network_mode="none",
                auto_remove=True,
                # Answers are long, and to log them would cost time while others are timed.
                log_config=docker.types.LogConfig(type="none"),
                **options,
            )
            if model is not None:
                self._container.put_archive("/", _packed(model))
            self._connect()
            self._container.start()
        except ENGINE_ERRORS as error:
            self.close()
            raise WorkerError(f"the container cannot be started: {reason(error)}") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Removes the container and waits until it is gone."""
        if self._container is not None:
            # It may be gone, or going, by itself.
            with suppress(*ENGINE_ERRORS):
                self._container.remove(force=True, v=True)
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_ENDING_S)
        if self._socket is not None:
            self._socket.close()
            self._attached.close()

    def _connect(self) -> None:
        """Attaches to the container's streams, and waits for its end, before it is started."""
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        # What the SDK gives is made for reading; beneath it is what can be written to as well.
        self._attached = self._container.attach_socket(params=streams)
        self._socket = getattr(self._attached, "_sock", self._attached)
        # The engine's answers come within a minute, a worker's need not.
        self._socket.settimeout(None)
        for work in (self._read, self._wait):
            self._threads.append(threading.Thread(target=work, daemon=True))
            self._threads[-1].start()

    def _send(self, line: str) -> None:
        assert self._socket is not None  # noqa: S101
        self._socket.sendall(line.encode())

    def _status(self) -> int | None:
        for thread in self._threads:
            thread.join(_ENDING_S)
        return self._ended

    def _read(self) -> None:
        assert self._socket is not None  # noqa: S101
        frames = Frames()
        # Nothing more comes from a connection that breaks or brings something else.
        with suppress(OSError, ValueError):
            while received := self._socket.recv(_RECEIVED_AT_ONCE):
                for stream, line in frames.feed(received):
                    self._take(stream, line)
        for stream, line in frames.rest():
            self._take(stream, line)
        self._fell_silent()

    def _take(self, stream: int, line: str) -> None:
        if stream == STDOUT:
            self._heard(line)
        else:
            self._logged(line)

    def _wait(self) -> None:
        """Learns how the container ended, which nobody can tell once it is removed."""
        with suppress(*ENGINE_ERRORS, KeyError):
            status = self._container.wait(condition="removed")["StatusCode"]
            self._ended = _SIGNALLED - status if status > _SIGNALLED else status


def _packed(model: Path) -> bytes:
    """Returns the files of a model directory as a tar archive, for any user to read."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in (model_directory.CONFIG, model_directory.WEIGHTS):
            content = (model / name).read_bytes()
            entry = tarfile.TarInfo(f"{MODEL.strip('/')}/{name}")
            entry.size, entry.mode = len(content), 0o444
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
