"""The exported SavedModel: the same audio, without tfopt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from wavernn_models import differences, load, spectrogram

from tfopt.wavernn.reference import NEAR_TIE

SCRIPT = """
import sys, numpy as np, tensorflow as tf
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], "saved")
    signature = meta.signature_def["generate"]
    audio = session.run(
        signature.outputs["audio"].name,
        {signature.inputs[name].name: value for name, value in np.load("given.npz").items()},
    )
assert "tfopt" not in sys.modules
np.save("audio.npy", audio)
"""
SEED = 2**61 + 3


def inputs(mel: NDArray[np.float32], temperature: float) -> dict[str, Any]:
    """What the signature takes."""
    return {
        "mel": mel,
        "streams": np.arange(len(mel)),
        "seed": np.int64(SEED),
        "temperature": np.float32(temperature),
    }


def with_one(frames: NDArray[np.float32], value: float) -> NDArray[np.float32]:
    """Frames with another number in one place, near the end."""
    changed = frames.copy()
    changed[-1, -1, -1] = value
    return changed


def expect_samples(
    name: str, given: NDArray[np.float32], mel: NDArray[np.float32], temperature: float
) -> None:
    """Those of `generate`, but for near-ties, as TensorFlow optimises the two graphs differently."""
    expected = load(name, "graph").generate(mel, seed=SEED, temperature=temperature)
    assert given.dtype == np.float32
    assert given.shape == expected.shape
    if not np.array_equal(given, expected):
        found = differences(name, given, mel, seed=SEED, temperature=temperature)
        assert found.max() < NEAR_TIE, (found.max(), given[:, :5], expected[:, :5])


@pytest.mark.parametrize("name", ["split, one of each", "mixture", "no pad"])
def test_signature_equals_generate(name: str, tmp_path: Path) -> None:
    """Batches and lengths, around the blocks of steps that the loop has; also no frames at all."""
    net = load(name, "graph")
    net.export(tmp_path / "saved")
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    for batch, frames, temperature in ((2, 25, 1.0), (1, 1, 0.0), (3, 0, 1.0), (1, 32, 0.5)):
        mel = spectrogram(net.config, batch, frames)
        tensors = {key: tf.constant(value) for key, value in inputs(mel, temperature).items()}
        for signature in ("generate", "serving_default"):
            audio = loaded.signatures[signature](**tensors)["audio"].numpy()
            expect_samples(name, audio, mel, temperature)


def test_signature_rejects(tmp_path: Path) -> None:
    net = load("plain", "graph")
    net.export(tmp_path / "saved")
    signature = tf.saved_model.load(str(tmp_path / "saved")).signatures["generate"]
    given = inputs(spectrogram(net.config, 2, 3), 1.0)
    for name, value, message in (
        ("streams", [7], "mel: expected a row for each of the streams"),
        ("streams", [0, 1, 2], "mel: expected a row for each of the streams"),
        ("streams", [0, -1], "streams: expected integers >= 0"),
        ("streams", [], "streams: expected at least one"),
        ("seed", -1, "seed: expected an integer >= 0"),
        ("temperature", -1, "temperature: expected a number >= 0"),
        ("temperature", np.nan, "temperature: expected a number >= 0"),
        ("temperature", np.inf, "temperature: expected a number >= 0"),
        ("mel", with_one(given["mel"], np.nan), "mel: expected finite float32 values"),
        ("mel", with_one(given["mel"], -np.inf), "mel: expected finite float32 values"),
        ("mel", with_one(given["mel"], 1e33), "mel: expected frames that condition samples on"),
    ):
        changed = {**given, name: np.asarray(value, given[name].dtype)}
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            signature(**{key: tf.constant(value) for key, value in changed.items()})


def test_session_without_tfopt(tmp_path: Path) -> None:
    net = load("plain", "graph")
    net.export(tmp_path / "saved")
    mel = spectrogram(net.config, 2, 13)
    np.savez(tmp_path / "given.npz", **inputs(mel, 1.0))
    words = [sys.executable, "-c", SCRIPT]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    expect_samples("plain", np.load(tmp_path / "audio.npy"), mel, 1.0)


def test_existing_directory_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine")
    net = load("plain", "graph")
    with pytest.raises(ValueError, match="kept: already exists"):
        net.export(kept)
    assert (kept / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
