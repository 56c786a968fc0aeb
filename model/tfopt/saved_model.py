"""Writes what an exported model computes as a SavedModel."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from tfopt import model_directory


def write(
    function: Any, signature: str, directory: str | os.PathLike[str], *, replace: bool
) -> None:
    """Writes a SavedModel, complete under a temporary name first.

    Args:
        function: A `tf.function` with an input signature.
        signature: What to call it; it is `serving_default` too.
        directory: Where to write it.
        replace: Replace `directory` if it exists.

    Raises:
        ValueError: `directory` exists and `replace` is false, or it is not a SavedModel.
    """
    directory = Path(directory)
    model_directory.check_target(directory, "saved_model.pb", replace=replace)
    module = tf.Module()
    setattr(module, signature, function)
    directory.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        signatures = dict.fromkeys((signature, "serving_default"), function)
        tf.saved_model.save(module, str(building), signatures=signatures)
        building.chmod(0o755)  # mkdtemp makes it private
        model_directory.put_in_place(building, directory)
    finally:
        shutil.rmtree(building, ignore_errors=True)
