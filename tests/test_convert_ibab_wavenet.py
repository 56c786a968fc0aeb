"""Importing ibab/tensorflow-wavenet: parity with TensorFlow's own layers, and files that do not fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from click.testing import CliRunner
from conftest import GOLDEN, REFERENCE
from numpy.typing import NDArray

from tfopt.cli import cli
from tfopt.convert import ibab_wavenet
from tfopt.wavenet import reference

SPEAKERS = GOLDEN / "ibab_wavenet_speakers"
SCALAR = GOLDEN / "ibab_wavenet_scalar"
ORIGINAL = REFERENCE / "wavenet_ibab_small"
PREFIX = "model.ckpt-1"

Arrays = dict[str, NDArray[Any]]


def convert(
    folder: Path, tmp_path: Path, prefix: str = PREFIX, **arguments: Any
) -> reference.Reference:
    config = arguments.pop("config", folder / "wavenet_params.json")
    ibab_wavenet.convert(folder / prefix, tmp_path / "out", config=config, **arguments)
    return reference.load(tmp_path / "out")


def write_params(path: Path, **changes: Any) -> Path:
    settings = json.loads((SPEAKERS / "wavenet_params.json").read_text()) | changes
    kept = {name: value for name, value in settings.items() if value is not None}
    path.write_text(json.dumps(kept))
    return path


def read_checkpoint(prefix: Path) -> Arrays:
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def write_checkpoint(folder: Path, arrays: Arrays) -> Path:
    folder.mkdir()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variables = [
            tf.compat.v1.get_variable(name, initializer=array, use_resource=False)
            for name, array in arrays.items()
        ]
        session.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(variables)
        saver.save(session, str(folder / PREFIX), write_meta_graph=False)
    shutil.copy(SPEAKERS / "wavenet_params.json", folder)
    return folder


@pytest.mark.parametrize(("folder", "speaker"), [(SPEAKERS, 3), (SCALAR, None)])
def test_parity_with_tensorflow(folder: Path, speaker: int | None, tmp_path: Path) -> None:
    net = convert(folder, tmp_path)
    io = np.load(folder / "io.npz")
    # float32 sums of some ten products a layer.
    tolerance = 1e-6 * np.abs(io["logits"]).max()
    logits = net.logits(io["ids"], None, speaker)
    np.testing.assert_allclose(logits, io["logits"], rtol=0, atol=tolerance)


@pytest.mark.skipif(not ORIGINAL.is_dir(), reason="no ../shared/reference")
def test_parity_with_the_original(tmp_path: Path) -> None:
    net = convert(ORIGINAL, tmp_path, "model.ckpt-1000")
    io = np.load(ORIGINAL / "io.npz")
    logits = net.logits(io["ids"])[:: int(io["every"])].astype(np.float64)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    assert probabilities.shape == io["probabilities"].shape == (86, 256)
    difference, scale = np.abs(probabilities - io["probabilities"]).max(), io["probabilities"].max()
    assert difference < 1e-4 * scale, (difference, probabilities[0, :5], io["probabilities"][0, :5])
    assert net.config.sample_rate == 16_000  # its parameters do not say it


def test_the_config(tmp_path: Path) -> None:
    config = convert(SPEAKERS, tmp_path).config
    assert config.sample_rate == 8000
    assert config.dilations == (1, 2, 3)
    assert (config.input, config.kernel_size, config.input_kernel_size) == ("one_hot", 3, 3)
    assert (config.residual_channels, config.gate_channels, config.classes) == (3, 5, 11)
    assert (config.skip_channels, config.end_channels) == (7, 7)
    assert (config.global_classes, config.global_channels) == (4, 2)
    assert set(config.biases) == {"conv", "residual", "skip", "end"}
    assert "ibab/tensorflow-wavenet" in (tmp_path / "out" / "README.md").read_text()
    scalar = convert(SCALAR, tmp_path, replace=True).config
    assert (scalar.input, scalar.kernel_size, scalar.input_kernel_size) == ("scalar", 3, 4)
    assert (scalar.biases, scalar.global_channels) == ((), 0)


def test_sample_rate(tmp_path: Path) -> None:
    silent = write_params(tmp_path / "p.json", sample_rate=None)
    assert convert(SPEAKERS, tmp_path, config=silent).config.sample_rate == 16_000
    net = convert(SPEAKERS, tmp_path, config=silent, sample_rate=44_100, replace=True)
    assert net.config.sample_rate == 44_100
    assert convert(SPEAKERS, tmp_path, sample_rate=8000, replace=True).config.sample_rate == 8000
    with pytest.raises(ValueError, match=r"sample_rate: expected 8000, as .* says, got 16000"):
        convert(SPEAKERS, tmp_path, sample_rate=16_000, replace=True)
    with pytest.raises(ValueError, match="sample_rate: expected an integer from 1"):
        convert(SPEAKERS, tmp_path, config=silent, sample_rate=0, replace=True)


def test_what_an_optimiser_keeps_is_left_out(tmp_path: Path) -> None:
    arrays = read_checkpoint(SPEAKERS / PREFIX)
    kernel = "wavenet/causal_layer/filter"
    arrays |= {f"{kernel}/{name}": arrays[kernel] for name in ("Adam", "Adam_1", "Momentum")}
    arrays |= {"beta1_power": np.array(0.9), "global_step": np.array(7)}
    net = convert(write_checkpoint(tmp_path / "trained", arrays), tmp_path)
    np.testing.assert_array_equal(net.weights["input.kernel"], arrays[kernel])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dilations": [1, 2]}, r"not known \['wavenet/dilated_stack/layer2/Variable'"),
        ({"dilations": [1, 2, 4, 8]}, r"missing \['wavenet/dilated_stack/layer3/Variable'"),
        ({"use_biases": False}, r"not known \['wavenet/dilated_stack/layer0/Variable'"),
        ({"scalar_input": True}, r"filter: expected float32 \[4, 1, 3\], got float32 \[3, 11, 3\]"),
        ({"filter_width": 2}, r"filter: expected float32 \[2, 11, 3\], got float32 \[3, 11, 3\]"),
        ({"filter_width": 1}, r"p\.json: kernel_size: expected an integer from 2"),
        ({"dilations": [0]}, r"p\.json: dilations: expected an integer from 1"),
        ({"dilations": 3}, r"p\.json: dilations: expected list, got 3"),
        ({"skip_channels": None}, r"p\.json: missing settings \['skip_channels'\]"),
        ({"colour": 1}, r"p\.json: missing settings \[\], settings not known \['colour'\]"),
    ],
)
def test_params_that_do_not_fit(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        convert(SPEAKERS, tmp_path, config=write_params(tmp_path / "p.json", **changes))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("postprocessing/Variable_1", None, r"missing \['wavenet/postprocessing/Variable_1'\]"),
        (
            "dilated_stack/layer1/gc_gate",
            None,
            r"missing \['wavenet/dilated_stack/layer1/gc_gate'\]",
        ),
        ("embeddings/gc_embedding", None, r"not known \['wavenet/dilated_stack/layer0/gc_filter'"),
        ("embeddings/gc_embedding", np.zeros(8, np.float32), r"gc_embedding: expected rank 2, got"),
        ("causal_layer/filter", np.zeros((3, 11, 4), np.float32), r"filter: expected float32 \[3"),
        ("causal_layer/filter", np.zeros((3, 11, 3)), "filter: expected float32 .* got float64"),
        ("causal_layer/filter", np.full((3, 11, 3), np.nan, np.float32), "expected finite values"),
    ],
)
def test_bad_checkpoints(
    tmp_path: Path, name: str, array: NDArray[Any] | None, message: str
) -> None:
    arrays = read_checkpoint(SPEAKERS / PREFIX) | {f"wavenet/{name}": array}
    kept = {name: array for name, array in arrays.items() if array is not None}
    folder = write_checkpoint(tmp_path / "bad", kept)
    with pytest.raises(ValueError, match=message):
        convert(folder, tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [0, 100])
def test_truncated_checkpoint(tmp_path: Path, size: int) -> None:
    folder = shutil.copytree(SPEAKERS, tmp_path / "cut")
    data = next(folder.glob("*.data-*"))
    data.write_bytes(data.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"model\.ckpt-1: cannot read it as a checkpoint"):
        convert(folder, tmp_path)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nonesuch: cannot read it as a checkpoint"):
        convert(SPEAKERS, tmp_path, "nonesuch")
    with pytest.raises(ValueError, match=r"none\.json: cannot read it: No such file"):
        convert(SPEAKERS, tmp_path, config=tmp_path / "none.json")


def test_command(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    call = ["convert", "ibab-wavenet", str(SPEAKERS / PREFIX), "--out", out]
    result = CliRunner().invoke(cli, call)
    assert (result.exit_code, "needs --config" in result.output) == (2, True)
    result = CliRunner().invoke(cli, [*call, "--config", str(SPEAKERS / "wavenet_params.json")])
    assert (result.exit_code, result.output) == (0, f"wrote {out}\n")
    assert reference.load(tmp_path / "out").config.sample_rate == 8000
