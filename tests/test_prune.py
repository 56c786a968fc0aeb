"""Pruning of models: which tensors change, what is written, and one clear error on bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import wavenet_models
import wavernn_models
from click.testing import CliRunner, Result
from conftest import random_weights, tiny_config, write_model

from tfopt import model_directory
from tfopt.cli import cli
from tfopt.g2p.config import read as read_g2p
from tfopt.pruning import BlockCount, prune
from tfopt.wavenet.config import read as read_wavenet
from tfopt.wavernn.config import read as read_wavernn


def write_g2p(directory: Path, architecture: str) -> Path:
    config = tiny_config(architecture)
    return write_model(directory, config, random_weights(config))


# A model of each kind and of what their networks differ in, and the tensors that can be sparse.
MODELS: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "gru": (
        lambda path: write_g2p(path, "gru"),
        {"encoder.recurrent_kernel", "decoder.recurrent_kernel", "output.kernel"},
    ),
    "attention_gru": (
        lambda path: write_g2p(path, "attention_gru"),
        {f"{side}.recurrent_kernel" for side in ("encoder.forward", "encoder.backward", "decoder")}
        | {f"attention.{name}_kernel" for name in ("memory", "query", "output")}
        | {"decoder.input_kernel", "output.kernel"},
    ),
    "wavenet": (
        lambda path: wavenet_models.write(path, "everything"),
        {
            f"layers.{i}.{name}.kernel"
            for i in range(5)
            for name in ("conv", "local", "residual", "skip")
        }
        - {"layers.4.residual.kernel"}
        | {"end.0.kernel", "end.1.kernel"},
    ),
    "wavernn": (
        lambda path: wavernn_models.write(path, "split"),
        {"rnn.0.recurrent", "rnn.1.kernel", "rnn.1.recurrent", "fc.0.kernel", "fc.1.kernel"}
        | {"output.kernel", "fine.kernel", "fine.output.kernel"},
    ),
}
READ: dict[str, Callable[[Path], tuple[Any, model_directory.Weights]]] = {
    "g2p": read_g2p,
    "wavenet": read_wavenet,
    "wavernn": read_wavernn,
}


def read(directory: Path) -> tuple[Any, model_directory.Weights]:
    return READ[model_directory.read_settings(directory)["kind"]](directory)


@pytest.fixture(params=MODELS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(tmp_path: Path, kind: str) -> Path:
    return MODELS[kind][0](tmp_path / "model")


@pytest.mark.parametrize("block", ["16x1", "8x4"])
def test_the_matrices_of_a_step_become_sparse(model: Path, kind: str, block: str) -> None:
    out = model.parent / "sparse"
    counts = prune(model, out, density=0.25, block=block)
    assert set(counts) == MODELS[kind][1]
    (config, before), (config_after, after) = read(model), read(out)
    assert config_after == config
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    small = {name for name, count in counts.items() if count.all == count.kept}
    assert changed == set(counts) - small
    assert len(changed) >= len(counts) / 2
    for name in changed:
        zeroed = after[name] != before[name]
        assert not after[name][zeroed].any()
        assert 0 < counts[name].kept < counts[name].all
    weights = model_directory.WEIGHTS
    assert (out / weights).stat().st_size == (model / weights).stat().st_size


def test_what_is_not_multiplied_at_each_step_stays(tmp_path: Path) -> None:
    """The rows of kernels for symbols, aux and the coarse class."""
    config, before = read(write_g2p(tmp_path / "g2p", "attention_gru"))
    prune(tmp_path / "g2p", tmp_path / "sparse g2p", density=0.01)
    _, after = read(tmp_path / "sparse g2p")
    symbols, name = len(config.phonemes), "decoder.input_kernel"
    np.testing.assert_array_equal(after[name][:symbols], before[name][:symbols])
    assert np.any(after[name][symbols:] != before[name][symbols:])

    config, before = read(wavernn_models.write(tmp_path / "wavernn", "split"))
    prune(tmp_path / "wavernn", tmp_path / "sparse wavernn", density=0.01)
    _, after = read(tmp_path / "sparse wavernn")
    hidden, width = config.rnn_channels, config.fc_channels
    for name, rows in {
        "rnn.1.kernel": hidden,
        "fc.0.kernel": hidden,
        "fc.1.kernel": width,
        "fine.kernel": width,
    }.items():
        assert len(after[name]) > rows
        np.testing.assert_array_equal(after[name][rows:], before[name][rows:])
        assert (after[name][:rows] == 0).mean() > 0.5


def test_density_1_changes_no_weight_and_pruning_again_none(model: Path) -> None:
    def bits(name: str) -> bytes:
        return (model.parent / name / model_directory.WEIGHTS).read_bytes()

    prune(model, model.parent / "all", density=1)
    assert bits("all") == bits("model")
    once = prune(model, model.parent / "once", density=0.2)
    assert prune(model.parent / "once", model.parent / "twice", density=0.2) == once
    assert bits("twice") == bits("once") != bits("model")


def test_chosen_layers_alone(tmp_path: Path) -> None:
    model = wavenet_models.write(tmp_path / "model", "everything")
    out = tmp_path / "sparse"
    counts = prune(model, out, density=0.1, layers=["layers.*.skip.kernel", "end.1.*"])
    assert list(counts) == [*(f"layers.{i}.skip.kernel" for i in range(5)), "end.1.kernel"]
    (_, before), (_, after) = read(model), read(out)
    for name in before:
        assert np.array_equal(before[name], after[name]) == (name not in counts), name


def test_the_card_says_what_was_pruned(tmp_path: Path) -> None:
    counts = prune(write_g2p(tmp_path / "model", "gru"), tmp_path / "sparse", density=0.1)
    assert counts["output.kernel"] == BlockCount(11, 1)  # 11 inputs, 6 outputs
    assert (
        (tmp_path / "sparse" / model_directory.CARD).read_text()
        == """# a test

