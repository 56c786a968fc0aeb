"""Which instructions this process may use, by the words that Linux shows for them in /proc/cpuinfo.

The C library is asked first. It has executed CPUID, and so knows what an emulator offers; an emulator of
one process passes on the /proc/cpuinfo of the real CPU.
"""

from __future__ import annotations

import ctypes
import platform
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_EAX, _EBX, _ECX, _EDX = range(4)

# Flag: number of the CPUID leaf in the C library's table, register, bit; as in <bits/platform/x86.h>.
_BITS = {
    "pni": (0, _ECX, 0),
    "ssse3": (0, _ECX, 9),
    "fma": (0, _ECX, 12),
    "sse4_1": (0, _ECX, 19),
    "sse4_2": (0, _ECX, 20),
    "movbe": (0, _ECX, 22),
    "popcnt": (0, _ECX, 23),
    "avx": (0, _ECX, 28),
    "f16c": (0, _ECX, 29),
    "bmi1": (1, _EBX, 3),
    "avx2": (1, _EBX, 5),
    "bmi2": (1, _EBX, 8),
    "avx512f": (1, _EBX, 16),
    "avx512dq": (1, _EBX, 17),
    "avx512ifma": (1, _EBX, 21),
    "avx512cd": (1, _EBX, 28),
    "avx512bw": (1, _EBX, 30),
    "avx512vl": (1, _EBX, 31),
    "avx512vbmi": (1, _ECX, 1),
    "avx512_vbmi2": (1, _ECX, 6),
    "gfni": (1, _ECX, 8),
    "vaes": (1, _ECX, 9),
    "vpclmulqdq": (1, _ECX, 10),
    "avx512_vnni": (1, _ECX, 11),
    "avx512_bitalg": (1, _ECX, 12),
    "avx512_vpopcntdq": (1, _ECX, 14),
    "amx_bf16": (1, _EDX, 22),
    "avx512_fp16": (1, _EDX, 23),
    "amx_tile": (1, _EDX, 24),
    "amx_int8": (1, _EDX, 25),
    "abm": (2, _ECX, 5),
    "avx_vnni": (6, _EAX, 4),
    "avx512_bf16": (6, _EAX, 5),
}


class _Leaf(ctypes.Structure):
    """`struct cpuid_feature`: what the CPU reports, and what of it the operating system lets programs use."""

    _fields_ = (("present", ctypes.c_uint32 * 4), ("active", ctypes.c_uint32 * 4))


def usable() -> frozenset[str] | None:
    """Returns the flags of this process's CPU, or None if it is not an x86-64 one or nothing tells them."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    found = _from_c_library()
    return from_cpuinfo() if found is None else found


def from_cpuinfo(cpuinfo: Path = _CPUINFO) -> frozenset[str] | None:
    """Returns the flags of the first processor in a /proc/cpuinfo; None if there are none to read."""
    try:
        with cpuinfo.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() == "flags":
                    return frozenset(value.split())
    except OSError:
        pass
    return None


def _from_c_library() -> frozenset[str] | None:
    """Asks glibc 2.33 or later; None with another C library."""
    try:
        leaf_of = ctypes.CDLL(None).__x86_get_cpuid_feature_leaf
    except (OSError, AttributeError):
        return None
    leaf_of.argtypes = (ctypes.c_uint,)
    leaf_of.restype = ctypes.POINTER(_Leaf)
    leaves = [leaf_of(number).contents for number in range(7)]
    return frozenset(
        flag
        for flag, (leaf, register, bit) in _BITS.items()
        if leaves[leaf].active[register] >> bit & 1
    )
