"""What loading a WaveNet or a WaveRNN refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import wavenet_models
import wavernn_models

from tfopt import wavenet, wavernn

# The package, its models of tests, and a class of it.
KINDS = pytest.mark.parametrize(
    ("package", "tested", "made"),
    [
        (wavenet, wavenet_models, wavenet.Wavenet),
        (wavernn, wavernn_models, wavernn.Wavernn),
    ],
    ids=["wavenet", "wavernn"],
)


@KINDS
def test_load_rejects(tmp_path: Path, package: Any, tested: Any, made: Any) -> None:
    directory = tested.write(tmp_path / "model", "plain")
    with pytest.raises(ValueError, match="backend: expected one of naive, cached"):
        package.load(directory, backend="fast")
    with pytest.raises(ValueError, match="threads: expected a positive integer, got 0"):
        package.load(directory, backend="graph", threads=0)
    with pytest.raises(ValueError, match="model: 'nothing' is not installed"):
        package.load("nothing")
    config, weights = tested.make("plain")
    one = next(iter(weights.values()))
    with pytest.raises(ValueError, match="weights: the tensors do not fit the config: missing"):
        made(config, {**weights, "x": one}, "graph")


@KINDS
@pytest.mark.parametrize("given", [None, b"native", 3])
def test_neither_a_name_nor_a_backend(package: Any, tested: Any, made: Any, given: Any) -> None:
    with pytest.raises(ValueError, match=r"^backend: expected one of naive, .*, got "):
        made(*tested.make("plain"), given)
