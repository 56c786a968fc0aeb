"""How many CPUs this process may use: scheduler affinity and cgroup limits, v1 and v2.

A container started with `--cpus=1` on a 64-core host still sees 64 cores in `os.cpu_count()`;
64 threads then share one core's quota and stall each other. The limits are read from the mounts
named in `/proc/self/mountinfo`, because their place differs between cgroup versions, nested
containers and distributions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_PROC_SELF = Path("/proc/self")
# cgroup v1 has no word for "unlimited": it reports the largest page-aligned number.
_UNLIMITED_BYTES = 1 << 60


@dataclass(frozen=True)
class CgroupLimits:
    """What the control groups of this process allow; None where there is no limit.

    Attributes:
        version: 2, 1, or None outside any control group. Hybrid systems count as the version that
            holds the cpu controller.
        cpus: CPU time per wall time, in cores (`docker run --cpus`).
        memory_bytes: memory limit in bytes.
    """

    version: int | None
    cpus: float | None
    memory_bytes: int | None


@dataclass(frozen=True)
class _Mount:
    """One cgroup hierarchy: where it is mounted and which of its directories is mounted there."""

    point: Path
    root: PurePosixPath
    version: int
    controllers: frozenset[str]


def available_cpus(proc_self: Path = _PROC_SELF) -> int:
    """Returns the number of CPUs that this process may keep busy, at least 1.

    That is the smaller of the scheduler affinity and the cgroup CPU limit. A fractional limit is
    rounded down: one thread more than the limit only gets the whole process throttled.

    Args:
        proc_self: the process's directory under /proc.
    """
    limit = cgroup_limits(proc_self).cpus
    cores = affinity()
    return cores if limit is None else max(1, min(cores, int(limit)))


def affinity() -> int:
    """Returns the number of CPUs the scheduler may place this process on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cgroup_limits(proc_self: Path = _PROC_SELF) -> CgroupLimits:
    """Returns the tightest limits of this process's control group and of all groups above it.

    Args:
        proc_self: the process's directory under /proc.
    """
    mounts = _mounts(proc_self)
    version: int | None = None
    cpus: list[float] = []
    memory: list[int] = []
    for mount, path in _memberships(proc_self, mounts):
        for directory in _upwards(mount, path):
            if mount.version == 2:
                cpus += _cpus_v2(directory)
                memory += _bytes(directory / "memory.max")
            if "cpu" in mount.controllers:
                cpus += _cpus_v1(directory)
            if "memory" in mount.controllers:
                memory += _bytes(directory / "memory.limit_in_bytes")
        if "cpu" in mount.controllers:
            version = 1
        elif mount.version == 2 and version is None:
            version = 2
    return CgroupLimits(version, min(cpus, default=None), min(memory, default=None))


def _mounts(proc_self: Path) -> list[_Mount]:
    """Reads the cgroup mounts; the format is in proc(5), under /proc/pid/mountinfo."""
    mounts = []
    for line in _lines(proc_self / "mountinfo"):
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) < 5 or len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):
            continue
        version = 2 if kind[0] == "cgroup2" else 1
        controllers = frozenset(kind[2].split(",")) if version == 1 else frozenset[str]()
        root, point = PurePosixPath(_unescape(fields[3])), Path(_unescape(fields[4]))
        mounts.append(_Mount(point, root, version, controllers))
    return mounts


def _memberships(proc_self: Path, mounts: list[_Mount]) -> Iterator[tuple[_Mount, PurePosixPath]]:
    """Yields each mounted hierarchy with this process's path in it (from /proc/pid/cgroup)."""
    for line in _lines(proc_self / "cgroup"):
        if line.count(":") < 2:
            continue
        _, names, path = line.split(":", 2)
        wanted = frozenset(names.split(",")) if names else frozenset[str]()
        for mount in mounts:
            if wanted & mount.controllers or (mount.version == 2 and not names):
                yield mount, PurePosixPath(path)


def _upwards(mount: _Mount, path: PurePosixPath) -> Iterator[Path]:
    """Yields the process's own cgroup directory and each one above it, up to the mount point.

    Without a cgroup namespace a container's path is the host's, while only its own directory is
    mounted; and a path may start with `/..` where the namespace's root is not an ancestor. In
    both cases what lies at the mount point is what applies.
    """
    relative = path.relative_to(mount.root) if path.is_relative_to(mount.root) else PurePosixPath()
    if ".." in relative.parts:
        relative = PurePosixPath()
    for part in (relative, *relative.parents):
        yield mount.point / str(part).lstrip("/")


def _cpus_v2(directory: Path) -> list[float]:
    words = _text(directory / "cpu.max").split()
    if len(words) != 2 or not words[0].isdigit() or not words[1].isdigit() or words[1] == "0":
        return []
    return [int(words[0]) / int(words[1])]


def _cpus_v1(directory: Path) -> list[float]:
    quota = _text(directory / "cpu.cfs_quota_us")
    period = _text(directory / "cpu.cfs_period_us")
    if not quota.isdigit() or not period.isdigit() or period == "0":
        return []  # "-1" is no limit
    return [int(quota) / int(period)]


def _bytes(file: Path) -> list[int]:
    text = _text(file)
    return [int(text)] if text.isdigit() and int(text) < _UNLIMITED_BYTES else []


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _lines(file: Path) -> list[str]:
    return _text(file).splitlines()


def _unescape(field: str) -> str:
    """Undoes mountinfo's octal escapes of space, tab, newline and backslash."""
    for escape, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(escape, character)
    return field
