"""A made-up machine and its software, as a worker describes them."""

from __future__ import annotations

from typing import Any

MACHINE: dict[str, Any] = {
    "cpu": {
        "model": "Example CPU 3000 @ 2.70GHz",
        "architecture": "x86_64",
        "instruction_sets": ["avx2", "fma"],
        "caches": [],
    },
    "cores": {"logical": 8, "physical": 4, "affinity": 8},
    "cgroup": {"version": 2, "cpus": None, "memory_bytes": None},
    "memory_bytes": 16 << 30,
}
SOFTWARE: dict[str, Any] = {
    "python": "3.11.7",
    "numpy": "2.1.0",
    "tensorflow": {
        "version": "2.21.0",
        "git_version": "v2.21.0",
        "compiler": "Clang 18",
        "distributions": ["tensorflow-cpu"],
        "compile_flags": [],
        "instruction_sets": {"compiled_with": ["AVX"], "not_compiled_with": ["AVX2", "FMA"]},
        "settings": {},
    },
}
