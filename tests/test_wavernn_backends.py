"""Every backend against the slow reference, on small random models of awkward sizes.

`unhoisted` is `graph` with a step that computes everything itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from wavernn_models import MODELS, make, write
from wavernn_steps import Inputs, advanced, inputs

from tfopt import wavernn
from tfopt.generation.cells import CELL
from tfopt.wavernn.backends import BACKENDS, Backend
from tfopt.wavernn.backends.looped import Looped
from tfopt.wavernn.reference import NEAR_TIE, Reference
from tfopt.wavernn.samples import feedback
from tfopt.wavernn.step import Step

ALL = (*BACKENDS, "unhoisted")
# XLA compiles every model for a second, for each batch size and for logits: those that differ most.
FEW = ("split", "mixture, one of each")


@cache
def made(name: str, backend: str) -> Backend:
    """A backend, made once."""
    config, weights = make(name)
    if backend == "unhoisted":
        return Looped(config, Step(config, weights, hoisted=False))
    return BACKENDS[backend](config, weights, None, "float32")


def generated(
    name: str, backend: str, given: Inputs, ends: list[int], temperature: float = 1.0
) -> NDArray[np.float32]:
    """The samples of calls that end at these steps."""
    return advanced(name, made(name, backend), given, ends, temperature)


def judged(
    name: str, samples: NDArray[np.float32], given: Inputs, temperature: float = 1.0
) -> NDArray[np.float64]:
    """How far the reference is from drawing each sample."""
    judge, time = Reference(*make(name), np.float64), samples.shape[1]
    rows = zip(samples, given.numbers[:, :time], given.mel, strict=True)
    return np.stack([judge.differences(*row, temperature) for row in rows])


@pytest.mark.parametrize("temperature", [1.0, 0.0])
@pytest.mark.parametrize(
    ("backend", "name", "batch"),
    [
        *((backend, name, 3) for backend in ALL for name in FEW),
        *((backend, "plain", 1) for backend in ALL),
        *((backend, "wide", 17) for backend in ("cached", "graph", "fused", "native")),
    ],
)
def test_samples(backend: str, name: str, batch: int, temperature: float) -> None:
    given = inputs(name, batch, 70)
    samples = generated(name, backend, given, [70], temperature)
    found = judged(name, samples, given, temperature)
    assert found.max() < NEAR_TIE, (found.max(), samples[:, :5])
    assert len(set(samples.flat)) > 3 or temperature == 0


@pytest.mark.parametrize(
    ("backend", "name"),
    [
        (backend, name)
        for backend in ALL
        for name in (("plain", *FEW) if backend in ("xla", "unhoisted") else MODELS)
    ],
)
def test_logits(backend: str, name: str) -> None:
    """Of one call, and of calls that begin anywhere, which give the same to the last bit."""
    (config, weights), net, time = make(name), made(name, backend), 70
    random, given = np.random.default_rng(1), inputs(name, 3, time)
    drawn = random.integers(0, config.classes or 2, (3, time + 1))
    fed, targets = feedback(config, drawn[:, :-1]), None
    if config.output == "split":
        targets = drawn[:, 1:].astype(np.int32)

    def called(ends: list[int]) -> NDArray[np.float32]:
        state, parts, begin = net.start(3), [], 0
        for end in ends:
            follow = None if targets is None else targets[:, begin:end]
            conditioning = given.of(config.hop_length, begin, end)
            rows, state = net.logits(state, fed[:, begin:end], follow, conditioning)
            parts.append(rows)
            begin = end
        return np.concatenate(parts, axis=1)

    rows = called([time])
    assert rows.shape == (3, time, config.outputs)
    following: Any = [None] * 3 if targets is None else targets
    for row, mel, numbers, follow in zip(rows, given.mel, fed, following, strict=True):
        expected = Reference(config, weights).logits(numbers, mel, follow)
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
    if backend != "naive":  # it computes the past again, in products of another size
        assert np.array_equal(called([1, 2, 40, 64, time]), rows)


@pytest.mark.parametrize("name", ["plain", "split"])
@pytest.mark.parametrize("backend", ALL)
def test_cuts_change_no_sample(backend: str, name: str) -> None:
    """Wherever a call ends: in a frame, in a block, behind a cell."""
    time = 90 if backend == "naive" else CELL + 150
    given = inputs(name, 1 if name == "plain" else 2, time)
    whole = generated(name, backend, given, [time])
    cut = generated(name, backend, given, [1, 2, 13, 64, 77, 78, time - 1, time])
    assert np.array_equal(cut, whole), (cut != whole).sum()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_stream_may_begin_within_a_frame(backend: str) -> None:
    (config, weights), net = make("plain"), made("plain", backend)
    given, begin, time = inputs("plain", 1, 70), config.hop_length - 1, 70
    zeros = np.zeros([1, config.fed_back], np.float32)
    conditioning = given.of(config.hop_length, begin, time)
    numbers = given.numbers[:, begin:]
    whole, _ = net.advance(net.start(1), zeros, conditioning, numbers, 1.0)
    judge = Reference(config, weights, np.float64)
    rows = judge.rows(given.mel[0], time)[begin:]
    found = judge.start().differences(whole[0], numbers[0].astype(np.float64), rows)
    assert found.max() < NEAR_TIE, (found.max(), whole[0, :5])

    first, state = net.advance(
        net.start(1), zeros, given.of(config.hop_length, begin, 20), numbers[:, : 20 - begin], 1.0
    )
    second, _ = net.advance(
        state,
        feedback(config, first[:, -1]),
        given.of(config.hop_length, 20, time),
        numbers[:, 20 - begin :],
        1.0,
    )
    assert np.array_equal(np.concatenate([first, second], axis=1), whole)


@pytest.mark.parametrize("backend", BACKENDS)
def test_streams_that_have_ended_are_dropped(backend: str) -> None:
    (config, _), net = make("split"), made("split", backend)
    given, time, chosen = inputs("split", 3, 70), 70, [2, 0]
    zeros = np.zeros([3, config.fed_back], np.float32)
    first, state = net.advance(
        net.start(3), zeros, given.of(config.hop_length, 0, 21), given.numbers[:, :21], 1.0
    )
    left = Inputs(*(part[chosen] for part in given))
    second, _ = net.advance(
        net.select(state, chosen),
        feedback(config, first[chosen, -1]),
        left.of(config.hop_length, 21, time),
        left.numbers[:, 21:],
        1.0,
    )
    samples = np.concatenate([first[chosen], second], axis=1)
    found = judged("split", samples, left)
    assert found.max() < NEAR_TIE, (found.max(), samples[:, :5])


@cache
def expected_run(name: str, time: int) -> NDArray[np.float64]:
    """What the reference draws."""
    given = inputs(name, 1, time)
    return Reference(*make(name)).generate(given.numbers[0], given.mel[0])


@pytest.mark.parametrize(
    ("backend", "name"),
    [*((backend, "plain") for backend in BACKENDS), ("graph", "split"), ("native", "split")],
)
def test_equal_numbers_give_equal_samples(backend: str, name: str) -> None:
    """Where a sample differs, and all behind it with it, the judge finds a near-tie."""
    time = 200 if backend == "naive" else 10_000
    given = inputs(name, 1, time)
    samples = generated(name, backend, given, [time])
    expected = expected_run(name, time)
    if not np.array_equal(samples[0], expected):
        found = judged(name, samples, given)
        first = int((samples[0] != expected).argmax())
        assert found.max() < NEAR_TIE, (first, found.max())
        assert (found > 0).sum() <= 10, f"{(found > 0).sum()} near-ties in {time} samples"


def test_xla_compiles_once_for_all_lengths(tmp_path: Path) -> None:
    """Once for each batch size, whatever the length, the place in a frame and the temperature."""
    directory = write(tmp_path / "model", "plain")
    script = f"""
from pathlib import Path
import numpy as np
from tfopt import wavernn
net = wavernn.load(Path({str(directory)!r}), backend="xla")
for batch in (1, 2):
    for frames in (1, 200):
        mel = np.zeros([batch, frames, 5])
        net.generate(mel, temperature=frames / 10)
        list(net.stream([mel, mel[:, :3]], chunk=7 * frames))
    net.generate(mel, temperature=0)
"""
    environment: dict[str, Any] = {
        **os.environ,
        "XLA_FLAGS": f"--xla_dump_to={tmp_path / 'dump'}",
    }
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    compiled = {path.name.split(".")[0] for path in (tmp_path / "dump").glob("module_*")}
    assert len(compiled) == 2, compiled


def test_public_names_are_the_backends() -> None:
    assert tuple(BACKENDS) == wavernn.BACKENDS
    assert wavernn.DEFAULT_BACKEND in BACKENDS
