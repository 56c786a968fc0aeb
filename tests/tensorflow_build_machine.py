"""A machine on which tensorflow_build/build.sh runs without TensorFlow: its tools, and a checkout.

Bazel, which would take hours and the network, is a stand-in that notes what it was asked for and leaves a
wheel where the release's build leaves it. So are the tools that say what the machine has. The rest is real:
git, the handling of the wheel, pip.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "tensorflow_build"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
WHEEL_FOLDER = "bazel-bin/tensorflow/tools/pip_package/wheel_house"

# Bazel of both releases: of 2.21 it builds a wheel, of 2.14 a program that copies one. BAZEL is run first.
BAZELISK = f"""
printf '%s\\n' "$USE_BAZEL_VERSION" "$@" >"$LOG"
eval "${{BAZEL:-}}"
case "$*" in
    *:wheel\\ *) mkdir -p {WHEEL_FOLDER} && cp "$WHEEL" {WHEEL_FOLDER} ;;
    *:build_pip_package\\ *)
        program=bazel-bin/tensorflow/tools/pip_package/build_pip_package
        mkdir -p "${{program%/*}}"
        printf '#!/bin/sh\\ntest "$1" = --cpu && mkdir -p "$2" && cp "$WHEEL" "$2"\\n' >$program
        chmod +x $program ;;
esac
"""
# PACK is run in place of `wheel pack`, which gets the folder to write to in $DEST.
PYTHON = f"""
if [ "$2 $3" = 'wheel pack' ] && [ -n "${{PACK:-}}" ]; then DEST=$5; eval "$PACK"; fi
exec {shlex.quote(sys.executable)} "$@"
"""


def write_wheel(path: Path, content: str = "first") -> Path:
    """Writes a wheel of one module that pip installs; its name says which release it is."""
    name, version, tags = path.stem.split("-", 2)
    info = f"{name}-{version}.dist-info"
    files = {
        "tensorflow_here.py": f"CONTENT = {content!r}\n",
        f"{name}-{version}.data/scripts/saved_model": "#!python\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: 1\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: false\nTag: {tags}\n",
    }
    record = f"{info}/RECORD,,\n"
    for file, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{file},sha256={digest.rstrip('=')},{len(text)}\n"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = (0o100755 if "/scripts/" in file else 0o100644) << 16
            wheel.writestr(entry, text)
    return path


class Machine:
    """A folder with the tools that build.sh looks for, and a checkout of TensorFlow."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "bin").mkdir()
        for name, script in {
            "bazelisk": BAZELISK,
            "python3": PYTHON,
            "clang": "echo 16.0.6",
            "patchelf": "echo patchelf 0.14.3",
            "uname": "echo x86_64",
            "getconf": "case $1 in _PHYS_PAGES) echo 4194304 ;; *) echo 4096 ;; esac",
            "df": "echo; echo / 1 1 104857600 1 /",
        }.items():
            self.command(name, script)
        self.log = folder / "log"
        self.out = folder / "wheels"
        self.error = ""
        self.wheel = write_wheel(self.name("2.21.0"))
        self.variables = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "LOG": str(self.log),
            "CLANG": str(folder / "bin" / "clang"),
        }

    def command(self, name: str, script: str) -> None:
        """Makes a tool."""
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def name(self, version: str, python: str = HERE) -> Path:
        """The path of a wheel beside the folder for the results."""
        tag = f"cp{python.replace('.', '')}"
        return self.folder / f"tensorflow_cpu-{version}-{tag}-{tag}-linux_x86_64.whl"

    def checkout(self, bazel: str) -> Path:
        """Makes what tells that a folder holds a release's sources: the version of Bazel."""
        source = self.folder / "source"
        source.mkdir(exist_ok=True)
        (source / ".bazelversion").write_text(f"{bazel}\n")
        return source

    def build(self, *args: str | Path, status: int = 0, **variables: str) -> list[Path]:
        """Runs build.sh and returns what is in the folder for the wheels."""
        done = subprocess.run(
            [BUILD / "build.sh", "--out", self.out, *args],
            cwd=self.folder,
            env={"WHEEL": str(self.wheel), **self.variables, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        self.error = done.stderr
        assert done.returncode == status, done.stdout + done.stderr
        return sorted(self.out.iterdir()) if self.out.is_dir() else []

    def build_wheel(self, isa: str = "x86-64-v3", status: int = 0, **variables: str) -> list[Path]:
        """Runs build.sh for 2.21 and this Python, with a checkout."""
        args = ("--isa", isa, "--python", HERE, "--source", self.checkout("7.7.0"))
        return self.build(*args, status=status, **variables)


def dry_run(*args: str) -> str:
    """What build.sh says that it would do."""
    done = subprocess.run(
        [BUILD / "build.sh", *args, "--dry-run"],
        env={"PATH": os.environ["PATH"], "HOME": "/home/user"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout
