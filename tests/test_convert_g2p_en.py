"""Importing g2p-en: small files in its formats, and damaged ones."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from tfopt import g2p, models
from tfopt.convert import g2p_en
from tfopt.g2p import reference

Arrays = dict[str, NDArray[Any]]


def archive_arrays(embedding: int = 3, hidden: int = 5) -> Arrays:
    """What checkpoint20.npz of 2.x holds, at another size."""
    random = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {"fc_w": (74, hidden), "fc_b": (74,)}
    for side, symbols in (("enc", 29), ("dec", 74)):
        shapes |= {
            f"{side}_emb": (symbols, embedding),
            f"{side}_w_ih": (3 * hidden, embedding),
            f"{side}_w_hh": (3 * hidden, hidden),
            f"{side}_b_ih": (3 * hidden,),
            f"{side}_b_hh": (3 * hidden,),
        }
    return {n: random.normal(0, 1, s).astype(np.float32) for n, s in shapes.items()}


def checkpoint_arrays(hidden: int = 5) -> Arrays:
    """What a checkpoint of 1.x holds, at another size, with a little of its optimiser's state."""
    random = np.random.default_rng(0)
    wrapper = "rnn/attention_wrapper"
    shapes: dict[str, tuple[int, ...]] = {
        "dense/kernel": (hidden, 72),
        "dense/bias": (72,),
        "memory_layer/kernel": (2 * hidden, hidden),
        f"{wrapper}/attention_layer/kernel": (3 * hidden, hidden),
        f"{wrapper}/bahdanau_attention/attention_v": (hidden,),
        f"{wrapper}/bahdanau_attention/query_layer/kernel": (hidden, hidden),
        "dense/kernel/Adam": (hidden, 72),
        "dense/kernel/Adam_1": (hidden, 72),
        "beta1_power": (),
    }
    for cell, inputs in (
        ("bidirectional_rnn/fw/gru_cell", 29),
        ("bidirectional_rnn/bw/gru_cell", 29),
        (f"{wrapper}/gru_cell", 72 + hidden),
    ):
        shapes |= {
            f"{cell}/gates/kernel": (inputs + hidden, 2 * hidden),
            f"{cell}/gates/bias": (2 * hidden,),
            f"{cell}/candidate/kernel": (inputs + hidden, hidden),
            f"{cell}/candidate/bias": (hidden,),
        }
    return {n: random.normal(0, 1, s).astype(np.float32) for n, s in shapes.items()}


