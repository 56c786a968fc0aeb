"""The file that `tfopt-native` reads: named sections of bytes.

custom_ops/engine/packing/model_file.h says how they lie in it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

ALIGNMENT = 64  # bytes: a cache line, as the packed weights need it
VERSION = 1
KINDS = {"wavenet": 2, "g2p": 3, "wavernn": 4}

_MAGIC = b"TFOPTBIN"
_HEADER = struct.Struct("<8sIIQQ")  # magic, version, kind, bytes of the file, sections
_ENTRY = struct.Struct("<32sQQ")  # name, offset, size


def build(kind: str, sections: Mapping[str, bytes]) -> bytes:
    """The file's content.

    Args:
        kind: Of the model, one of `KINDS`.
        sections: The bytes of each section, in the order in which they are written.
    """
    table_end = _HEADER.size + len(sections) * _ENTRY.size
    entries, offset = [], _aligned(table_end)
    for name, data in sections.items():
        entries.append(_ENTRY.pack(name.encode("ascii"), offset, len(data)))
        offset = _aligned(offset + len(data))
    header = _HEADER.pack(_MAGIC, VERSION, KINDS[kind], offset, len(sections))
    parts = [b"".join([header, *entries]), *sections.values()]
    return b"".join(part.ljust(_aligned(len(part)), b"\0") for part in parts)


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
