"""Describes the machine a run was measured on: CPU, caches, limits, memory, operating system.

Nothing that identifies the machine or its user is read: no host name, user name or path.
"""

from __future__ import annotations

import os
import platform
import re
import time
from pathlib import Path
from typing import Any

from tfopt import cpu

# The instruction sets that decide how fast generation runs, as /proc/cpuinfo spells them.
_INSTRUCTION_SETS = (
    # x86-64
    *("sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2", "avx_vnni"),
    *("avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"),
    *("avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("amx_tile", "amx_int8", "amx_bf16", "amx_fp16"),
    # AArch64
    *("asimd", "asimdhp", "asimddp", "asimdfhm", "i8mm", "bf16"),
    *("sve", "sve2", "svei8mm", "svebf16", "sme", "sme2"),
)

# AArch64 kernels give numbers instead of a model name (MIDR_EL1: implementer, part).
_ARM_PARTS = {
    ("0x41", "0xd03"): "Arm Cortex-A53",
    ("0x41", "0xd08"): "Arm Cortex-A72",
    ("0x41", "0xd0b"): "Arm Cortex-A76",
    ("0x41", "0xd0c"): "Arm Neoverse N1",
    ("0x41", "0xd40"): "Arm Neoverse V1",
    ("0x41", "0xd49"): "Arm Neoverse N2",
    ("0x41", "0xd4f"): "Arm Neoverse V2",
    ("0xc0", "0xac3"): "Ampere-1",
}


def describe(root: Path = Path("/")) -> dict[str, Any]:
    """Returns what the figures depend on, ready for JSON. Sizes are in bytes.

    Args:
        root: where /proc, /sys and /etc are found.
    """
    limits = cpu.cgroup_limits(root / "proc" / "self")
    return {
        "cpu": _cpu(root),
        "cores": {
            "logical": os.cpu_count(),
            "physical": _physical_cores(root),
            "affinity": cpu.affinity(),
        },
        "cgroup": {
            "version": limits.version,
            "cpus": limits.cpus,
            "memory_bytes": limits.memory_bytes,
        },
        "memory_bytes": _memory(root),
        "kernel": f"{platform.system()} {platform.release()}",
        "os": _os_name(root),
        "libc": " ".join(platform.libc_ver()).strip() or None,
    }


def busy_percent(root: Path = Path("/"), seconds: float = 1.0) -> float | None:
    """Returns how much of all CPUs' time is used, watched for some seconds; None if unknown."""
    before = _idle_and_total(root)
    time.sleep(seconds)
    after = _idle_and_total(root)
    if before is None or after is None or after[1] <= before[1]:
        return None
    return round(100.0 * (1.0 - (after[0] - before[0]) / (after[1] - before[1])), 1)


def _idle_and_total(root: Path) -> tuple[int, int] | None:
    """Reads /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; in clock ticks."""
    words = _text(root / "proc" / "stat").partition("\n")[0].split()
    if len(words) < 9 or words[0] != "cpu" or not all(word.isdigit() for word in words[1:9]):
        return None
    ticks = [int(word) for word in words[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


def _cpu(root: Path) -> dict[str, Any]:
    fields = _first_processor(_text(root / "proc" / "cpuinfo"))
    flags = set((fields.get("flags") or fields.get("Features") or "").split())
    directory = root / "sys" / "devices" / "system" / "cpu" / "cpu0"
    return {
        "model": _model_name(fields),
        "architecture": platform.machine(),
        "instruction_sets": [name for name in _INSTRUCTION_SETS if name in flags],
        "caches": _caches(directory / "cache"),
        "virtual_machine": "hypervisor" in flags,
        "frequency_governor": _text(directory / "cpufreq" / "scaling_governor") or None,
    }


def _first_processor(text: str) -> dict[str, str]:
    """Returns the fields of the first processor in /proc/cpuinfo."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon and fields:
            break
        fields[name.strip()] = value.strip()
    return fields


def _model_name(fields: dict[str, str]) -> str:
    if name := fields.get("model name"):
        return " ".join(name.split())
    implementer, part = fields.get("CPU implementer"), fields.get("CPU part")
    if implementer and part:
        known = _ARM_PARTS.get((implementer, part))
        return known or f"Arm implementer {implementer} part {part}"
    return platform.machine() or "unknown"


def _caches(directory: Path) -> list[dict[str, Any]]:
    """Lists the caches that the first core sees; `shared_by` counts logical cores."""
    caches = []
    for index in sorted(directory.glob("index[0-9]*")):
        size = re.fullmatch(r"(\d+)([KMG]?)", _text(index / "size"))
        level = _text(index / "level")
        if size and level.isdigit():
            shift = {"": 0, "K": 10, "M": 20, "G": 30}[size[2]]
            caches.append(
                {
                    "level": int(level),
                    "type": _text(index / "type").lower(),
                    "bytes": int(size[1]) << shift,
                    "shared_by": _count(_text(index / "shared_cpu_list")),
                }
            )
    return caches


def _count(cpu_list: str) -> int | None:
    """Counts the cores in a list such as `0-3,8,10-11`."""
    total = 0
    for part in cpu_list.split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            return None
        total += int(last or first) - int(first) + 1
    return total


def _physical_cores(root: Path) -> int | None:
    """Counts distinct (package, core) pairs; None where the kernel does not tell."""
    cores = set()
    for topology in (root / "sys" / "devices" / "system" / "cpu").glob("cpu[0-9]*/topology"):
        pair = _text(topology / "physical_package_id"), _text(topology / "core_id")
        if all(pair):
            cores.add(pair)
    return len(cores) or None


def _memory(root: Path) -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB", _text(root / "proc" / "meminfo"), re.MULTILINE)
    return int(found[1]) << 10 if found else None


def _os_name(root: Path) -> str:
    text = _text(root / "etc" / "os-release")
    found = re.search(r'^PRETTY_NAME="?([^"\n]*)', text, re.MULTILINE)
    return found[1] if found else platform.system()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
