"""Decodes functions and counts what their instructions belong to. Runs in processes of its own."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path

from iced_x86 import CpuidFeature, Decoder, Instruction, Mnemonic

from tfopt import instruction_sets
from tfopt.inspection.tally import Tally

_BITNESS = 64
_SETS = {getattr(CpuidFeature, name.replace(".", "_")): name for name in instruction_sets.FLAGS}
_MNEMONICS = {number: name for name, number in vars(Mnemonic).items() if isinstance(number, int)}
_FUSED = re.compile(r"VFN?M(ADD|SUB|ADDSUB|SUBADD)(132|213|231)[PS][SDH]")
_SEPARATE = re.compile(r"V?(MUL|ADD|SUB)[PS][SDH]")


@dataclass(frozen=True)
class Chunk:
    """Functions that lie together in a file.

    Attributes:
        path: The library.
        offsets: Where each function begins in the file.
        sizes: How long it is, in bytes.
        origins: The library that it comes from.
    """

    path: Path
    offsets: list[int]
    sizes: list[int]
    origins: list[str]


def count(chunk: Chunk) -> dict[str, Tally]:
    """Returns what a chunk's functions use, by the library that they come from."""
    tallies: dict[str, Tally] = {}
    start = chunk.offsets[0]
    with chunk.path.open("rb") as file:
        file.seek(start)
        text = file.read(chunk.offsets[-1] + chunk.sizes[-1] - start)
    for offset, size, origin in zip(chunk.offsets, chunk.sizes, chunk.origins, strict=True):
        function = text[offset - start : offset - start + size]
        codes = Counter(map(attrgetter("code"), Decoder(_BITNESS, function)))
        _add(tallies.setdefault(origin, Tally()), codes, size)
    return tallies


def _add(tally: Tally, codes: Counter[int], size: int) -> None:
    """Adds a function with so many instructions of each of iced-x86's codes."""
    tally.functions += 1
    tally.text_bytes += size
    used: set[str] = set()
    for code, times in codes.items():
        meaning = _meaning(code)
        for name in meaning.sets:
            tally.instructions[name] += times
        used.update(meaning.sets)
        tally.fused += times * meaning.fused
        tally.separate += times * meaning.separate
    tally.users.update(used)


@dataclass(frozen=True)
class _Meaning:
    sets: tuple[str, ...]
    fused: bool
    separate: bool


@cache
def _meaning(code: int) -> _Meaning:
    instruction = Instruction()
    instruction.code = code  # type: ignore[assignment]  # its stubs have an enumeration
    mnemonic = _MNEMONICS[instruction.mnemonic]
    fused = bool(_FUSED.fullmatch(mnemonic))
    sets = {_SETS[feature] for feature in instruction.cpuid_features() if feature in _SETS}
    if fused:
        sets.add("FMA")  # also where AVX-512 encodes it
    if any(name.startswith("AVX512") for name in sets):
        sets.add(instruction_sets.AVX512)
    if mnemonic == "TZCNT":
        sets.clear()  # compilers write it for every CPU: one without BMI1 executes it as BSF
    return _Meaning(tuple(sets), fused, bool(_SEPARATE.fullmatch(mnemonic)))