def write_checkpoint(prefix: Path, arrays: Arrays) -> Path:
    """Writes a TF1 checkpoint."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variables = [
            tf.compat.v1.get_variable(n, initializer=a, use_resource=False)
            for n, a in arrays.items()
        ]
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(variables).save(session, str(prefix), write_meta_graph=False)
    return prefix


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "checkpoint20.npz"
    np.savez(path, **archive_arrays())  # type: ignore[arg-type]
    return path


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    (tmp_path / "logdir").mkdir()
    return write_checkpoint(tmp_path / "logdir" / "model-1", checkpoint_arrays())


def test_archive(archive: Path, tmp_path: Path) -> None:
    g2p_en.convert(archive, tmp_path / "out")
    net = reference.load(tmp_path / "out")
    arrays = archive_arrays()
    assert net.config.architecture == "gru"
    assert (net.config.embedding, net.config.hidden) == (3, 5)
    assert np.array_equal(net.weights["encoder.recurrent_kernel"], arrays["enc_w_hh"].T)
    assert np.array_equal(net.weights["output.kernel"], arrays["fc_w"].T)
    assert "Apache-2.0" in (tmp_path / "out" / "README.md").read_text()


def test_checkpoint(checkpoint: Path, tmp_path: Path) -> None:
    g2p_en.convert(checkpoint, tmp_path / "out")
    net = reference.load(tmp_path / "out")
    cell = checkpoint_arrays()["rnn/attention_wrapper/gru_cell/gates/kernel"]
    assert net.config.architecture == "attention_gru"
    assert net.config.hidden == 5
    assert np.array_equal(net.weights["decoder.input_kernel"][:, :10], cell[:77])
    assert np.array_equal(net.weights["decoder.recurrent_kernel"][:, :10], cell[77:])


def test_wheel_and_folder(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "unpacked" / "here").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "unpacked" / "here"))
    wheel = tmp_path / "g2p_en-2.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.write(archive, "g2p_en/checkpoint20.npz")
        file.writestr("g2p_en/__init__.py", "raise SystemExit('code of the wheel ran')")
        file.writestr("g2p_en/logdir/../../../escaped.txt", "")
    g2p_en.convert(wheel, tmp_path / "from-wheel")
    g2p_en.convert(archive.parent, tmp_path / "from-folder")
    hashes = {
        (tmp_path / name / "model.safetensors").read_bytes()
        for name in ("from-wheel", "from-folder")
    }
    assert len(hashes) == 1
    assert not list(tmp_path.rglob("escaped.txt"))


def test_checkpoint_in_a_folder(checkpoint: Path, tmp_path: Path) -> None:
    g2p_en.convert(tmp_path, tmp_path / "out")
    assert reference.load(tmp_path / "out").config.architecture == "attention_gru"


def test_converted_models_run(archive: Path, checkpoint: Path, tmp_path: Path) -> None:
    for source in (archive, checkpoint):
        out = tmp_path / f"from-{source.name}"
        g2p_en.convert(source, out)
        words = ["abc", "word"]
        gaps = map(reference.load(out).difference, words, g2p.load(out).predict(words))
        assert all(gap < reference.NEAR_TIE for gap in gaps)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"enc_emb": None}, r"missing \['enc_emb'\]"),
        ({"colour": np.zeros(3, np.float32)}, r"not known \['colour'\]"),
        (
            {"fc_b": np.zeros(74, np.float64)},
            "fc_b: expected a float32 vector or matrix, got float64",
        ),
        (
            {"fc_b": np.zeros(73, np.float32)},
            r"output.bias: expected float32 \[74\], got float32 \[73\]",
        ),
        ({"fc_b": np.zeros((1, 1, 74), np.float32)}, "got float32 of rank 3"),
        ({"fc_b": np.full(74, np.nan, np.float32)}, "output.bias: expected finite values"),
        ({"fc_b": np.array(["object"], object)}, "cannot read it as a NumPy archive"),
    ],
    ids=["missing", "unknown", "dtype", "shape", "rank", "nan", "object"],
)
def test_bad_archives(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "checkpoint20.npz"
    arrays = {n: a for n, a in (archive_arrays() | change).items() if a is not None}
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=message):
        g2p_en.convert(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [0, 10, 3000])
def test_truncated_archive(archive: Path, tmp_path: Path, size: int) -> None:
    archive.write_bytes(archive.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"checkpoint20\.npz: cannot read it as a NumPy archive"):
        g2p_en.convert(archive, tmp_path / "out")


@pytest.mark.parametrize("size", [0, 100])
def test_truncated_checkpoint(checkpoint: Path, tmp_path: Path, size: int) -> None:
    data = next(checkpoint.parent.glob("*.data-*"))
    data.write_bytes(data.read_bytes()[:size])
    with pytest.raises(ValueError, match="model-1: cannot read it as a checkpoint"):
        g2p_en.convert(checkpoint, tmp_path / "out")


def test_checkpoint_of_something_else(tmp_path: Path) -> None:
    arrays: Arrays = {"wavenet/filter": np.zeros((2, 2), np.float32)}
    prefix = write_checkpoint(tmp_path / "model", arrays)
    with pytest.raises(ValueError, match="not a g2p-en model: missing"):
        g2p_en.convert(prefix, tmp_path / "out")


@pytest.mark.parametrize("name", ["nonesuch.whl", "nonesuch.npz", "nonesuch"])
def test_missing_source(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: cannot read it"):
        g2p_en.convert(tmp_path / name, tmp_path / "out")


def test_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected one checkpoint.* found 0"):
        g2p_en.convert(tmp_path, tmp_path / "out")


def test_installed_models_are_the_published_ones() -> None:
    assert {"g2p_en-1.0.1", "g2p_en-2.1.0"} <= set(models.names())
    sizes = {
        name: sum(w.size for w in reference.load(name).weights.values())
        for name in ("g2p_en-1.0.1", "g2p_en-2.1.0")
    }
    assert sizes == {"g2p_en-1.0.1": 355_400, "g2p_en-2.1.0": 834_890}
