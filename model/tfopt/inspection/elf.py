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
    with path.open("rb") as file:
        try:
            elf = ELFFile(file)
            if elf.elfclass != 64 or elf["e_machine"] != "EM_X86_64":
                given = f"{elf.get_machine_arch()}, {elf.elfclass} bits"
                raise ValueError(f"{label}: expected code for x86-64, got {given}")
            sections = list(elf.iter_sections())
            table = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
            symbols, strings = _symbols(elf, table)
        # What pyelftools raises for damaged files depends on where the damage is.
        except (ELFError, ConstructError, KeyError, AttributeError, TypeError, IndexError) as error:
            raise ValueError(f"{label}: not an ELF library, or a damaged one: {error}") from error
    end = path.stat().st_size
    code = [section for section in sections if _is_code(section)]
    if any(section["sh_offset"] + section["sh_size"] > end for section in code):
        raise ValueError(f"{label}: truncated: expected its sections within {end} bytes")
    return _functions(path, code, symbols, strings)


def _symbols(elf: ELFFile, table: Section | None) -> tuple[NDArray[np.void], bytes]:
    if table is None:
        return np.empty(0, _SYMBOL), b""
    content = table.data()
    if len(content) != table["sh_size"] or len(content) % _SYMBOL.itemsize:
        raise ELFError("its table of symbols is cut off")
    return np.frombuffer(content, _SYMBOL), elf.get_section(table["sh_link"]).data()


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