## Pruning

`tfopt prune --density 0.1 --block 16x1` set the blocks (outputs x inputs) with the smallest L2 norms \
to zero, in each matrix of these tensors that a step multiplies.

| tensor | blocks | not zero | density |
|---|--:|--:|--:|
| `encoder.recurrent_kernel` | 33 | 3 | 0.0909 |
| `decoder.recurrent_kernel` | 33 | 3 | 0.0909 |
| `output.kernel` | 11 | 1 | 0.0909 |
"""
    )


def test_what_was_measured_of_other_weights_is_left_out(tmp_path: Path) -> None:
    model = write_g2p(tmp_path / "model", "gru")
    path = model / model_directory.CONFIG
    settings = json.loads(path.read_text())
    settings["quantization"] = {"losses": {"int8": 0.001}, "unit": "words"}
    path.write_text(json.dumps(settings))
    half: Any = np.float32(0.5)  # as good as a float
    prune(model, tmp_path / "sparse", density=half)
    del settings["quantization"]
    given = model_directory.read_settings(tmp_path / "sparse")
    given.pop("quantization", None)
    assert given == settings


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["prune", *map(str, arguments)])


def test_the_command(tmp_path: Path) -> None:
    model, out = write_g2p(tmp_path / "model", "gru"), tmp_path / "sparse"
    result = run(model, "--density", 0.1, "--layers", "output.*", "--layers", "enc*", "--out", out)
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert lines == [
        ["tensor", "blocks", "not", "zero", "density"],
        ["encoder.recurrent_kernel", "33", "3", "0.0909"],
        ["output.kernel", "11", "1", "0.0909"],
        ["together", "44", "4", "0.0909"],
        ["wrote", str(out)],
    ]
    again = run(model, "--density", 1, "--out", out)
    assert again.exit_code == 1
    assert f"{out}: already exists" in again.output
    assert run(model, "--density", 1, "--block", "8x4", "--out", out, "--force").exit_code == 0
    np.testing.assert_equal(read(out)[1], read(model)[1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--density", "0"], "density: expected a number above 0 and at most 1, got 0"),
        (["--density", "-0.1"], "density: expected a number above 0 and at most 1, got -0.1"),
        (["--density", "1.5"], "density: expected a number above 0 and at most 1, got 1.5"),
        (["--density", "nan"], "density: expected a number above 0 and at most 1, got nan"),
        (["--density", "some"], "'some' is not a valid float"),
        (["--density", "0.1", "--block", "4x4"], "'4x4' is not one of '16x1', '8x4'"),
        (
            ["--density", "0.1", "--layers", "output.*", "--layers", "*.bias"],
            "layers: expected patterns of names among decoder.recurrent_kernel, "
            "encoder.recurrent_kernel, output.kernel, got '*.bias'",
        ),
    ],
)
def test_bad_arguments_write_nothing(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = run(write_g2p(tmp_path / "model", "gru"), "--out", tmp_path / "sparse", *arguments)
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    config = tiny_config("gru")
    weights = random_weights(config)
    weights["output.kernel"][0, 0] = np.nan
    model = write_model(tmp_path / "model", config, weights)
    with pytest.raises(ValueError, match=r"output\.kernel: expected finite values, got NaN"):
        prune(model, tmp_path / "sparse", density=0.1)


def test_a_card_that_cannot_be_read(tmp_path: Path) -> None:
    model = write_g2p(tmp_path / "model", "gru")
    (model / "README.md").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"model/README\.md: cannot read it: 'utf-8' codec"):
        prune(model, tmp_path / "sparse", density=0.1)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_another_kind_of_model(tmp_path: Path) -> None:
    model = write_g2p(tmp_path / "model", "gru")
    path = model / model_directory.CONFIG
    path.write_text(path.read_text().replace('"g2p"', '"mel"'))
    expected = r"config\.json: kind: expected one of g2p, wavenet, wavernn, got 'mel'"
    with pytest.raises(ValueError, match=expected):
        prune(model, tmp_path / "sparse", density=0.1)
