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
from wavenet_models import conditions, differences, load

from tfopt import wavenet
from tfopt.generation import philox
from tfopt.randomness import uniforms
from tfopt.wavenet.reference import NEAR_TIE

SCRIPT = """
import sys, numpy as np, tensorflow as tf
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], sys.argv[1])
    signature = meta.signature_def["generate"]
    given = dict(np.load(sys.argv[2]))
    audio = session.run(
        signature.outputs["audio"].name,
        {signature.inputs[name].name: value for name, value in given.items()},
    )
assert "tfopt" not in sys.modules
np.save(sys.argv[3], audio)
"""


@pytest.fixture(
    scope="module", params=["long kernels", "mixture, frames", "gaussian, speakers", "everything"]
)
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    directory = tmp_path_factory.mktemp("export") / "saved"
    load(request.param, "graph").export(directory)
    return request.param, directory


def inputs(
    net: wavenet.Wavenet, batch: int, samples: int, seed: int, temperature: float
) -> dict[str, NDArray[Any]]:
    """What the signature takes."""
    given = conditions(net.config, batch, samples)
    if not net.config.local_channels:
        given["samples"] = samples
    given |= {"streams": range(batch), "seed": seed, "temperature": temperature}
    kinds = {"streams": np.int64, "seed": np.int64, "speaker": np.int32, "samples": np.int32}
    return {name: np.asarray(value, kinds.get(name, np.float32)) for name, value in given.items()}


@pytest.mark.parametrize(("batch", "samples"), [(2, 150), (1, 64), (1, 1), (3, 0)])
def test_signature_equals_generate(exported: tuple[str, Path], batch: int, samples: int) -> None:
    model, directory = exported
    net = load(model, "graph")
    loaded = tf.saved_model.load(str(directory))
    for name, temperature in (("generate", 1.0), ("serving_default", 0.0)):
        given = inputs(net, batch, samples, 2**61 + 3, temperature)
        tensors = {key: tf.constant(value) for key, value in given.items()}
        audio = loaded.signatures[name](**tensors)["audio"].numpy()
        expected = net.generate(
            **conditions(net.config, batch, samples),
            samples=None if net.config.local_channels else samples,
            batch=batch,
            seed=2**61 + 3,
            temperature=temperature,
        )
        assert audio.dtype == np.float32
        assert audio.shape == expected.shape
        if not np.array_equal(audio, expected):  # TensorFlow optimises the two graphs differently
            found = differences(
                model,
                audio,
                conditions(net.config, batch, samples),
                seed=2**61 + 3,
                temperature=temperature,
            )
            assert found.max() < NEAR_TIE, (found.max(), audio[:, :5], expected[:, :5])


def test_signature_rejects(tmp_path: Path) -> None:
    signatures = {}
    for model in ("plain", "everything"):
        load(model, "graph").export(tmp_path / model)
        loaded = tf.saved_model.load(str(tmp_path / model))
        signatures[model] = loaded.signatures["generate"]
    frames = inputs(load("everything", "graph"), 2, 150, 0, 1.0)["conditioning"]
    for model, name, value, message in (
        ("plain", "samples", -1, "samples: expected an integer >= 0"),
        ("plain", "seed", -1, "seed: expected an integer >= 0"),
        ("plain", "streams", [0, -1], "streams: expected integers >= 0"),
        ("plain", "streams", [], "streams: expected at least one"),
        ("plain", "temperature", -1, "temperature: expected a number >= 0"),
        ("plain", "temperature", np.inf, "temperature: expected a number >= 0"),
        ("everything", "streams", [0, 1, 2], "conditioning: expected a row for each"),
        ("everything", "speaker", [0], "speaker: expected a row for each of the streams"),
        ("everything", "speaker", [0, 3], "speaker: expected numbers from 0 to 2"),
        ("everything", "speaker", [-1, 0], "speaker: expected numbers from 0 to 2"),
        ("everything", "conditioning", frames * np.nan, "conditioning: expected finite float32"),
        ("everything", "conditioning", frames * 1e33, "conditioning: expected frames that cond"),
    ):
        given = inputs(load(model, "graph"), 2, 150, 0, 1.0)
        given[name] = np.asarray(value, given[name].dtype)
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            signatures[model](**{key: tf.constant(value) for key, value in given.items()})


def test_session_without_tfopt(tmp_path: Path) -> None:
    net = load("everything", "graph")
    net.export(tmp_path / "saved")
    given = inputs(net, 2, 90, 5, 0.8)
    np.savez(tmp_path / "given.npz", **given)  # type: ignore[arg-type]
    files = [str(tmp_path / name) for name in ("saved", "given.npz", "audio.npy")]
    subprocess.run([sys.executable, "-c", SCRIPT, *files], check=True, capture_output=True)
    expected = net.generate(**conditions(net.config, 2, 90), seed=5, temperature=0.8)
    audio = np.load(files[2])
    assert audio.shape == expected.shape
    found = differences("everything", audio, conditions(net.config, 2, 90), seed=5, temperature=0.8)
    assert found.max() < NEAR_TIE, (found.max(), audio[:, :5], expected[:, :5])


def test_random_numbers_are_those_of_tfopt() -> None:
    seed, streams = 2**63 - 1, [0, 1, 2**62 + 7]
    for per_sample in (1, 2):
        numbers = philox.uniforms(
            tf.constant(seed, tf.int64),
            tf.constant(streams, tf.int64),
            tf.constant(64 * 10**6, tf.int64),
            64,
            per_sample,
        )
        expected = uniforms(seed, streams, 64 * 10**6, 64, per_sample)
        assert np.array_equal(numbers.numpy(), expected)


def test_existing_directory_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine")
    net = load("plain", "graph")
    with pytest.raises(ValueError, match="kept: already exists"):
        net.export(kept)
    with pytest.raises(ValueError, match=r"kept: expected a directory with saved_model\.pb"):
        net.export(kept, replace=True)
    assert (kept / "file").read_text() == "mine"
    net.export(tmp_path / "saved")
    net.export(tmp_path / "saved", replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "saved"]
    assert tf.saved_model.contains_saved_model(str(tmp_path / "saved"))
