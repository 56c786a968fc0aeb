"""Gets the weights that other projects publish in their Python packages, and installs them as models.

Only the package's files are fetched (`pip download --no-deps`) and read; none of its code runs.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from tfopt import model_directory, models
from tfopt.convert import g2p_en
from tfopt.sources import SOURCES, Source


def download(name: str, *, replace: bool = False) -> Path:
    """Installs a model, unless it is installed already.

    Args:
        name: One of `SOURCES`.
        replace: Fetch and convert it again even if it is installed.

    Returns:
        The model's directory.

    Raises:
        ValueError: The name is not known, or the file fetched is not the expected one.
        RuntimeError: pip could not fetch it.
        OSError: The models folder cannot be written to.
    """
    if name not in SOURCES:
        raise ValueError(f"model: expected one of {', '.join(sorted(SOURCES))}, got {name!r}")
    out = models.folder() / name
    if is_installed(name) and not replace:
        return out
    _make_folder(out.parent)
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = fetch(SOURCES[name], Path(folder))
        except RuntimeError as error:
            raise RuntimeError(
                f"{error}; on a machine without a package index, copy the wheel there and run: "
                f"tfopt convert g2p-en WHEEL --out DIR"
            ) from error
        g2p_en.convert(wheel, out, replace=True)
    return out


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OSError(
            f"cannot write to the models folder {folder}: {error.strerror}; "
            f"set {models.FOLDER_VARIABLE} to one that can be written to"
        ) from error


def is_installed(name: str) -> bool:
    """Whether a model is there with its weights."""
    return (models.folder() / name / model_directory.WEIGHTS).is_file() and name in models.names()


def fetch(source: Source, folder: Path) -> Path:
    """Downloads a wheel into `folder`, which holds no other, and checks it.

    Raises:
        ValueError: The wheel is another one than expected.
        RuntimeError: pip could not fetch it.
    """
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), source.requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise RuntimeError(f"pip could not download {source.requirement}: {reason}")
    (wheel,) = folder.glob("*.whl")
    check(wheel, source)
    return wheel


def check(wheel: Path, source: Source) -> None:
    """Raises ValueError unless a wheel has the expected SHA-256."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest != source.sha256:
        raise ValueError(f"{wheel.name}: SHA-256: expected {source.sha256}, got {digest}")
