"""A model on disk: a directory with `config.json`, `model.safetensors` and `README.md` (the model card)."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

Weights = dict[str, NDArray[np.float32]]
Shapes = Mapping[str, tuple[int, ...]]

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
CARD = "README.md"


def read_config(directory: Path, kind: str) -> dict[str, Any]:
    """Reads `config.json` and checks that it describes a model of this kind.

    Args:
        directory: The model directory.
        kind: What the caller can run, for example `"g2p"`.

    Returns:
        The settings, without `kind`.

    Raises:
        ValueError: The file is missing, is not a JSON object, or describes another kind of model.
    """
    config = read_settings(directory)
    given = config.pop("kind", None)
    if given != kind:
        raise ValueError(f"{directory / CONFIG}: kind: expected {kind!r}, got {given!r}")
    return config


def read_settings(directory: Path) -> dict[str, Any]:
    """Reads all of `config.json`, whatever the kind of model; ValueError if it is not a JSON object."""
    path = directory / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a JSON file: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path}: expected a JSON object, got {type(config).__name__}")
    return config


def read_weights(directory: Path, shapes: Shapes) -> Weights:
    """Reads `model.safetensors` and checks every tensor against what the config calls for.

    Args:
        directory: The model directory.
        shapes: The name and shape of every tensor that the model has.

    Returns:
        float32 arrays by name.

    Raises:
        ValueError: The file is missing, truncated or not a safetensors file, or a tensor is missing, is
            not known, has another shape or dtype, or holds a value that is not finite.
    """
    path = directory / WEIGHTS
    try:
        weights = load_file(path)
    # A dtype that NumPy lacks, such as bfloat16, is a TypeError or AttributeError of the reader's.
    except (OSError, SafetensorError, TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"{path}: cannot read it as float32 tensors: {error}") from error
    check_weights(weights, shapes, str(path))
    return weights


def check_weights(weights: Mapping[str, NDArray[Any]], shapes: Shapes, where: str) -> None:
    """Raises ValueError unless `weights` are exactly the float32 tensors that `shapes` names, all finite."""
    missing = sorted(set(shapes) - set(weights))
    unknown = sorted(set(weights) - set(shapes))
    if missing or unknown:
        raise ValueError(
            f"{where}: the tensors do not fit the config: missing {missing}, not known {unknown}"
        )
    for name, shape in shapes.items():
        tensor = weights[name]
        if tensor.dtype != np.float32 or tensor.shape != shape:
            raise ValueError(
                f"{where}: {name}: expected float32 {list(shape)}, "
                f"got {tensor.dtype} {list(tensor.shape)}"
            )
        if not np.isfinite(tensor).all():
            raise ValueError(f"{where}: {name}: expected finite values, got NaN or infinity")


def read_card(directory: Path) -> str:
    """Reads the model card; of a directory without one, its name as a title.

    Raises:
        ValueError: There is one that cannot be read, or is not UTF-8.
    """
    path = directory / CARD
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"# {directory.name}\n"
    except OSError as error:
        raise ValueError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: cannot read it: {error}") from error


def write(
    directory: Path,
    *,
    kind: str,
    config: Mapping[str, Any],
    weights: Weights,
    card: str,
    replace: bool = False,
) -> None:
    """Writes a model directory: complete under a temporary name first, then renamed into place.

    Raises:
        ValueError: `directory` exists and `replace` is false, or it is not a model directory.
        OSError: It cannot be written.
    """
    check_target(directory, CONFIG, replace=replace)
    building = _beside(directory)
    try:
        text = json.dumps({"kind": kind, **config}, indent=1, ensure_ascii=False)
        (building / CONFIG).write_text(text + "\n", encoding="utf-8")
        # Not save_file, which makes the file readable to its owner alone.
        contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in weights.items()}
        (building / WEIGHTS).write_bytes(save(contiguous))
        (building / CARD).write_text(card, encoding="utf-8")
        building.chmod(0o755)  # mkdtemp makes it private
        put_in_place(building, directory)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def check_target(directory: Path, marker: str, *, replace: bool) -> None:
    """Raises ValueError unless `directory` may be written: it is new, or replaced by its like.

    Args:
        directory: Where something is to be written.
        marker: A file that is in every such directory; a directory without it is somebody else's and never
            replaced, unless it is empty.
        replace: Whether an existing one may be replaced.
    """
    if not directory.exists() and not directory.is_symlink():
        return
    if not replace:
        raise ValueError(
            f"{directory}: already exists; replace it with --force (replace=True), or name another"
        )
    if not directory.is_dir() or (any(directory.iterdir()) and not (directory / marker).is_file()):
        raise ValueError(
            f"{directory}: expected a directory with {marker} to replace; name another"
        )


def put_in_place(building: Path, directory: Path) -> None:
    """Renames a finished directory to `directory`; what stood there is removed only afterwards."""
    if not directory.exists():
        building.replace(directory)
        return
    folder = _beside(directory)
    old = directory.replace(folder / directory.name)
    try:
        building.replace(directory)
    except BaseException:
        old.replace(directory)
        raise
    finally:
        shutil.rmtree(folder)


def _beside(directory: Path) -> Path:
    """Makes a private folder in that of `directory`, which an error names instead of the temporary one."""
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(directory)) from error


def weights_hash(directory: Path) -> str:
    """The SHA-256 of `model.safetensors`, in hexadecimal: tells whether two runs used the same weights."""
    with (directory / WEIGHTS).open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
