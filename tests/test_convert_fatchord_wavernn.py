"""Importing fatchord/WaveRNN: parity with PyTorch, and files that do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import GOLDEN
from numpy.typing import NDArray
from safetensors.numpy import save_file

from tfopt.cli import cli
from tfopt.convert import fatchord_wavernn, pytorch_file
from tfopt.features import MelSettings
from tfopt.wavernn import reference

RAW, MOL = GOLDEN / "fatchord_wavernn_raw", GOLDEN / "fatchord_wavernn_mol"
RESNET = "upsample.resnet"

Arrays = dict[str, NDArray[Any]]


def convert(source: Path, tmp_path: Path, **arguments: Any) -> reference.Reference:
    out = tmp_path / "out"
    config = arguments.pop("config", source.with_name("config.json"))
    fatchord_wavernn.convert(source, out, config=config, **arguments)
    return reference.load(out)


def write_config(path: Path, **changes: Any) -> Path:
    settings = json.loads((RAW / "config.json").read_text()) | changes
    kept = {name: value for name, value in settings.items() if value is not None}
    path.write_text(json.dumps(kept))
    return path


def write_tensors(path: Path, change: Callable[[Arrays], object]) -> Path:
    """The tensors of `RAW`, changed, as safetensors."""
    arrays = {name: array.copy() for name, array in pytorch_file.read(RAW / "model.pt").items()}
    change(arrays)
    save_file(arrays, path)
    return path


@pytest.mark.parametrize("folder", [RAW, MOL])
def test_parity_with_pytorch(tmp_path: Path, folder: Path) -> None:
    net = convert(folder / "model.pt", tmp_path)
    with np.load(folder / "io.npz") as io:
        bands, aux = net.upsample(io["mel"].T)
        logits = net.logits(io["fed"], io["mel"].T)
        # float32 sums of some ten products a layer. 8 of 10 outputs are cut into 4 parts of 2.
        for found, expected in (
            (bands, io["bands"]),
            (aux.reshape(len(aux), 8), io["aux"][:, :8]),
            (logits, io["logits"]),
        ):
            tolerance = 2e-6 * np.abs(expected).max()
            np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_the_config(tmp_path: Path) -> None:
    config = convert(RAW / "model.pt", tmp_path).config
    assert (config.sample_rate, config.hop_length, config.upsample_factors) == (8000, 6, (2, 3))
    assert (config.mel_channels, config.pad, config.aux_channels) == (3, 2, 2)
    assert (config.resnet_channels, config.resnet_blocks) == (7, 2)
    assert (config.rnn_channels, config.rnn_layers) == (5, 2)
    assert (config.fc_channels, config.fc_layers) == (6, 2)
    assert (config.output, config.classes, config.mu_law) == ("categorical", 16, False)
    card = (tmp_path / "out" / "README.md").read_text()
    assert "fatchord/WaveRNN" in card
    assert "mel spectrograms of 3 bands every 6 samples; 16 classes at equal distances." in card


def test_the_config_of_a_mixture(tmp_path: Path) -> None:
    config = convert(MOL / "model.pt", tmp_path).config
    assert (config.output, config.mixtures) == ("logistic_mixture", 10)
    assert (config.bits, config.mu_law) == (0, False)
    assert "; a mixture of logistics." in (tmp_path / "out" / "README.md").read_text()


def test_what_may_be_left_out(tmp_path: Path) -> None:
    config = write_config(tmp_path / "config.json", mode=None, mu_law=None)
    net = convert(RAW / "model.pt", tmp_path, config=config)
    assert (net.config.output, net.config.mu_law) == ("categorical", True)
    assert "; 16 mu-law classes." in (tmp_path / "out" / "README.md").read_text()


def test_the_features(tmp_path: Path) -> None:
    """Of that project's settings (hparams.py), or of those in the config."""
    features = convert(RAW / "model.pt", tmp_path).config.features
    usual = {"fft_size": 2048, "window_length": 1100, "fmin": 40, "min_level_db": -100}
    assert features == MelSettings(hop_length=6, bands=3, **usual)  # type: ignore[arg-type]
    assert (features.floor, features.log, features.padding) == (1e-5, "db", "reflect")
    config = write_config(
        tmp_path / "config.json", n_fft=1024, win_length=800, fmin=0, min_level_db=-80
    )
    features = convert(RAW / "model.pt", tmp_path, config=config, replace=True).config.features
    assert features == MelSettings(
        fft_size=1024, window_length=800, hop_length=6, bands=3, fmin=0, min_level_db=-80
    )


