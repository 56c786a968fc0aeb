"""Takes apart what a container says over one connection: frames of its standard output and standard error.

A frame is 1 byte for the stream, 3 bytes that mean nothing, 4 bytes for the size (big-endian), and so many
bytes (Docker Engine API, "Attach to a container", stream format). The connection cuts frames anywhere, and
frames cut lines anywhere.

The SDK's own reader waits until the connection has something to read before it reads a part of a frame; over
TLS the rest may have been received by then, and it would wait for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

STDOUT, STDERR = 1, 2
_HEADER = 8


class Frames:
    """Collects what was received until it makes lines."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._lines = {STDOUT: bytearray(), STDERR: bytearray()}

    def feed(self, received: bytes) -> Iterator[tuple[int, str]]:
        """Takes what was received, and yields each line that it completes with the stream it came from.

        Raises:
            ValueError: it is no frame.
        """
        self._received += received
        while len(self._received) >= _HEADER:
            stream, size = self._received[0], int.from_bytes(self._received[4:_HEADER], "big")
            if stream not in self._lines:
                raise ValueError(f"expected a frame of stream 1 or 2, got {stream}")
            if len(self._received) < _HEADER + size:
                return
            line = self._lines[stream]
            line += self._received[_HEADER : _HEADER + size]
            del self._received[: _HEADER + size]
            while (end := line.find(b"\n")) >= 0:
                yield stream, line[: end + 1].decode(errors="replace")
                del line[: end + 1]

    def rest(self) -> Iterator[tuple[int, str]]:
        """Yields the lines that were never ended, once there is nothing more to receive."""
        for stream, line in self._lines.items():
            if line:
                yield stream, line.decode(errors="replace")
