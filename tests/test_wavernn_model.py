"""`tfopt.wavernn.load` and what it returns: batches, lists, logits, and one clear error for bad input."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wavernn_models import (
    differences,
    load,
    make,
    on_backends,
    samples_of,
    spectrogram,
    write,
)

from tfopt import wavernn
from tfopt.generation.pieces import CHUNK
from tfopt.wavernn.backends.looped import Looped
from tfopt.wavernn.reference import NEAR_TIE, Reference
from tfopt.wavernn.samples import audio, feedback
from tfopt.wavernn.step import Step


@pytest.mark.parametrize(("name", "backend"), on_backends("plain", "split", "mixture"))
def test_a_list_of_different_lengths(name: str, backend: str) -> None:
    """Streams that have ended leave the batch; no other notices, on `native` to the last bit."""
    net = load(name, backend)
    lengths = [2, 0, 3, 2] if backend in ("naive", "xla") else [5, 0, 12, 5, 1]
    mels = [spectrogram(net.config, n, seed=n) for n in lengths]
    together = net.generate(mels, seed=4)
    assert [part.shape for part in together] == [(n * net.config.hop_length,) for n in lengths]
    for number, (mel, given) in enumerate(zip(mels, together, strict=True)):
        alone = net.generate(mel, seed=4, streams=[number])
        assert given.dtype == np.float32
        if backend == "native" or np.array_equal(given, alone[0]):
            assert np.array_equal(given, alone[0])
        else:  # TensorFlow multiplies matrices of other shapes in another order
            for part in (given[np.newaxis], alone):
                found = differences(name, part, mel[np.newaxis], seed=4, streams=[number])
                assert found.max() < NEAR_TIE


def test_a_long_list() -> None:
    """More samples than a backend is asked for at once; and a batch of it."""
    net = load("plain", "native")
    frames = CHUNK // 6 + 20
    mels = [spectrogram(net.config, n, seed=n) for n in (frames, 3, frames)]
    together = net.generate(mels, streams=[7, 8, 2**64 - 1])
    for mel, number, given in zip(mels, (7, 8, 2**64 - 1), together, strict=True):
        assert np.array_equal(given, net.generate(mel, streams=[number])[0])
    batch = net.generate(np.stack([mels[0], mels[2]]), streams=[7, 2**64 - 1])
    assert np.array_equal(batch, np.stack([together[0], together[2]]))


def test_forms_of_a_spectrogram() -> None:
    net = load("plain", "cached")
    mel = spectrogram(net.config, 4)
    one = net.generate(mel)
    assert one.shape == (1, 24)
    for form in (mel[np.newaxis], mel.tolist(), mel.astype(np.float64), mel.astype(">f4")):
        assert np.array_equal(net.generate(form), one)
    for form in ([mel], (mel,)):
        (given,) = net.generate(form)
        assert np.array_equal(given, one[0])
    batch = np.stack([mel, mel[::-1]])
    assert np.array_equal(net.generate(batch.tolist()), net.generate(batch))
    assert isinstance(net.generate(batch.tolist()), np.ndarray)
    assert isinstance(net.generate(list(batch)), list)


@pytest.mark.parametrize("backend", wavernn.BACKENDS)
def test_nothing(backend: str) -> None:
    net = load("split", backend)
    assert net.generate(np.zeros([0, 5])).shape == (1, 0)
    assert net.generate(np.zeros([3, 0, 5])).shape == (3, 0)
    assert [part.shape for part in net.generate([np.zeros([0, 5])] * 2)] == [(0,), (0,)]
    assert net.generate(np.zeros([0, 5]), fold=(10, 5)).shape == (1, 0)
    assert net.logits(np.zeros([0, 2]), np.zeros([0, 5])).shape == (1, 0, 48)
    nothing = net.logits(np.zeros([3, 0, 2]), np.zeros([3, 1, 5]), np.zeros([3, 0], int))
    assert nothing.shape == (3, 0, 48)


@pytest.mark.parametrize("name", ["plain", "split", "mixture, one of each"])
def test_logits(name: str) -> None:
    """Also of more steps than a backend is asked for at once."""
    config, weights = make(name)
    slow, random = Reference(config, weights), np.random.default_rng(1)
    for batch, time in ((3, 40), (1, CHUNK + 9 if name == "plain" else 1)):
        mel = spectrogram(config, batch, -(-time // config.hop_length))
        samples: Any = random.uniform(-1, 1, (batch, time))
        if config.classes:
            samples = random.integers(0, config.classes, (batch, time))
        fed = feedback(config, samples)
        targets = np.roll(samples, -1, axis=1) if config.output == "split" else None
        rows = load(name, "graph").logits(fed, mel, targets)
        for row in range(batch):
            following = None if targets is None else targets[row]
            expected = slow.logits(fed[row], mel[row], following)
            assert rows[row].shape == expected.shape
            np.testing.assert_allclose(
                rows[row], expected, rtol=0, atol=1e-4 * np.abs(expected).max()
            )
            one = fed[row] if config.fed_back == 2 else fed[row, :, 0]
            alone = load(name, "graph").logits(one, mel[row], following)
            np.testing.assert_allclose(alone[0], rows[row], rtol=0, atol=1e-4)


def test_seed_stream_and_temperature_matter() -> None:
    net = load("plain", "cached")
    mel = np.stack([spectrogram(net.config, 6)] * 2)
    given = net.generate(mel)
    assert np.array_equal(given, net.generate(mel, seed=0, streams=[0, 1]))
    assert not np.array_equal(given[0], given[1])
    assert np.array_equal(given[::-1], net.generate(mel, streams=[1, 0]))
    assert not np.array_equal(given, net.generate(mel, seed=1))
    assert not np.array_equal(given, net.generate(mel, temperature=2.0))


def test_progress() -> None:
    net = load("plain", "native")
    done: list[int] = []
    mels = [spectrogram(net.config, n) for n in (2, 1000, 0, 2)]
    net.generate(mels, progress=done.append)
    assert done == [3 * 12, 2 * 12 + 12 + CHUNK, 2 * 12 + 6000]


@pytest.mark.parametrize("backend", wavernn.BACKENDS)
def test_many_threads_at_a_time(backend: str) -> None:
    net = load("plain", backend)
    mel = spectrogram(net.config, 2, 3)
    expected = [net.generate(mel, seed=seed) for seed in range(4)]
    results: dict[int, np.ndarray[Any, Any]] = {}
    threads = [
        threading.Thread(target=lambda i=i: results.update({i: net.generate(mel, seed=i)}))
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(results[i], expected[i]) for i in range(4))


def test_samples_and_audio_are_inverse() -> None:
    """What the tests' judge needs."""
    for name in ("plain", "amplitudes", "split, one of each"):
        config, _ = make(name)
        classes = np.arange(config.classes)
        assert np.array_equal(samples_of(config, audio(config, classes)), classes)