def test_batch_normalisation_is_folded(tmp_path: Path) -> None:
    def change(arrays: Arrays) -> None:
        norm = f"{RESNET}.layers.1.batch_norm2"
        arrays[f"{norm}.weight"][0] = 3
        arrays[f"{norm}.bias"][0] = 0.5
        arrays[f"{norm}.running_mean"][0] = 2
        arrays[f"{norm}.running_var"][0] = 0  # nothing but epsilon, 1e-5, is left
        arrays[f"{RESNET}.layers.1.conv2.weight"][0, :, 0] = 0.25

    net = convert(
        write_tensors(tmp_path / "m.safetensors", change), tmp_path, config=RAW / "config.json"
    )
    scale = 3 / np.sqrt(1e-5)
    kernel, bias = (net.weights[f"resnet.blocks.1.1.{part}"] for part in ("kernel", "bias"))
    np.testing.assert_allclose(kernel[:, 0], [0.25 * scale] * 7, rtol=1e-6)
    assert bias[0] == pytest.approx(0.5 - 2 * scale, rel=1e-6)


def test_safetensors_are_the_same(tmp_path: Path) -> None:
    source = write_tensors(tmp_path / "m.safetensors", lambda arrays: None)
    net = convert(RAW / "model.pt", tmp_path)
    other = convert(source, tmp_path, config=RAW / "config.json", replace=True)
    assert all(np.array_equal(net.weights[n], other.weights[n]) for n in net.config.shapes)


