"""Every backend against the slow reference, on small random models of awkward sizes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wavenet_models import MODELS, conditions, differences, load, make, samples_of, write

from tfopt import wavenet
from tfopt.generation.pieces import CHUNK
from tfopt.randomness import uniforms
from tfopt.wavenet import backends
from tfopt.wavenet.reference import NEAR_TIE, Reference


def test_public_names_are_the_backends() -> None:
    assert tuple(backends.BACKENDS) == wavenet.BACKENDS
    assert wavenet.DEFAULT_BACKEND in wavenet.BACKENDS


# XLA compiles every model for a second, for each batch size and for logits: those that differ most.
BATCHES = [
    (backend, name, batch)
    for backend in wavenet.BACKENDS
    for name in MODELS
    for batch in ((3, 1) if name in ("plain", "everything") and backend != "xla" else (3,))
]
LOGITS = [
    (backend, name)
    for backend in wavenet.BACKENDS
    for name in (MODELS if backend != "xla" else ("long kernels", "mixture, frames"))
]


@pytest.mark.parametrize(("backend", "name", "batch"), BATCHES)
def test_samples(backend: str, name: str, batch: int) -> None:
    config, _ = make(name)
    random = np.random.default_rng(batch)
    prompt = random.uniform(-1, 1, (batch, 9)).astype(np.float32)
    given = conditions(config, batch, 66 + 8)
    net = load(name, backend)
    audio = net.generate(samples=66, batch=batch, prompt=prompt, seed=3, **given)
    assert audio.shape == (batch, 66)
    assert audio.dtype == np.float32
    found = differences(name, audio, given, prompt=prompt, seed=3)
    assert found.max() < NEAR_TIE, (found.max(), audio[:, :5])

    best = net.generate(samples=66, batch=batch, temperature=0, **given)
    found = differences(name, best, given, temperature=0)
    assert found.max() < NEAR_TIE, (found.max(), best[:, :5])


@pytest.mark.parametrize(("backend", "name"), LOGITS)
def test_logits(backend: str, name: str) -> None:
    config, weights = make(name)
    slow, random, time = Reference(config, weights), np.random.default_rng(1), 70
    fed: Any = random.uniform(-1, 1, (3, time)).astype(np.float32)
    if config.output == "categorical":
        fed = random.integers(0, config.classes, (3, time))
    given = conditions(config, 3, time)
    rows = load(name, backend).logits(fed, **given)
    for row in range(3):
        upsampled = None
        if config.local_channels:
            upsampled = slow.upsample(given["conditioning"][row])[:time]
        speaker = given["speaker"][row] if config.global_classes else None
        expected = slow.logits(fed[row], upsampled, speaker)
        assert rows[row].shape == expected.shape
        np.testing.assert_allclose(
            rows[row], expected, rtol=0, atol=1e-4 * np.abs(expected).max(), err_msg=str(row)
        )


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_logits_of_many_steps(backend: str) -> None:
    """More than a backend is asked for at once, so that its state is carried on."""
    config, weights = make("everything")
    time = CHUNK + 30
    fed = np.random.default_rng(2).integers(0, config.classes, time)
    given = conditions(config, 1, time)
    rows = load("everything", backend).logits(fed, **given)[0]
    slow = Reference(config, weights)
    expected = slow.logits(fed, slow.upsample(given["conditioning"][0])[:time], 0)
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_nothing(backend: str) -> None:
    net = load("plain", backend)
    assert net.generate(samples=0).shape == (1, 0)
    assert net.generate(samples=0, prompt=[0.5, 0.1], batch=3).shape == (3, 0)
    assert net.logits(np.zeros([2, 0], np.int32)).shape == (2, 0, 17)
    assert net.logits([]).shape == (1, 0, 17)
    assert load("mixture, frames", backend).generate(np.zeros([2, 0, 3])).shape == (2, 0)


# Samples of a run; queues of 700 go round often. `naive` computes the receptive field again for each sample:
# it makes fewer, and its field is smaller.
MANY = dict.fromkeys(wavenet.BACKENDS, ("long dilation", 20_000)) | {
    "naive": ("one layer, no bias", 7000)
}


@pytest.fixture(scope="module")
def expected_runs() -> dict[str, np.ndarray[Any, Any]]:
    """What the reference draws, so many samples of each model."""
    return {
        name: Reference(*make(name)).generate(uniforms(11, [0], 0, many, 1)[0])
        for name, many in set(MANY.values())
    }


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_equal_seeds_give_equal_samples(
    backend: str, expected_runs: dict[str, np.ndarray[Any, Any]]
) -> None:
    """Where a sample differs, and all behind it with it, the judge finds a near-tie."""
    name, many = MANY[backend]
    expected_run = expected_runs[name]
    audio = load(name, backend).generate(samples=many, seed=11)
    given = samples_of(make(name)[0], audio)[0]
    if not np.array_equal(given, expected_run):
        found = differences(name, audio, {}, seed=11)
        first = int((given != expected_run).argmax())
        assert found.max() < NEAR_TIE, (first, found.max())
        assert (found > 0).sum() <= many / 1000, f"{(found > 0).sum()} near-ties"


def test_seed_stream_and_temperature_matter() -> None:
    net = load("plain", "graph")
    audio = net.generate(samples=50, batch=2)
    assert np.array_equal(audio, net.generate(samples=50, batch=2, seed=0, streams=[0, 1]))
    assert not np.array_equal(audio[0], audio[1])
    assert np.array_equal(audio[::-1], net.generate(samples=50, streams=[1, 0]))
    assert not np.array_equal(audio, net.generate(samples=50, batch=2, seed=1))
    assert not np.array_equal(audio, net.generate(samples=50, batch=2, temperature=2.0))


def test_a_speaker_and_a_prompt_for_all_streams() -> None:
    net = load("classes as amplitudes", "graph")
    one = net.generate(samples=20, batch=2, speaker=2, prompt=[0.1, -0.3])
    each = net.generate(samples=20, speaker=[2, 2], prompt=[[0.1, -0.3]] * 2)
    assert np.array_equal(one, each)
    assert not np.array_equal(one, net.generate(samples=20, batch=2, speaker=1, prompt=[0.1, -0.3]))


def test_progress() -> None:
    done: list[int] = []
    load("plain", "xla").generate(samples=2 * CHUNK + 5, progress=done.append)
    assert done == [CHUNK, 2 * CHUNK, 2 * CHUNK + 5]


@pytest.mark.parametrize("backend", wavenet.BACKENDS)
def test_many_threads_at_a_time(backend: str) -> None:
    net = load("plain", backend)
    expected = [net.generate(samples=70, batch=2, seed=seed) for seed in range(4)]
    results: dict[int, np.ndarray[Any, Any]] = {}
    threads = [
        threading.Thread(
            target=lambda i=i: results.update({i: net.generate(samples=70, batch=2, seed=i)})
        )
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(results[i], expected[i]) for i in range(4))


def test_native_threads_change_no_sample() -> None:
    nets = [wavenet.Wavenet(*make("everything"), "native", threads) for threads in (1, 2, 5)]
    given = conditions(nets[0].config, 5, 600)
    audio = [net.generate(seed=4, **given) for net in nets]
    assert np.array_equal(audio[0], audio[1])
    assert np.array_equal(audio[0], audio[2])


def test_memory_does_not_grow_with_time() -> None:
    """But for the result, and the frames that were given."""
    net = load("everything", "native")

    def peak(chunks: int) -> int:
        given = conditions(net.config, 1, chunks * CHUNK)
        tracemalloc.start()
        audio = net.generate(**given)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return int(most - audio.nbytes - given["conditioning"].nbytes)

    peak(1)
    assert peak(30) < 1.5 * peak(3)


def test_an_endless_stream_keeps_its_memory(tmp_path: Path) -> None:
    """That of the whole process: of TensorFlow and the engine too. A leaked state would add 32 MB."""
    directory = write(tmp_path / "model", "long dilation")
    script = f"""
