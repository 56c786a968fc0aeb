"""Which TensorFlow is installed and what it was compiled with, in TensorFlow's own words.

TensorFlow has no function that lists the instruction sets it was compiled for. It does log, once
per process, those that the CPU has and the build does not use ("To enable the following
instructions: …"); what remains of the sets that it examines is what it was built with. The log
goes straight to the file descriptor, so a process of its own is started and its standard error
read. That process also brings TensorFlow's files into the page cache, so that the first measured
cold start is no slower than the others.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from tfopt.tensorflow_distributions import ILLEGAL_INSTRUCTION

# What cpu_feature_guard.cc examines, with /proc/cpuinfo's name for each.
_EXAMINED = {
    "SSE4.1": "sse4_1",
    "SSE4.2": "sse4_2",
    "AVX": "avx",
    "AVX2": "avx2",
    "AVX512F": "avx512f",
    "AVX512_VNNI": "avx512_vnni",
    "AVX512_BF16": "avx512_bf16",
    "AVX512_FP16": "avx512_fp16",
    "AVX_VNNI": "avx_vnni",
    "AMX_TILE": "amx_tile",
    "AMX_INT8": "amx_int8",
    "AMX_BF16": "amx_bf16",
    "AMX_FP16": "amx_fp16",
    "FMA": "fma",
}
_MISSING = re.compile(r"To enable the following instructions: ([A-Z0-9_. ]+),")
_LOG_LINE = re.compile(r"^(?:[IW]\d{4}|\d{4}-\d\d-\d\d) ?\S* ", re.MULTILINE)
_TIMEOUT_S = 300.0

# Runs in the child. Distribution names tell tensorflow from tensorflow-cpu and from rebuilds.
_PROBE = """
import json, sys
from importlib import metadata
from tfopt import tensorflow_runtime
tf = tensorflow_runtime.start()
tf.constant(1.0) + 1.0
print("TFOPT " + json.dumps({
    "version": tf.__version__,
    "git_version": str(tf.version.GIT_VERSION),
    "compiler": str(tf.version.COMPILER_VERSION),
    "distributions": sorted(
        {name.replace("_", "-") for name in metadata.packages_distributions()["tensorflow"]}
    ),
    "compile_flags": tf.sysconfig.get_compile_flags(),
    "build_info": {k: v for k, v in tf.sysconfig.get_build_info().items()},
}, default=str), file=sys.stdout, flush=True)
"""


def describe(cpu_flags: Sequence[str], python: str = sys.executable) -> dict[str, Any]:
    """Starts a process that imports TensorFlow, and returns what it says about its build.

    Args:
        cpu_flags: the CPU's flags as /proc/cpuinfo names them.
        python: the interpreter whose TensorFlow is asked.

    Raises:
        RuntimeError: TensorFlow cannot be imported; the message ends with the reason it gave.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    try:
        done = subprocess.run(
            [python, "-c", _PROBE],
            env=environment,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"importing TensorFlow took more than {_TIMEOUT_S:.0f} s") from error
    answers = [line[6:] for line in done.stdout.splitlines() if line.startswith("TFOPT ")]
    if done.returncode == -signal.SIGILL:
        raise RuntimeError(ILLEGAL_INSTRUCTION)
    if done.returncode or not answers:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise RuntimeError(f"TensorFlow cannot be imported: {last[0]}")
    return {
        **without_paths(json.loads(answers[-1])),
        "instruction_sets": instruction_sets(done.stderr, cpu_flags),
        "settings": settings(os.environ),
    }


def instruction_sets(log: str, cpu_flags: Sequence[str]) -> dict[str, list[str]] | None:
    """Reads from TensorFlow's log which of the CPU's instruction sets it was compiled with.

    Args:
        log: standard error of a process that ran an operation with TF_CPP_MIN_LOG_LEVEL=0.
        cpu_flags: the CPU's flags as /proc/cpuinfo names them.

    Returns:
        `compiled_with` and `not_compiled_with`, both among those that the CPU has; or None when the
        log holds nothing of TensorFlow's, because silence then proves nothing.
    """
    if not _LOG_LINE.search(log):
        return None
    found = _MISSING.search(log)
    missing = found[1].split() if found else []
    has = [name for name, flag in _EXAMINED.items() if flag in set(cpu_flags)]
    return {
        "compiled_with": [name for name in has if name not in missing],
        "not_compiled_with": missing,
    }


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment variables that change TensorFlow's speed, without paths."""
    wanted = re.compile(
        r"TF_ENABLE_ONEDNN_OPTS|TF_NUM_INT(RA|ER)OP_THREADS|TF_XLA_FLAGS|XLA_FLAGS|OMP_\w+|KMP_\w+"
        r"|ONEDNN_\w+|DNNL_\w+|LD_PRELOAD|MALLOC_\w+|GLIBC_TUNABLES"
    )
    return {
        name: "(a path)" if "/" in value else value
        for name, value in sorted(environment.items())
        if wanted.fullmatch(name)
    }


def without_paths(report: Mapping[str, Any]) -> dict[str, Any]:
    """Drops include directories from the compile flags and directories from every other value."""
    flags = [flag for flag in report["compile_flags"] if not flag.startswith("-I")]
    info = {
        name: PurePosixPath(value).name if isinstance(value, str) and "/" in value else value
        for name, value in sorted(report["build_info"].items())
    }
    return {**report, "compile_flags": flags, "build_info": info}