def test_counters_do_not_matter(tmp_path: Path) -> None:
    def change(arrays: Arrays) -> None:
        counters = [name for name in arrays if name.endswith("num_batches_tracked")]
        assert len(counters) == 5
        for name in ("step", *counters):
            del arrays[name]

    source = write_tensors(tmp_path / "m.safetensors", change)
    assert convert(source, tmp_path, config=RAW / "config.json").config.classes == 16


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rnn_dims": 6}, r"model\.pt: I\.weight: expected float32 \[6, 6\], got .* \[5, 6\]"),
        ({"bits": 5}, r"model\.pt: fc3\.weight: expected float32 \[32, 6\], got .* \[16, 6\]"),
        ({"mode": "MOL"}, r"model\.pt: fc3\.weight: expected float32 \[30, 6\]"),
        ({"pad": 1}, r"conv_in\.weight: expected float32 \[7, 3, 3\], got float32 \[7, 3, 5\]"),
        ({"res_out_dims": 8}, r"conv_out\.weight: expected float32 \[8, 7, 1\]"),
        ({"res_blocks": 3}, r"missing \['upsample\.resnet\.layers\.2\.batch_norm1\.bias'"),
        ({"res_blocks": 1}, r"not known \['upsample\.resnet\.layers\.1\.batch_norm1\.bias'"),
        (
            {"upsample_factors": [3, 2]},
            r"up_layers\.1\.weight: expected float32 \[1, 1, 1, 7\], got float32 \[1, 1, 1, 5\]",
        ),
        ({"upsample_factors": [6]}, r"not known \['upsample\.up_layers\.3\.weight'\]"),
        ({"upsample_factors": []}, r"config\.json: hop_length: expected 1, the product"),
        (
            {"upsample_factors": [2.0, 3]},
            r"config\.json: upsample_factors: expected an integer from 1 to 10000, got 2\.0",
        ),
        (
            {"hop_length": 7},
            r"config\.json: hop_length: expected 6, the product of upsample_factor",
        ),
        ({"rnn_dims": 0}, r"config\.json: rnn_dims: expected an integer from 1 to 10000, got 0"),
        ({"res_out_dims": 3}, r"config\.json: res_out_dims: expected an integer from 4"),
        ({"bits": 17}, r"config\.json: bits: expected an integer from 1 to 16, got 17"),
        ({"sample_rate": 0}, r"config\.json: sample_rate: expected an integer from 1"),
        ({"mode": "raw"}, r"config\.json: mode: expected one of RAW, MOL, got 'raw'"),
        ({"mu_law": 1}, r"config\.json: mu_law: expected bool, got 1"),
        ({"fc_dims": "6"}, r"config\.json: fc_dims: expected int, got '6'"),
        ({"fc_dims": None}, r"config\.json: missing settings \['fc_dims'\]"),
        (
            {"n_fft": 1024},
            r"config\.json: win_length: expected an integer from 1 to 1024, got 1100",
        ),
        ({"n_fft": 0}, r"config\.json: n_fft: expected an integer from 2 to 65536, got 0"),
        ({"fmin": 4000}, r"config\.json: features: fmin: expected below 4000 Hz, half the rate"),
        ({"min_level_db": 0}, r"config\.json: min_level_db: expected a number below 0"),
        ({"colour": 1}, r"config\.json: missing settings \[\], settings not known \['colour'\]"),
    ],
)
def test_configs_that_do_not_fit(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    config = write_config(tmp_path / "config.json", **changes)
    with pytest.raises(ValueError, match=message) as caught:
        convert(RAW / "model.pt", tmp_path, config=config)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def put(name: str, value: float) -> Callable[[Arrays], object]:
    return lambda arrays: arrays[name].__setitem__((0,) * arrays[name].ndim, value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("fc2.bias"), r"missing \['fc2\.bias'\], not known \[\]"),
        (
            lambda arrays: arrays.update(fc4=np.zeros(1, np.float32)),
            r"missing \[\], not known \['fc4'\]",
        ),
        (
            lambda arrays: arrays.update({"fc4.num_batches_tracked": np.zeros(1, np.int64)}),
            r"not known \['fc4\.num_batches_tracked'\]",
        ),
        (
            lambda arrays: arrays.update({"fc3.bias": np.zeros(16, np.int64)}),
            r"fc3\.bias: expected float32 \[16\], got int64 \[16\]",
        ),
        (put("rnn2.weight_hh_l0", np.nan), r"rnn2\.weight_hh_l0: expected finite values, got NaN"),
        (
            put(f"{RESNET}.batch_norm.running_var", -0.5),
            r"batch_norm\.running_var: expected values of at least 0, got -0\.5",
        ),
        (
            put(f"{RESNET}.batch_norm.weight", 3e38),
            r"resnet\.batch_norm: expected values that float32 can hold",
        ),
    ],
)
def test_tensors_that_do_not_fit(
    tmp_path: Path, change: Callable[[Arrays], object], message: str
) -> None:
    source = write_tensors(tmp_path / "m.safetensors", change)
    with pytest.raises(ValueError, match=rf"m\.safetensors: .*{message}") as caught:
        convert(source, tmp_path, config=RAW / "config.json")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["pytorch_tensors.pt", "pytorch_module.pt", "README.md", "none"])
def test_files_of_something_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: "):
        convert(GOLDEN / name, tmp_path, config=RAW / "config.json")
    # A PyTorch file is no safetensors file, whatever its name says.
    renamed = tmp_path / "model.safetensors"
    renamed.write_bytes((RAW / "model.pt").read_bytes())
    with pytest.raises(ValueError, match="cannot read it as a safetensors file"):
        convert(renamed, tmp_path, config=RAW / "config.json")
    assert not (tmp_path / "out").exists()


def test_command(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    # What fatchord/WaveRNN calls its files.
    source = tmp_path / "latest_weights.pyt"
    source.write_bytes((RAW / "model.pt").read_bytes())
    call = ["convert", "fatchord-wavernn", str(source), "--out", out]
    run = CliRunner().invoke
    result = run(cli, call)
    assert (result.exit_code, "needs --config" in result.output) == (2, True)
    call += ["--config", str(RAW / "config.json")]
    result = run(cli, [*call, "--sample-rate", "8000"])
    assert (result.exit_code, "takes no --sample-rate" in result.output) == (2, True)
    assert run(cli, call).output == f"wrote {out}\n"
    result = run(cli, call)
    assert (result.exit_code, "already exists" in result.output) == (1, True)
    assert run(cli, [*call, "--force"]).exit_code == 0
    assert reference.load(tmp_path / "out").config.rnn_channels == 5