REJECTED: list[tuple[dict[str, Any], str]] = [
    ({"mel": np.zeros(5)}, "mel: expected \\[batch, frames, 5\\] or \\[frames, 5\\], got \\[5\\]"),
    ({"mel": np.zeros([5, 3])}, "mel: expected \\[batch, frames, 5\\] .* got \\[5, 3\\]"),
    ({"mel": np.zeros([0, 3, 5])}, "mel: expected .* got \\[0, 3, 5\\]"),
    ({"mel": np.zeros([1, 1, 3, 5])}, "mel: expected .* got \\[1, 1, 3, 5\\]"),
    ({"mel": 3}, "mel: expected .* got \\[\\]"),
    ({"mel": "a name"}, "mel: expected an array of numbers, got 'a name'"),
    ({"mel": None}, "mel: expected an array of numbers, got None"),
    ({"mel": np.full([2, 5], np.nan)}, "mel: expected finite float32 values, got NaN"),
    ({"mel": np.full([2, 5], 1e39)}, "mel: expected finite float32 values, got NaN"),
    ({"mel": np.zeros([2, 5], complex)}, "mel: expected an array of numbers"),
    ({"mel": []}, "mel: expected at least one array, got an empty list"),
    ({"mel": ()}, "mel: expected at least one array, got an empty list"),
    ({"mel": [[1.0, 2.0], [3.0]]}, "mel: expected an array of numbers"),
    ({"mel": [[[0.0] * 5] * 2, [[0.0] * 5]]}, "mel: expected an array of numbers"),
    ({"mel": [None, np.zeros([2, 5])]}, "mel\\[0\\]: expected an array of numbers, got None"),
    ({"mel": [np.zeros([2, 5]), np.zeros([2, 4])]}, "mel\\[1\\]: expected \\[frames, 5\\], got"),
    ({"mel": [np.zeros([1, 2, 5])]}, "mel\\[0\\]: expected \\[frames, 5\\], got \\[1, 2, 5\\]"),
    ({"mel": [np.zeros([2, 5]), None]}, "mel\\[1\\]: expected an array of numbers, got None"),
    ({"mel": [np.zeros([2, 5]), np.full([1, 5], np.inf)]}, "mel\\[1\\]: expected finite"),
    ({"seed": 2**64}, "seed: expected an integer from 0 to 2\\*\\*64 - 1"),
    ({"seed": 0.5}, "seed: expected an integer from 0"),
    ({"temperature": -1}, "temperature: expected a number >= 0, got -1"),
    ({"temperature": float("nan")}, "temperature: expected a number >= 0, got nan"),
    ({"streams": [0, 1]}, "mel: expected 2 streams, as streams says, got 1"),
    ({"streams": 3}, "streams: expected integers from 0"),
    ({"streams": [-1]}, "streams: expected integers from 0"),
    ({"fold": 5}, "fold: expected \\(target, overlap\\)"),
    ({"progress": 3}, "progress: expected a function, got 3"),
]


