"""tfopt.cpu against made-up /proc/self and cgroup trees: v1, v2, hybrid, nested, none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tfopt import cpu


class FakeProcess:
    """A /proc/self directory and a cgroup tree that a test fills in."""

    def __init__(self, root: Path) -> None:
        self.proc = root / "proc"
        self.tree = root / "cgroup"
        self.proc.mkdir()
        self.tree.mkdir()
        self.mounts = ["21 20 0:1 / /proc rw - proc proc rw", "not a mount line"]

    def mount(self, kind: str, name: str = "", root: str = "/", options: str = "rw") -> None:
        point = str(self.tree / name).replace(" ", "\\040")
        self.mounts.append(
            f"31 20 0:27 {root} {point} rw,relatime shared:9 - {kind} cgroup {options}"
        )

    def write(self, path: str, text: str) -> None:
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")

    def limits(self, *membership: str) -> cpu.CgroupLimits:
        (self.proc / "mountinfo").write_text("\n".join(self.mounts) + "\n")
        (self.proc / "cgroup").write_text("\n".join(membership) + "\n")
        return cpu.cgroup_limits(self.proc)


@pytest.fixture
def fake(tmp_path: Path) -> FakeProcess:
    return FakeProcess(tmp_path)


def test_v2_in_a_container_with_its_own_namespace(fake: FakeProcess) -> None:
    fake.mount("cgroup2")
    fake.write("cpu.max", "150000 100000")
    fake.write("memory.max", "4294967296")
    assert fake.limits("0::/") == cpu.CgroupLimits(2, 1.5, 4 << 30)


def test_v2_takes_the_tightest_of_nested_groups(fake: FakeProcess) -> None:
    fake.mount("cgroup2")
    fake.write("a/cpu.max", "200000 100000")
    fake.write("a/b/cpu.max", "max 100000")
    fake.write("a/b/memory.max", "max")
    fake.write("a/memory.max", "1000")
    fake.write("a/b/c/cpu.max", "400000 100000")
    assert fake.limits("0::/a/b/c") == cpu.CgroupLimits(2, 2.0, 1000)


def test_v2_without_limits(fake: FakeProcess) -> None:
    fake.mount("cgroup2")
    fake.write("user.slice/cpu.max", "max 100000")
    fake.write("user.slice/memory.max", "max")
    assert fake.limits("0::/user.slice") == cpu.CgroupLimits(2, None, None)


def test_v2_path_outside_the_namespace_uses_the_mount_point(fake: FakeProcess) -> None:
    fake.mount("cgroup2")
    fake.write("cpu.max", "100000 100000")
    assert fake.limits("0::/../../elsewhere").cpus == 1.0


def test_v1_with_controllers_mounted_together(fake: FakeProcess) -> None:
    fake.mount("cgroup", "cpu,cpuacct", options="rw,cpu,cpuacct")
    fake.mount("cgroup", "memory", options="rw,memory")
    fake.write("cpu,cpuacct/docker/x/cpu.cfs_quota_us", "250000")
    fake.write("cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000")
    fake.write("cpu,cpuacct/cpu.cfs_quota_us", "-1")
    fake.write("cpu,cpuacct/cpu.cfs_period_us", "100000")
    fake.write("memory/docker/x/memory.limit_in_bytes", "2048")
    fake.write("memory/memory.limit_in_bytes", "9223372036854771712")
    limits = fake.limits("4:cpu,cpuacct:/docker/x", "3:memory:/docker/x", "0::/")
    assert limits == cpu.CgroupLimits(1, 2.5, 2048)


def test_v1_container_without_namespace_sees_the_host_path(fake: FakeProcess) -> None:
    """Docker on v1: the path is the host's, but only the container's directory is mounted."""
    fake.mount("cgroup", "cpu", root="/docker/x", options="rw,cpu,cpuacct")
    fake.write("cpu/cpu.cfs_quota_us", "100000")
    fake.write("cpu/cpu.cfs_period_us", "100000")
    assert fake.limits("4:cpu,cpuacct:/docker/x").cpus == 1.0


def test_hybrid_counts_as_v1_where_v1_has_the_cpu_controller(fake: FakeProcess) -> None:
    fake.mount("cgroup", "cpu", options="rw,cpu")
    fake.mount("cgroup2", "unified")
    fake.write("cpu/cpu.cfs_quota_us", "50000")
    fake.write("cpu/cpu.cfs_period_us", "100000")
    assert fake.limits("1:cpu:/", "0::/") == cpu.CgroupLimits(1, 0.5, None)


def test_no_cgroups_at_all(fake: FakeProcess, tmp_path: Path) -> None:
    assert fake.limits() == cpu.CgroupLimits(None, None, None)
    assert cpu.cgroup_limits(tmp_path / "missing") == cpu.CgroupLimits(None, None, None)


@pytest.mark.parametrize("text", ["", "max", "garbage", "1 2 3", "100000 0", "-5 100000"])
def test_v2_nonsense_is_no_limit(fake: FakeProcess, text: str) -> None:
    fake.mount("cgroup2")
    fake.write("cpu.max", text)
    assert fake.limits("0::/").cpus is None


def test_mount_points_with_spaces(fake: FakeProcess) -> None:
    fake.mount("cgroup2", "a b")
    fake.write("a b/cpu.max", "100000 100000")
    assert fake.limits("0::/").cpus == 1.0


@pytest.mark.parametrize(
    ("cores", "quota", "expected"),
    [(8, "100000", 1), (8, "250000", 2), (8, "50000", 1), (2, "800000", 2), (4, "max", 4)],
)
def test_available_cpus_is_the_smaller_one_rounded_down(
    fake: FakeProcess, monkeypatch: pytest.MonkeyPatch, cores: int, quota: str, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)))
    fake.mount("cgroup2")
    fake.write("cpu.max", f"{quota} 100000")
    fake.limits("0::/")
    assert cpu.available_cpus(fake.proc) == expected


def test_on_this_machine() -> None:
    assert 1 <= cpu.available_cpus() <= (os.cpu_count() or 1)
