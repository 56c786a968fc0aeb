"""Models as single files, for the program `tfopt-native`, which has neither Python nor TensorFlow.

    from pathlib import Path
    from tfopt.pack import pack

    pack("g2p_en-2.1.0", Path("g2p_en-2.1.0.tfopt"))

`container` writes the file, `sections` says what stands in it for each kind of model.
"""

from __future__ import annotations

import os
from pathlib import Path

from tfopt import model_directory, models, tensorflow_runtime
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE, expect_compute_type
from tfopt.files import writing
from tfopt.pack import container

__all__ = ["pack"]


def pack(
    model: str | os.PathLike[str], path: Path, compute_type: str = DEFAULT_COMPUTE_TYPE
) -> int:
    """Writes a model as one file.

    Args:
        model: The name of an installed model, or a path to a model directory.
        path: The file to write; complete under a temporary name first, then renamed.
        compute_type: What the program computes in: as the backend `native`, see `tfopt.compute_types`.

    Returns:
        The size of the file in bytes.

    Raises:
        ValueError: There is no such model or compute type, its files are damaged, or it is not prepared for
            that compute type.
        ImportError: TensorFlow is missing or too old.
        RuntimeError: The library of custom ops, which packs the weights, is not there.
        OSError: The file cannot be written.
    """
    expect_compute_type(compute_type, "native")
    directory = models.find(model)
    kind = model_directory.read_settings(directory).get("kind")
    if not isinstance(kind, str) or kind not in container.KINDS:
        expected = " or ".join(map(repr, container.KINDS))
        raise ValueError(
            f"{directory / model_directory.CONFIG}: kind: expected {expected}, got {kind!r}"
        )
    tensorflow_runtime.start()
    from tfopt.pack import sections  # imports TensorFlow

    content = container.build(kind, sections.of(kind, directory, compute_type))
    with writing(path) as file:
        file.write(content)
    return len(content)