@pytest.mark.parametrize(("arguments", "message"), REJECTED)
def test_generate_rejects(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        load("plain", "cached").generate(**{"mel": np.zeros([2, 5]), **arguments})


@pytest.mark.parametrize("backend", wavernn.BACKENDS)
@pytest.mark.parametrize("name", ["plain", "split", "mixture"])
def test_absurd_spectrograms(name: str, backend: str) -> None:
    """What they condition samples on may not be finite, though they are."""
    net, message = load(name, backend), "^mel: expected frames that condition samples on numbers up"
    fed = np.zeros([1, 4, net.config.fed_back])
    targets = np.zeros(4, int) if name == "split" else None
    for value in (3e38, 1e33):
        mel = np.full([3, 5], value)
        with pytest.raises(ValueError, match=message):
            net.generate(mel)
        with pytest.raises(ValueError, match=message):
            list(net.stream([mel]))
        with pytest.raises(ValueError, match=message):
            net.logits(fed, mel, targets)


@pytest.mark.parametrize("backend", ["cached", "graph", "fused", "native"])
@pytest.mark.parametrize("name", ["plain", "split", "mixture"])
def test_large_spectrograms(name: str, backend: str) -> None:
    """As large as is allowed, and what they condition samples on about 1e29."""
    audio = load(name, backend).generate(np.full([3, 5], 1e29))
    assert np.abs(audio).max() <= 1  # not so of NaN


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("plain", {"fed": 3}, "fed: expected \\[batch, time\\] or \\[time\\], got \\[\\]"),
        ("plain", {"fed": np.zeros([0, 3])}, "fed: expected .* got \\[0, 3\\]"),
        ("plain", {"fed": np.zeros([1, 3, 2])}, "fed: expected .* got \\[1, 3, 2\\]"),
        ("plain", {"fed": [0.5, np.nan]}, "fed: expected finite float32 values"),
        ("plain", {"fed": [0.5, -1.5]}, "fed: expected numbers in \\[-1, 1\\], got 1.5"),
        ("plain", {"fed": [0.5] * 13}, "mel: expected frames of 6 samples for at least 13"),
        ("plain", {"fed": [[0.5]] * 2}, "mel: expected 2 streams, as fed says, got 1"),
        ("plain", {"fed": [0.5], "targets": [1]}, "targets: expected None, since the output"),
        ("split", {"fed": [0.5]}, "fed: expected \\[batch, time, 2\\] or \\[time, 2\\], got"),
        ("split", {"fed": [[0.5] * 2]}, "targets: expected integers \\(classes\\), got None"),
        ("split", {"fed": [[0.5] * 2], "targets": [0.5]}, "targets: expected integers"),
        ("split", {"fed": [[0.5] * 2], "targets": [1, 2]}, "targets: expected \\[1, 1\\], as fed"),
        ("split", {"fed": [[0.5] * 2], "targets": [[1, 2], [3]]}, "targets: expected integers"),
        ("split", {"fed": [[0.5] * 2], "targets": [512]}, "targets: expected classes from 0 to 51"),
        ("split", {"fed": [[0.5] * 2], "targets": [-1]}, "targets: expected classes from 0"),
    ],
)
def test_logits_reject(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        load(name, "cached").logits(**{"mel": np.zeros([2, 5]), **arguments})


@pytest.mark.parametrize("backend", wavernn.BACKENDS)
@pytest.mark.parametrize(
    "names",
    [
        ("input.kernel", "rnn.0.kernel"),
        ("input.bias", "rnn.0.kernel"),
        ("rnn.0.bias",),
        ("rnn.1.bias",),
    ],
)
def test_weights_too_large_to_fold(names: tuple[str, ...], backend: str) -> None:
    config, weights = make("plain")
    changed = {**weights, **{name: np.full_like(weights[name], 3e38) for name in names}}
    for i in range(2):
        changed[f"rnn.{i}.recurrent_bias"] = np.full_like(weights["rnn.0.recurrent_bias"], 3e38)
    with pytest.raises(ValueError, match=r"^weights: expected biases, and products of"):
        wavernn.Wavernn(config, changed, backend)


def test_a_ready_backend() -> None:
    config, weights = make("plain")
    mel = spectrogram(config, 2, 4)
    looped = Looped(config, Step(config, weights, hoisted=False))
    net = wavernn.Wavernn(config, weights, looped)
    assert net.backend is looped
    assert differences("plain", net.generate(mel), mel).max() < NEAR_TIE


def test_load_reads_what_was_written(tmp_path: Path) -> None:
    net = wavernn.load(write(tmp_path / "model", "split"), backend="cached")
    assert net.backend == "cached"
    mel = spectrogram(net.config, 3)
    assert np.array_equal(net.generate(mel), load("split", "cached").generate(mel))