import pathlib, tfopt.wavenet
def resident():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) >> 10
kept = []  # so that no backend gets what another has given back
for backend in ("cached", "graph", "fused", "native"):
    net = tfopt.wavenet.load(pathlib.Path({str(directory)!r}), backend=backend, threads=1)
    stream = net.stream(chunk=8)
    kept.append((net, stream))
    def run(chunks):
        for _ in range(chunks):
            next(stream)
        return resident()
    before = run(300)
    print(backend, run(700) - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    grown = {name: int(size) for name, size in map(str.split, done.stdout.splitlines())}
    assert len(grown) == 4
    assert all(size < 16 for size in grown.values()), grown  # MB


def test_xla_compiles_once_for_all_lengths(tmp_path: Path) -> None:
    """Once for each batch size, whatever the length, the chunks, the prompt and the temperature."""
    directory = write(tmp_path / "model", "everything")
    script = f"""
from pathlib import Path
import numpy as np
from tfopt import wavenet
net = wavenet.load(Path({str(directory)!r}), backend="xla")
for batch in (1, 2):
    for frames in (1, 200):
        mel = np.zeros([batch, frames, 3])
        net.generate(mel, speaker=0, temperature=frames / 10)
        list(net.stream([mel, mel[:, :3]], chunk=7 * frames, speaker=1, prompt=[0.1] * 5))
    net.generate(mel, speaker=0, temperature=0)
"""
    environment = {**os.environ, "XLA_FLAGS": f"--xla_dump_to={tmp_path / 'dump'}"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    compiled = {path.name.split(".")[0] for path in (tmp_path / "dump").glob("module_*")}
    assert len(compiled) == 2, compiled


REJECTED: list[tuple[str, dict[str, Any], str]] = [
    ("plain", {}, "samples: expected the length of the audio, got None"),
    ("plain", {"samples": -1}, "samples: expected an integer >= 0, got -1"),
    ("plain", {"samples": 1.5}, "samples: expected an integer >= 0, got 1.5"),
    ("plain", {"samples": True}, "samples: expected an integer >= 0, got True"),
    ("plain", {"batch": 0}, "batch: expected an integer >= 1, got 0"),
    ("plain", {"batch": 2, "streams": [1]}, "streams: expected 2 streams, as batch says, got 1"),
    ("plain", {"seed": -1}, "seed: expected an integer from 0 to 2\\*\\*64 - 1, got -1"),
    ("plain", {"seed": 2**64}, "seed: expected an integer from 0"),
    ("plain", {"seed": 0.5}, "seed: expected an integer from 0"),
    ("plain", {"temperature": -1}, "temperature: expected a number >= 0, got -1"),
    ("plain", {"temperature": float("nan")}, "temperature: expected a number >= 0, got nan"),
    ("plain", {"temperature": float("inf")}, "temperature: expected a number >= 0, got inf"),
    ("plain", {"temperature": 1e39}, "temperature: expected a number >= 0, got 1e"),
    ("plain", {"temperature": np.complex64(1)}, "temperature: expected a number >= 0, got "),
    ("plain", {"temperature": "hot"}, "temperature: expected a number >= 0, got 'hot'"),
    ("plain", {"prompt": []}, "prompt: expected audio, .* got \\[0\\]"),
    ("plain", {"prompt": np.zeros([1, 1, 1])}, "prompt: expected audio, .* got \\[1, 1, 1\\]"),
    ("plain", {"prompt": [1.5]}, "prompt: expected amplitudes in \\[-1, 1\\], got 1.5"),
    ("plain", {"prompt": [np.nan]}, "prompt: expected finite float32 values"),
    ("plain", {"prompt": ["a"]}, "prompt: expected an array of numbers"),
    ("plain", {"prompt": [[0.1], [0.2, 0.3]]}, "prompt: expected an array of numbers"),
    ("plain", {"prompt": [[0.1]] * 2, "batch": 3}, "prompt: expected 3 streams, as batch says"),
    ("plain", {"speaker": 0}, "speaker: expected None, since the model has none, got 0"),
    ("plain", {"streams": 3}, "streams: expected integers from 0 to 2\\*\\*64 - 1"),
    ("plain", {"streams": []}, "streams: expected integers from 0"),
    ("plain", {"streams": [-1]}, "streams: expected integers from 0"),
    ("plain", {"streams": [0.5]}, "streams: expected integers from 0"),
    ("plain", {"conditioning": np.zeros([1, 2])}, "conditioning: expected None"),
    ("plain", {"progress": 3}, "progress: expected a function, got 3"),
    ("classes as amplitudes", {}, "speaker: expected a number below 3, .* got None"),
    ("classes as amplitudes", {"speaker": 3}, "speaker: expected numbers from 0 to 2, got 3"),
    ("classes as amplitudes", {"speaker": -1}, "speaker: expected numbers from 0 to 2, got -1"),
    ("classes as amplitudes", {"speaker": 0.5}, "speaker: expected a number below 3"),
    ("classes as amplitudes", {"speaker": []}, "speaker: expected a number below 3"),
    ("classes as amplitudes", {"speaker": [[0]]}, "speaker: expected a number below 3"),
    ("classes as amplitudes", {"speaker": [0, 1], "batch": 3}, "speaker: expected 3 streams"),
    ("mixture, frames", {}, "conditioning: expected \\[batch, frames, 3\\], got None"),
    (
        "mixture, frames",
        {"conditioning": np.zeros(3)},
        "conditioning: expected \\[batch, frames, 3",
    ),
    ("mixture, frames", {"conditioning": np.zeros([2, 4])}, "conditioning: .* got \\[2, 4\\]"),
    (
        "mixture, frames",
        {"conditioning": np.zeros([0, 2, 3])},
        "conditioning: .* got \\[0, 2, 3\\]",
    ),
    ("mixture, frames", {"conditioning": np.full([2, 3], np.inf)}, "conditioning: expected finite"),
    ("mixture, frames", {"conditioning": "mel"}, "conditioning: expected an array of numbers"),
    (
        "mixture, frames",
        {"conditioning": np.zeros([2, 3, 3]), "batch": 3},
        "conditioning: expected 3 streams, as batch says, got 2",
    ),
    (
        "mixture, frames",
        {"conditioning": np.zeros([2, 3]), "samples": 13},
        "samples: expected at most the 12 that the conditioning is enough for, got 13",
    ),
    (
        "mixture, frames",
        {"conditioning": np.zeros([2, 3]), "prompt": [0.1] * 14},
        "conditioning: expected a row for each of the 14 samples of the prompt, got 2 frames of 6",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "message"), REJECTED)
def test_generate_rejects(name: str, arguments: dict[str, Any], message: str) -> None:
    if message != REJECTED[0][2] and name != "mixture, frames":
        arguments = {"samples": 1, **arguments}
    with pytest.raises(ValueError, match=f"^{message}"):
        load(name, "graph").generate(**arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "plain",
            {"samples": [0.5]},
            "samples: expected integers \\(class numbers\\), got float64",
        ),
        ("plain", {"samples": [17]}, "samples: expected class numbers from 0 to 16, got 17 to 17"),
        ("plain", {"samples": [-1]}, "samples: expected class numbers from 0 to 16, got -1 to -1"),
        ("plain", {"samples": 3}, "samples: expected \\[batch, time\\] or \\[time\\], got \\[\\]"),
        ("plain", {"samples": np.zeros([0, 3], int)}, "samples: expected \\[batch, time\\]"),
        ("plain", {"samples": [1], "speaker": 1}, "speaker: expected None"),
        ("mixture, frames", {"samples": [0.1]}, "conditioning: expected"),
        (
            "mixture, frames",
            {"samples": [np.nan], "conditioning": np.zeros([1, 3])},
            "samples: expected finite",
        ),
        (
            "mixture, frames",
            {"samples": [0.0] * 7, "conditioning": np.zeros([1, 3])},
            "conditioning: expected at least 7 rows \\(frames of 6\\), got 1 frames",
        ),
        (
            "mixture, frames",
            {"samples": [[0.0]] * 2, "conditioning": np.zeros([1, 3])},
            "conditioning: expected 2 streams, as samples says, got 1",
        ),
    ],
)
def test_logits_reject(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        load(name, "graph").logits(**arguments)


def test_load_reads_what_was_written(tmp_path: Path) -> None:
    net = wavenet.load(write(tmp_path / "model", "plain"), backend="graph")
    assert net.backend == "graph"
    assert np.array_equal(net.generate(samples=30), load("plain", "graph").generate(samples=30))
