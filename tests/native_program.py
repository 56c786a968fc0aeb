"""The program `tfopt-native`, for the tests that compare it with the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# tools/native_test.sh builds the program and says where it is.
PROGRAM = os.environ.get("TFOPT_NATIVE", "")


def expect_program() -> None:
    """Skips the module of tests that calls this where the program has not been built."""
    if not PROGRAM:
        pytest.skip("tfopt-native is built by: make native-test", allow_module_level=True)


def run(
    *arguments: object, text: str | bytes | None = None, check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    """Runs the program, with `text` on its standard input."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        input=text.encode() if isinstance(text, str) else text,
        capture_output=True,
        check=check,
    )


def rejected(*arguments: object, status: int = 1, text: str | bytes | None = None) -> str:
    """What the program says on its standard error when it refuses, one line."""
    done = run(*arguments, text=text, check=False)
    message = done.stderr.decode()
    assert done.returncode == status, message
    assert len(message.splitlines()) == 1, message
    return message


# The kernel counts as a program's what its process held before it was that program: of this one, TensorFlow.
# So a process that holds little starts it.
_STARTER = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
# AddressSanitizer, where the program has it, keeps what was freed: that is no use of memory.
_KEEP_NOTHING = "quarantine_size_mb=0:thread_local_quarantine_size_kb=0"


def peak_memory(*arguments: object, source: Path | None = None) -> int:
    """The most memory that a run of the program takes, in bytes; its standard input is `source`."""
    with open(source or os.devnull, "rb") as given:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _STARTER, PROGRAM, *map(str, arguments)],
            stdin=given,
            capture_output=True,
            env=os.environ | {"ASAN_OPTIONS": _KEEP_NOTHING},
            check=True,
        )
    return int(done.stdout) * 1024
