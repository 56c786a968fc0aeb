"""A container engine that speaks the Docker Engine API over a socket, and whose containers are processes.

It has what a run needs of it: images, containers with limits, files put into them, and their three streams
over one connection, cut into pieces where no frame or line ends. Nothing is isolated.
"""

from __future__ import annotations

import io
import json
import re
import socket
import socketserver
import struct
import subprocess
import tarfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import parse_qs, urlparse

CPUS = 4
_PIECE = 1000  # bytes; a frame's header and the first byte of what it holds go alone


class Container:
    """A process that was asked for, and what it was asked for with."""

    def __init__(self, command: Sequence[str], asked: dict[str, Any]) -> None:
        self.command = command
        self.asked = asked
        self.files: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.connection: socket.socket | None = None
        self.ended = threading.Event()
        self.sending = threading.Lock()
        self.status = 0

    def start(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, stderr=pipe)
        outputs = enumerate((self.process.stdout, self.process.stderr), start=1)
        readers = [
            threading.Thread(target=self._forward, args=output, daemon=True) for output in outputs
        ]
        for thread in (
            *readers,
            threading.Thread(target=self._feed, args=(self.process.stdin,), daemon=True),
            threading.Thread(target=self._reap, args=(readers,), daemon=True),
        ):
            thread.start()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            assert self.ended.wait(20.0)
        self.ended.set()

    def _forward(self, stream: int, pipe: IO[bytes]) -> None:
        assert self.connection is not None
        while content := cast(io.BufferedReader, pipe).read1():
            header = struct.pack(">BxxxL", stream, len(content))
            with self.sending:
                for piece in (
                    header[:3],
                    header[3:] + content[:1],
                    content[1:_PIECE],
                    content[_PIECE:],
                ):
                    if piece:
                        self.connection.sendall(piece)

    def _feed(self, pipe: IO[bytes]) -> None:
        assert self.connection is not None
        try:
            while received := self.connection.recv(1 << 16):
                pipe.write(received)
                pipe.flush()
            pipe.close()
        except OSError:
            pass

    def _reap(self, readers: Sequence[threading.Thread]) -> None:
        assert self.process is not None
        assert self.connection is not None
        status = self.process.wait()
        for reader in readers:
            reader.join()
        self.status = status if status >= 0 else 128 - status
        self.connection.shutdown(socket.SHUT_RDWR)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        self.ended.set()


class Engine(socketserver.ThreadingUnixStreamServer):
    """The engine. `images` says which command a container of an image runs."""

    daemon_threads = True

    def __init__(self, path: Path, images: dict[str, Sequence[str]]) -> None:
        super().__init__(str(path), _Handler)
        self.url = f"unix://{path}"
        self.images = images
        self.containers: dict[str, Container] = {}
        self.seen: list[Container] = []
        # A thread that lasts: workers ask to be killed when the thread that started them ends.
        self.starter = ThreadPoolExecutor(1)

    def __enter__(self) -> Engine:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for container in self.containers.values():
            container.kill()
        self.shutdown()
        self.server_close()
        self.starter.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Engine

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        path = self._path()
        if path == "/version":
            self._answer(200, {"ApiVersion": "1.43", "MinAPIVersion": "1.24"})
        elif path == "/info":
            self._answer(200, {"NCPU": CPUS})
        elif path == "/containers/json":
            (mark,) = json.loads(parse_qs(urlparse(self.path).query)["filters"][0])["label"]
            name, value = mark.split("=")
            self._answer(
                200,
                [
                    {"Id": one}
                    for one, container in self.server.containers.items()
                    if container.asked["Labels"].get(name) == value
                ],
            )
        elif found := re.fullmatch(r"/images/(.+)/json", path):
            known = found[1] in self.server.images
            self._answer(200, {"Id": found[1]}) if known else self._missing(found[1])
        elif found := re.fullmatch(r"/containers/(\w+)/json", path):
            self._answer(200, {"Id": found[1], "Config": {"Tty": False}})
        else:
            self._missing(path)

    def do_PUT(self) -> None:
        container = self.server.containers[self._path().split("/")[2]]
        with tarfile.open(fileobj=io.BytesIO(self._body())) as archive:
            container.files += archive.getnames()
            archive.extractall("/", filter="data")
        self._answer(200)

    def do_DELETE(self) -> None:
        container = self.server.containers.pop(self._path().split("/")[2], None)
        if container is None:
            self._missing("container")
        else:
            container.kill()
            self._answer(204)

    def do_POST(self) -> None:
        path = self._path()
        if path == "/containers/create":
            asked = json.loads(self._body())
            container = Container(self.server.images[asked["Image"]], asked)
            name = f"c{len(self.server.seen)}"
            self.server.containers[name] = container
            self.server.seen.append(container)
            self._answer(201, {"Id": name})
            return
        name, what = path.split("/")[2:]
        container = self.server.containers[name]
        self._body()
        if what == "attach":
            self.send_response_only(101, "UPGRADED")
            self.send_header("Content-Type", "application/vnd.docker.raw-stream")
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", "tcp")
            self.end_headers()
            self.close_connection = True
            container.connection = self.connection
            container.ended.wait()
        elif what == "start":
            try:
                self.server.starter.submit(container.start).result()
            except FileNotFoundError as error:
                self._answer(400, {"message": f'exec: "python": {error.strerror}'})
            else:
                self._answer(204)
        elif what == "wait":
            container.ended.wait()
            self.server.containers.pop(name, None)
            self._answer(200, {"StatusCode": container.status})

    def _path(self) -> str:
        return re.sub(r"^/v1\.\d+", "", urlparse(self.path).path)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _missing(self, what: str) -> None:
        self._answer(404, {"message": f"No such image or container: {what}"})

    def _answer(self, status: int, content: Any = None) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
