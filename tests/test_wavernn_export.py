"""The exported SavedModel: the same audio, without tfopt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from wavernn_models import differences, load, spectrogram

from tfopt.wavernn.reference import NEAR_TIE

SCRIPT = """
import sys, numpy as np, tensorflow as tf
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], sys.argv[1])
    for name in ("generate", "serving_default"):
        signature = meta.signature_def[name]
        for number in sys.argv[2:]:
            given = dict(np.load(f"{number}.npz"))
            audio = session.run(
                signature.outputs["audio"].name,
                {signature.inputs[key].name: value for key, value in given.items()},
            )
            np.save(f"{name}-{number}.npy", audio)
assert "tfopt" not in sys.modules
"""
SEED = 2**61 + 3


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


@pytest.mark.parametrize("name", ["plain", "split, one of each", "mixture", "no pad"])
def test_session_without_tfopt(name: str, tmp_path: Path) -> None:
    """Batches and lengths, around the blocks of steps that the loop has; also no frames at all."""
    net = load(name, "graph")
    net.export(tmp_path / "saved")
    cases = [(2, 25, 1.0), (1, 1, 0.0), (3, 0, 1.0), (1, 32, 0.7)]
    for number, (batch, frames, temperature) in enumerate(cases):
        np.savez(
            tmp_path / f"{number}.npz",
            mel=spectrogram(net.config, batch, frames),
            streams=np.arange(batch),
            seed=np.int64(SEED),
            temperature=np.float32(temperature),
        )
    words = [sys.executable, "-c", SCRIPT, "saved", *map(str, range(len(cases)))]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    for signature in ("generate", "serving_default"):
        for number, (batch, frames, temperature) in enumerate(cases):
            given = np.load(tmp_path / f"{signature}-{number}.npy")
            mel = spectrogram(net.config, batch, frames)
            if frames:
                # As float32 has it, which the signature takes.
                expect_samples(name, given, mel, float(np.float32(temperature)))
            else:
                assert given.shape == (batch, 0)


def test_existing_directory_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine")
    net = load("plain", "graph")
    with pytest.raises(ValueError, match="kept: already exists"):
        net.export(kept)
    assert (kept / "file").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
