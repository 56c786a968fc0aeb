"""What several tests share."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from importlib import metadata

import numpy as np
import pytest

from tfopt import model_directory
from tfopt.g2p.config import G2pConfig

collect_ignore = [
    "browser",  # needs Chromium: `make report-test`
    "features",  # needs librosa and tensorflow-io: `make features-test`
]
if int(metadata.version("keras").partition(".")[0]) < 3:
    collect_ignore.append("training")  # TensorFlow before 2.16 comes with Keras 2
GOLDEN = Path(__file__).parent / "golden"
# What other implementations computed on more data; a checkout may have it beside it.
REFERENCE = Path(__file__).parents[2] / "shared" / "reference"


def read_pronunciations(path: Path) -> dict[str, list[str]]:
    """Words and phonemes of a file with lines `word<tab>phonemes`."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {word: phonemes.split() for word, phonemes in rows}


def tiny_config(architecture: str, **changes: object) -> G2pConfig:
    """A config small enough to make by hand, with sizes that no kernel likes."""
    settings: dict[str, object] = {
        "architecture": architecture,
        "graphemes": ("?", "$", *"abcdefg"),
        "phonemes": ("^", "$", "A", "B", "C", "D"),
        "unknown_grapheme": "?",
        "end_grapheme": "$",
        "start_phoneme": "^",
        "end_phoneme": "$",
        "embedding": 7 if architecture == "gru" else 0,
        "hidden": 11,
        "max_graphemes": 0,
        "max_phonemes": 9,
    }
    return G2pConfig(**{**settings, **changes})  # type: ignore[arg-type]


def random_weights(config: G2pConfig, seed: int = 4) -> model_directory.Weights:
    """Weights at which symbols and state both matter, and rounding errors do not grow step by step."""
    random = np.random.default_rng(seed)
    weights = {}
    for name, shape in config.shapes.items():
        gain = 0.2 if "bias" in name else 5.0 if "input" in name or "embedding" in name else 1.0
        weights[name] = (random.normal(0, gain, shape) / np.sqrt(shape[0])).astype(np.float32)
    return weights


def write_model(directory: Path, config: G2pConfig, weights: model_directory.Weights) -> Path:
    """Writes a model directory for a test."""
    model_directory.write(
        directory, kind="g2p", config=config.to_dict(), weights=weights, card="# a test\n"
    )
    return directory


@pytest.fixture(params=["gru", "attention_gru"])
def architecture(request: pytest.FixtureRequest) -> str:
    """Each architecture in turn."""
    return str(request.param)


@pytest.fixture
def tiny_model(tmp_path: Path, architecture: str) -> Path:
    """The directory of a model with random weights."""
    config = tiny_config(architecture)
    return write_model(tmp_path / "tiny", config, random_weights(config))


@pytest.fixture
def no_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the profiler starts a process: what is wrong with a call has to be found before."""

    def started(*arguments: object, **named: object) -> None:
        pytest.fail("a process was started")

    monkeypatch.setattr("tfopt.profiler.process.WorkerProcess", started)
