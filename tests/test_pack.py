"""`tfopt pack`: what stands in the file for `tfopt-native`, and one clear line on bad input."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import random_weights, tiny_config, write_model
from wavenet_models import MODELS, make, write

from tfopt import model_directory, mu_law
from tfopt.cli import cli
from tfopt.g2p.packing import pack as pack_g2p
from tfopt.pack import container, pack
from tfopt.quantization_settings import QuantizationSettings
from tfopt.wavenet.packing import pack as pack_wavenet
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.packing import pack as pack_wavernn
from tfopt.wavernn.random_weights import random_weights as random_wavernn


def read(path: Path) -> tuple[int, dict[str, bytes]]:
    """The kind and the sections of a file; custom_ops/engine/packing/model_file.h is the format."""
    content = path.read_bytes()
    magic, version, kind, size, count = struct.unpack_from("<8sIIQQ", content)
    assert (magic, version, size) == (b"TFOPTBIN", 1, len(content))
    sections, end = {}, 32 + 48 * count
    for i in range(count):
        name, offset, length = struct.unpack_from("<32sQQ", content, 32 + 48 * i)
        assert offset % 64 == 0
        assert end <= offset < end + 64
        assert set(content[end:offset]) <= {0}
        end = offset + length
        sections[name.rstrip(b"\0").decode()] = content[offset:end]
    assert size - 64 < end <= size
    return kind, sections


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["pack", *map(str, arguments)])


@pytest.mark.parametrize("name", MODELS)
def test_a_wavenet(tmp_path: Path, name: str) -> None:
    config, weights = make(name)
    out = tmp_path / "model.tfopt"
    result = run(write(tmp_path / "model", name), "--out", out)
    assert (result.exit_code, result.output) == (0, f"wrote {out}: {_megabytes(out)} MB\n")
    kind, sections = read(out)
    assert kind == 2
    assert sections.pop("name") == b"model"
    assert sections.pop("model") == pack_wavenet(config, weights).numpy().tobytes()
    assert np.frombuffer(sections.pop("sample_rate"), "<i4").tolist() == [8000]
    amplitudes = np.frombuffer(sections.pop("amplitudes"), "<f4")
    if config.classes:
        assert (
            amplitudes.tobytes()
            == mu_law.decode(np.arange(len(amplitudes)), config.classes).tobytes()
        )
    assert len(amplitudes) == config.classes
    factors = np.frombuffer(sections.pop("upsampling.factors"), "<i4")
    assert tuple(factors) == config.upsample_factors
    phases = np.frombuffer(sections.pop("upsampling.phases"), "<f4").reshape(-1, 3)
    assert len(phases) == sum(factors)
    if len(factors):
        # A constant signal is multiplied by the sum of all taps, wherever a row stands in its frame.
        sums = [weights[f"upsample.{i}.kernel"].sum() for i in range(len(factors))]
        np.testing.assert_allclose(phases.sum(1), np.repeat(sums, factors), rtol=1e-5)
    speakers = np.frombuffer(sections.pop("speakers"), "<f4")
    assert speakers.tobytes() == weights.get("global.embedding", np.zeros(0)).tobytes()
    assert not sections


@pytest.mark.parametrize(
    "output", [{"output": "split", "bits": 9}, {"output": "logistic_mixture", "mixtures": 2}]
)
def test_a_wavernn(tmp_path: Path, output: dict[str, Any]) -> None:
    sizes: dict[str, Any] = {"sample_rate": 8000, "mel_channels": 4, "pad": 2, "aux_channels": 3}
    widths: dict[str, Any] = {
        "resnet_channels": 7,
        "resnet_blocks": 1,
        "rnn_channels": 6,
        "fc_channels": 5,
    }
    config = WavernnConfig(**sizes, **widths, **output, upsample_factors=(3, 2))
    weights = random_wavernn(config, seed=0)
    model_directory.write(
        tmp_path / "tiny",
        kind="wavernn",
        config=config.to_dict(),
        weights=weights,
        card="# a test\n",
    )
    pack(tmp_path / "tiny", tmp_path / "model.tfopt")
    kind, sections = read(tmp_path / "model.tfopt")
    assert kind == 4
    assert sections.pop("name") == b"tiny"
    assert sections.pop("model") == pack_wavernn(config, weights).numpy().tobytes()
    assert np.frombuffer(sections.pop("sample_rate"), "<i4").tolist() == [8000]
    amplitudes = np.frombuffer(sections.pop("amplitudes"), "<f4")
    assert amplitudes[:1].tolist() + amplitudes[-1:].tolist() == ([-1, 1] if config.bits else [])
    assert len(amplitudes) == config.classes
    assert np.frombuffer(sections.pop("upsampling.factors"), "<i4").tolist() == [3, 2]
    assert len(sections.pop("upsampling.phases")) == 4 * 3 * (3 + 2)
    assert np.frombuffer(sections.pop("resnet.shape"), "<i4").tolist() == [2, 7, 1]
    layers = ["input", "blocks.0.0", "blocks.0.1", "output"]
    names = [f"resnet.{layer}.{kind}" for layer in layers for kind in ("kernel", "bias")]
    resnet = np.concatenate([weights[name].ravel() for name in names])
    assert sections.pop("resnet.weights") == resnet.tobytes()
    assert not sections


def test_a_g2p_model(tmp_path: Path, architecture: str) -> None:
    config = tiny_config(architecture, phonemes=("^", "$", "ø", "BB"), max_graphemes=12)
    weights = random_weights(config)
    out = tmp_path / "model.tfopt"
    assert pack(write_model(tmp_path / "tiny", config, weights), out) == out.stat().st_size
    kind, sections = read(out)
    assert kind == 3
    assert sections.pop("name") == b"tiny"
    assert sections.pop("model") == pack_g2p(config, weights).numpy().tobytes()
    assert np.array_equal(np.frombuffer(sections.pop("graphemes"), "<i4"), config.vocabulary.table)
    assert np.frombuffer(sections.pop("reading"), "<i4").tolist() == [0, 1, 12]
    assert sections.pop("phonemes") == b"\1\0\0\0^\1\0\0\0$\2\0\0\0\xc3\xb8\2\0\0\0BB"
    assert not sections


@pytest.mark.parametrize("compute_type", ["bfloat16", "int16", "int8", "auto"])
def test_a_compute_type(tmp_path: Path, architecture: str, compute_type: str) -> None:
    losses = {"bfloat16": 0.0, "int8": 1.0}
    quantization = QuantizationSettings(losses=losses, unit="words")
    config = tiny_config(architecture, quantization=quantization)
    weights = random_weights(config)
    model = write_model(tmp_path / "tiny", config, weights)
    result = run(model, "--out", tmp_path / "model.tfopt", "--compute-type", compute_type)
    assert result.exit_code == 0, result.output
    _, sections = read(tmp_path / "model.tfopt")
    meant = "bfloat16" if compute_type == "auto" else compute_type
    assert result.stderr == ("compute type: bfloat16\n" if compute_type == "auto" else "")
    assert sections["model"] == pack_g2p(config, weights, meant).numpy().tobytes()
    assert sections["model"] != pack_g2p(config, weights).numpy().tobytes()


@pytest.mark.parametrize(
    ("compute_type", "status", "message"),
    [
        ("int8_static", 1, "compute_type: expected a model with calibrated input scales"),
        ("int4", 2, "'int4' is not one of"),
    ],
)
def test_a_compute_type_that_the_model_has_not(
    tmp_path: Path, compute_type: str, status: int, message: str
) -> None:
    model = write(tmp_path / "model", "plain")
    result = run(model, "--out", tmp_path / "a", "--compute-type", compute_type)
    assert result.exit_code == status
    assert message in result.output
    assert not (tmp_path / "a").exists()
    with pytest.raises(ValueError, match="compute_type: expected one of"):
        pack(model, tmp_path / "a", "int4")


def test_an_empty_section_and_a_full_one(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(
        container.build("g2p", {"empty": b"", "full": b"x" * 64, "one": b"y"})
    )
    assert read(tmp_path / "a") == (3, {"empty": b"", "full": b"x" * 64, "one": b"y"})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "is not a model directory"),
        ("{", "not a JSON file"),
        (
            json.dumps({"kind": "else"}),
            "kind: expected 'wavenet' or 'g2p' or 'wavernn', got 'else'",
        ),
        (json.dumps({}), "kind: expected 'wavenet' or 'g2p' or 'wavernn', got None"),
        (json.dumps({"kind": ["g2p"]}), "got ['g2p']"),
        (json.dumps({"kind": "wavenet"}), "missing settings"),
    ],
)
def test_no_model(tmp_path: Path, config: str | None, message: str) -> None:
    out = tmp_path / "out.tfopt"
    out.write_text("kept")
    (tmp_path / "model").mkdir()
    if config is not None:
        (tmp_path / "model" / model_directory.CONFIG).write_text(config)
    result = run(tmp_path / "model", "--out", out)
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.splitlines()) == 1
    assert out.read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "out.tfopt"]


def test_no_such_name(tmp_path: Path) -> None:
    result = run("none", "--out", tmp_path / "a")
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "'none' is not installed" in result.output


@pytest.mark.parametrize("out", ["none/a", "."])
def test_a_file_that_cannot_be_written(tmp_path: Path, out: str) -> None:
    result = run("g2p_en-2.1.0", "--out", tmp_path / out)
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert "--out: expected a file in a folder that exists" in result.output


def test_without_the_library_of_ops(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tfopt", "pack", "g2p_en-2.1.0", "--out", str(tmp_path / "a")],
        env={**os.environ, "TFOPT_OPS_LIBRARY": str(tmp_path / "none.so")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "make setup" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f}"
