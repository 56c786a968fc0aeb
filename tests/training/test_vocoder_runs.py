"""A run that is stopped goes on as if it had not been; its averaged weights become a model directory."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vocoder_package import write_package

from tfopt import model_directory, wavenet, wavernn
from tfopt.pruning import wavenet as pruning_wavenet
from tfopt.pruning import wavernn as pruning_wavernn
from tfopt.wavernn.samples import feedback
from training import checkpoints
from training.options import spoken
from training.vocoders import presets
from training.vocoders.command import Run, Vocoder, train
from training.vocoders.segments import Shape
from training.vocoders.wavenet import Wavenet, context_frames
from training.vocoders.wavernn import Wavernn
from training.vocoders.wavernn_command import command as wavernn_command

# NumPy 2.4's word to TensorFlow and PyTorch.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CLASSES, HOP = 16, presets.FEATURES.hop_length
WAVENET = replace(
    presets.WAVENET,
    residual_channels=4,
    gate_channels=4,
    skip_channels=8,
    end_channels=8,
    dilations=(1, 2),
    classes=CLASSES,
)
WAVERNN = replace(
    presets.WAVERNN,
    resnet_channels=4,
    resnet_blocks=1,
    aux_channels=4,
    rnn_channels=8,
    fc_channels=8,
    bits=4,
)
SHAPE = Shape(batch=2, frames=1, context=0, margin=2, hop_length=HOP, classes=CLASSES)
VOCODERS = {
    "wavenet": Vocoder(
        kind="wavenet",
        config=WAVENET,
        network=Wavenet,
        matrices=pruning_wavenet.step_matrices,
        shape=replace(SHAPE, context=context_frames(WAVENET), margin=1),
        fed=lambda classes: classes,
        steps=2,
    ),
    "wavernn": Vocoder(
        kind="wavernn",
        config=WAVERNN,
        network=Wavernn,
        matrices=pruning_wavernn.step_matrices,
        shape=SHAPE,
        fed=lambda classes: feedback(WAVERNN, classes)[..., 0],
        steps=2,
    ),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_package(tmp_path_factory.mktemp("data"), samples=3 * HOP)


def options(folder: Path, data: Path, epochs: int, **settings: Any) -> Run:
    given: dict[str, Any] = {"seed": 1, "fresh": False, "snapshot": False, "precision": "float32"}
    given |= {"rate": 1e-3, "start": None, "quantize": "none", "density": 1.0, "block": "8x4"}
    given |= {"compared": 0, "command": "python -m training"}
    places = {"run": folder / "run", "out": folder / "model"}
    return Run(data=data, epochs=epochs, **{**given, **places, **settings})


@pytest.mark.parametrize("kind", VOCODERS)
def test_runs_go_on_where_they_were(tmp_path: Path, data: Path, kind: str) -> None:
    vocoder, whole, parts = VOCODERS[kind], tmp_path / "whole", tmp_path / "parts"
    train(vocoder, options(whole, data, 2))
    train(vocoder, options(parts, data, 1))
    first = model_directory.weights_hash(parts / "model")
    train(vocoder, options(parts, data, 2))
    assert model_directory.weights_hash(parts / "model") != first
    assert model_directory.weights_hash(parts / "model") == model_directory.weights_hash(
        whole / "model"
    )

    # A snapshot of the end is the end.
    train(vocoder, options(whole, data, 2, snapshot=True, out=tmp_path / "snapshot"))
    for name in (model_directory.CONFIG, model_directory.WEIGHTS, model_directory.CARD):
        assert (tmp_path / "snapshot" / name).read_bytes() == (whole / "model" / name).read_bytes()

    package: Any = {"wavenet": wavenet, "wavernn": wavernn}[kind]
    net = package.load(whole / "model")
    audio = net.generate(np.zeros([3, presets.FEATURES.bands], np.float32))
    assert audio.shape == (1, 3 * HOP)
    card = (whole / "model" / model_directory.CARD).read_text(encoding="utf-8")
    assert "License: BSD-like" in card
    assert "GPL" not in card


@pytest.mark.parametrize("kind", VOCODERS)
def test_sparse_quantized_models_start_from_a_trained_one(
    tmp_path: Path, data: Path, kind: str
) -> None:
    vocoder = VOCODERS[kind]
    train(vocoder, options(tmp_path, data, 1))
    start = tmp_path / "model"
    fine = {"start": start, "quantize": "int8", "density": 0.25, "rate": 1e-6}
    train(vocoder, options(tmp_path / "fine", data, 1, **fine))
    was, now = (
        model_directory.read_weights(directory, vocoder.config.shapes)
        for directory in (start, tmp_path / "fine" / "model")
    )
    pruned = {matrix.tensor for matrix in vocoder.matrices(vocoder.config)}
    sizes = {name: (np.count_nonzero(now[name]), now[name].size) for name in pruned}
    # Some matrices here are one block, or end with smaller ones.
    assert 0.2 < sum(n for n, _ in sizes.values()) / sum(n for _, n in sizes.values()) < 0.5, sizes
    for name, tensor in now.items():
        kept = tensor != 0 if name in pruned else ...
        np.testing.assert_allclose(tensor[kept], was[name][kept], atol=1e-4)
    card = (tmp_path / "fine" / "model" / model_directory.CARD).read_text(encoding="utf-8")
    assert "`python -m training`" in card


def test_what_the_end_needs_is_missed_at_the_beginning(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pesq", reason="pip install 'tfopt[evaluation]'")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "librosa" else find(name)
    )
    with pytest.raises(ImportError, match="Griffin-Lim is librosa's: pip install"):
        train(VOCODERS["wavernn"], options(tmp_path, data, 1, compared=1))
    assert not (tmp_path / "run").exists()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_cards_compare_the_model_with_recordings(tmp_path: Path) -> None:
    pytest.importorskip("librosa", reason="Griffin-Lim is librosa's: pip install 'tfopt[training]'")
    pytest.importorskip("pesq", reason="pip install 'tfopt[evaluation]'")
    data = write_package(tmp_path / "data", samples=8 * HOP)
    train(VOCODERS["wavernn"], options(tmp_path, data, 1, compared=2, quantize="int8"))
    card = (tmp_path / "model" / model_directory.CARD).read_text(encoding="utf-8")
    assert "| 2 held-out recordings, 5 s of each | negative log-likelihood" in card
    rows = [line.split(" | ")[0] for line in card.splitlines() if line.startswith("| ")]
    assert rows[1:] == ["| recording", "| recording, 9 bits", "| Griffin-Lim", "| WaveRNN, int8"]


def test_the_command_that_is_on_the_card(tmp_path: Path) -> None:
    typed = ["--epochs", "8", "--quantize", "int8", "--density", "0.1", "--rate", "0.0002"]
    places = ["--run", str(tmp_path), "--snapshot", "--compared", "5"]
    with wavernn_command.make_context("wavernn", [*places, *typed]) as context:
        assert spoken(context) == f"python -m training wavernn {' '.join(typed)}"


def test_models_of_other_settings_are_no_start(tmp_path: Path, data: Path) -> None:
    vocoder = VOCODERS["wavernn"]
    train(vocoder, options(tmp_path, data, 1))
    wider = replace(vocoder, config=replace(WAVERNN, fc_channels=12))
    with pytest.raises(ValueError, match="start: expected a model of"):
        train(wider, options(tmp_path / "fine", data, 1, start=tmp_path / "model"))


def test_directories_of_others_are_kept(tmp_path: Path, data: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"expected a directory with config\.json"):
        train(VOCODERS["wavernn"], options(tmp_path, data, 1))
    assert not (tmp_path / "run" / checkpoints.NAME).exists()
