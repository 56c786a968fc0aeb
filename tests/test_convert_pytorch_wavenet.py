"""Importing vincentherrmann/pytorch-wavenet: parity with PyTorch, and files that do not fit."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import GOLDEN, REFERENCE

from tfopt.cli import cli
from tfopt.convert import pytorch_file, pytorch_wavenet
from tfopt.wavenet import reference

SMALL = GOLDEN / "pytorch_wavenet"
ORIGINAL = REFERENCE / "wavenet_herrmann_small"


def convert(source: Path, tmp_path: Path, **arguments: Any) -> reference.Reference:
    out = tmp_path / "out"
    config = arguments.pop("config", source.with_name("config.json"))
    pytorch_wavenet.convert(source, out, config=config, **arguments)
    return reference.load(out)


def write_config(path: Path, **changes: Any) -> Path:
    settings = json.loads((SMALL / "config.json").read_text()) | changes
    kept = {name: value for name, value in settings.items() if value is not None}
    path.write_text(json.dumps(kept))
    return path


def test_parity_with_pytorch(tmp_path: Path) -> None:
    net = convert(SMALL / "model.pt", tmp_path)
    io = np.load(SMALL / "io.npz")
    logits = net.logits(io["ids"])
    # float32 sums of some ten products a layer.
    tolerance = 1e-6 * np.abs(io["logits"]).max()
    np.testing.assert_allclose(logits, io["logits"], rtol=0, atol=tolerance)


@pytest.mark.skipif(not ORIGINAL.is_dir(), reason="no ../shared/reference")
def test_parity_with_the_original(tmp_path: Path) -> None:
    net = convert(ORIGINAL / "model.pt", tmp_path)
    io = np.load(ORIGINAL / "io.npz")
    logits = net.logits(io["ids"])[:: int(io["logits_every"])]
    assert logits.shape == io["logits"].shape == (100, 256)
    difference, scale = np.abs(logits - io["logits"]).max(), np.abs(io["logits"]).max()
    assert difference < 1e-4 * scale, (difference, logits[0, :5], io["logits"][0, :5])
    greedy = net.generate(np.zeros((400, 1)), prompt=[io["greedy_first"]], temperature=0)
    np.testing.assert_array_equal(greedy, io["greedy"])
    assert net.config.receptive_field == io["receptive_field"]


def test_the_config(tmp_path: Path) -> None:
    config = convert(SMALL / "model.pt", tmp_path, sample_rate=8000).config
    assert config.sample_rate == 8000
    assert config.dilations == (1, 2, 1, 2)
    assert (config.kernel_size, config.residual_channels, config.gate_channels) == (3, 3, 5)
    assert (config.skip_channels, config.end_channels, config.classes) == (7, 6, 11)
    assert set(config.biases) == {"input", "conv", "residual", "skip", "end"}
    card = (tmp_path / "out" / "README.md").read_text()
    assert "vincentherrmann/pytorch-wavenet" in card
    assert "4 layers, receptive field 13 samples" in card


def test_defaults_are_those_of_the_constructor(tmp_path: Path) -> None:
    # 40 layers cannot be in this file; what is asked for tells the defaults.
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="missing") as caught:
        convert(SMALL / "model.pt", tmp_path, config=tmp_path / "config.json")
    assert "filter_convs.39.weight" in str(caught.value)
    assert "filter_convs.40.weight" not in str(caught.value)
    assert "not known ['filter_convs.0.bias'" in str(caught.value)  # biases are off but at the end
    assert "end_conv_1.bias" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 3}, r"model\.pt: .*missing \['filter_convs\.4\.bias'"),
        ({"bias": False}, r"not known \['filter_convs\.0\.bias'"),
        (
            {"classes": 12},
            r"start_conv\.weight: expected float32 \[3, 12, 1\], got .* \[3, 11, 1\]",
        ),
        ({"kernel_size": 2}, r"filter_convs\.0\.weight: expected float32 \[5, 3, 2\], got"),
        ({"kernel_size": 1}, r"config\.json: kernel_size: expected an integer from 2"),
        ({"layers": 0}, r"config\.json: layers: expected an integer from 1"),
        ({"layers": "2"}, r"config\.json: layers: expected int, got '2'"),
        ({"bias": 1}, r"config\.json: bias: expected bool, got 1"),
        ({"colour": 1}, r"config\.json: missing settings \[\], settings not known \['colour'\]"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    config = write_config(tmp_path / "config.json", **changes)
    with pytest.raises(ValueError, match=message):
        convert(SMALL / "model.pt", tmp_path, config=config)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["[]", "{", "", "\udcff"])
def test_configs_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"config\.json: (not a JSON file|expected a JSON object)"):
        convert(SMALL / "model.pt", tmp_path, config=tmp_path / "config.json")
    with pytest.raises(ValueError, match=r"none\.json: cannot read it: No such file"):
        convert(SMALL / "model.pt", tmp_path, config=tmp_path / "none.json")


@pytest.mark.parametrize("name", ["pytorch_tensors.pt", "pytorch_module.pt", "README.md", "none"])
def test_files_of_something_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: ") as caught:
        convert(GOLDEN / name, tmp_path, config=SMALL / "config.json")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_values_that_are_not_finite(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    with zipfile.ZipFile(SMALL / "model.pt") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, b"\xff" * len(data) if name.endswith("data/0") else data)
    assert np.isnan(next(iter(pytorch_file.read(path).values()))).all()
    with pytest.raises(ValueError, match=r"start_conv\.weight: expected finite values, got NaN"):
        convert(path, tmp_path, config=SMALL / "config.json")


def test_command(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    call = ["convert", "pytorch-wavenet", str(SMALL / "model.pt"), "--out", out]
    run = CliRunner().invoke
    result = run(cli, call)
    assert (result.exit_code, "needs --config" in result.output) == (2, True)
    config = ["--config", str(SMALL / "config.json")]
    assert run(cli, [*call, *config, "--sample-rate", "0"]).exit_code == 1
    assert run(cli, [*call, *config]).output == f"wrote {out}\n"
    result = run(cli, [*call, *config])
    assert (result.exit_code, "already exists" in result.output) == (1, True)
    assert run(cli, [*call, *config, "--force", "--sample-rate", "22050"]).exit_code == 0
    assert reference.load(tmp_path / "out").config.sample_rate == 22_050
    result = run(cli, ["convert", "g2p-en", "a.whl", "--out", out, *config])
    assert (result.exit_code, "takes no --config" in result.output) == (2, True)
