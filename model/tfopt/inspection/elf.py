"""The functions of a shared library: where each lies in the file, and its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from elftools.common.exceptions import ELFError
from elftools.construct.core import ConstructError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section
from numpy.typing import NDArray

# Elf64_Sym. Libraries have a million symbols: pyelftools' own iteration would take half a minute.
_SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2"), ("value", "<u8"), ("size", "<u8")]
)  # fmt: skip
_FUNCTION, _IFUNC = 2, 10  # STT_FUNC, STT_GNU_IFUNC
_UNDEFINED = 0  # SHN_UNDEF
_NONE = np.empty(0, _SYMBOL)
# What reading raises depends on where the damage is; OSError where it looks for an impossible place.
_DAMAGE = (ELFError, ConstructError, LookupError, AttributeError, TypeError, ValueError, OSError)


@dataclass(frozen=True)
class Code:
    """The machine code of a library.

    Attributes:
        path: The library.
        text_bytes: Size of its executable sections, without those that only jump to other libraries.
        offsets: Where each function begins in the file, [functions], ascending; each address once.
        sizes: Bytes of each function, [functions]. Functions do not overlap.
        names: Their symbols as the linker knows them.
    """

    path: Path
    text_bytes: int
    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    names: list[bytes]


def read(path: Path, label: str = "") -> Code:
    """Reads the symbols of a library for x86-64, from .symtab or, if it was stripped, from .dynsym.

    Args:
        path: The library.
        label: What errors call it; the path by default.

    Raises:
        ValueError: The file is not an ELF library, is damaged or truncated, or is for another architecture.
        OSError: It cannot be read.
    """
    label = label or str(path)
    end = path.stat().st_size
    with path.open("rb") as file:
        try:
            elf = ELFFile(file)
            for_x86_64 = elf.elfclass == 64 and elf["e_machine"] == "EM_X86_64"
            given = f"{elf.get_machine_arch()}, {elf.elfclass} bits"
            code, symbols, strings = _contents(elf, end) if for_x86_64 else ([], _NONE, b"")
        except _DAMAGE as error:
            raise ValueError(
                f"{label}: not an ELF library, or a damaged or truncated one: {error}"
            ) from error
    if not for_x86_64:
        raise ValueError(f"{label}: expected code for x86-64, got {given}")
    return _functions(path, code, symbols, strings)


def _contents(elf: ELFFile, end: int) -> tuple[list[Section], NDArray[np.void], bytes]:
    """Returns the sections with code, the symbols, and the names that those refer to.

    Args:
        elf: The library.
        end: Its size in bytes.
    """
    code = [section for section in elf.iter_sections() if _is_code(section)]
    table = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
    names = None if table is None else elf.get_section(table["sh_link"])
    for section in (*code, table, names):
        if section and (
            section["sh_offset"] + section["sh_size"] > end or section["sh_addr"] >> 63
        ):
            raise ELFError(f"expected section {section.name} within its {end} bytes")
    if table is None or names is None:
        return code, _NONE, b""
    return code, np.frombuffer(table.data(), _SYMBOL), names.data()


def _is_code(section: Section) -> bool:
    executable = bool(section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR)
    return (
        executable and section["sh_type"] == "SHT_PROGBITS" and not section.name.startswith(".plt")
    )


def _functions(path: Path, code: list[Section], symbols: NDArray[np.void], strings: bytes) -> Code:
    kind = symbols["info"] & 0xF
    symbols = symbols[((kind == _FUNCTION) | (kind == _IFUNC)) & (symbols["section"] != _UNDEFINED)]
    # Of the names of one address, the one with a size: assemblers leave 0 where nobody gave one.
    symbols = symbols[np.lexsort((-symbols["size"].astype(np.int64), symbols["value"]))]
    _, first = np.unique(symbols["value"], return_index=True)
    symbols = symbols[first]
    offsets, sizes, names = [np.empty(0, np.int64)], [np.empty(0, np.int64)], []
    for section in sorted(code, key=lambda section: int(section["sh_offset"])):
        start, length = section["sh_addr"], section["sh_size"]
        inside = symbols[(symbols["value"] >= start) & (symbols["value"] < start + length)]
        begin = (inside["value"] - np.uint64(start)).astype(np.int64)
        room = np.diff(begin, append=length)
        given = np.minimum(inside["size"], np.uint64(length)).astype(np.int64)
        offsets.append(begin + section["sh_offset"])
        sizes.append(np.where(given > 0, np.minimum(given, room), room))
        names += [_name(strings, position) for position in inside["name"].tolist()]
    return Code(
        path=path,
        text_bytes=sum(section["sh_size"] for section in code),
        offsets=np.concatenate(offsets),
        sizes=np.concatenate(sizes),
        names=names,
    )


def _name(strings: bytes, position: int) -> bytes:
    end = strings.find(b"\0", position)
    return strings[position:end] if end >= 0 else b""
