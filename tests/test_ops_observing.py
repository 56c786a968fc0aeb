"""Ops that observe compute what those do that they are named after, and count all that a matrix multiplies.

Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
from ops_checks import assert_same, pack_g2p, pack_wavenet, pack_wavernn, zero_state
from ops_models import G2PS, WAVENETS
from ops_wavernn import WAVERNNS

from tfopt import ops

pytest_plugins = ["ops_fixtures"]
BATCH, TIME = 3, 37


# An octave from 2^-32 to 2^15 has 64 bins; the first one begins at zero, and the last one has no end.
EDGES = np.ldexp(1 + np.arange(64) / 64, np.arange(-32, 16)[:, np.newaxis]).ravel()
EDGES = np.array([0, *EDGES[1:], np.inf])


def counted(values: Any) -> Any:
    return np.histogram(np.abs(np.asarray(values, np.float64)), EDGES)[0]


def totals(counts: Any) -> Any:
    return np.asarray(counts).sum(-1)


@pytest.mark.parametrize("name", WAVENETS)
def test_wavenet(name: str, isa: str) -> None:
    model = WAVENETS[name]
    packed, inputs = pack_wavenet(model), model.inputs(BATCH, TIME)
    given = model.feed(BATCH, TIME), inputs["conditioning"], inputs["speaker"]
    *outputs, counts, largest = ops.wavenet_observe(packed, zero_state(BATCH), *given)
    assert_same(outputs, ops.wavenet_logits(packed, zero_state(BATCH), *given))
    # Current and residual (but for the last layer), skips, two ends; then past taps and local of each layer.
    layers, past = len(model.dilations), model.kernel_size - 1
    front = 2 * layers - 1 + layers + 2
    assert counts.shape[0] == largest.shape[0] == front + layers * (past + 1)
    for layer in range(layers):
        local = front + layer * (past + 1) + past
        np.testing.assert_array_equal(counts[local], counted(given[1]))
        assert largest[local] == np.abs(given[1]).max(initial=0)
    steps = BATCH * TIME
    np.testing.assert_array_equal(totals(counts[0 : 2 * layers : 2]), steps * model.residual)
    skips = 2 * layers - 1
    np.testing.assert_array_equal(totals(counts[skips : skips + layers]), steps * model.gate)
    assert largest[skips] <= 1  # tanh times sigmoid
    np.testing.assert_array_equal(
        totals(counts[front - 2 : front]), [steps * model.skip, steps * model.end]
    )


@pytest.mark.parametrize("name", WAVERNNS)
def test_wavernn(name: str, isa: str) -> None:
    model = WAVERNNS[name]
    packed, inputs = pack_wavernn(model), model.inputs(BATCH, TIME)
    samples, _ = ops.wavernn_generate(packed, zero_state(BATCH), **inputs)
    given = {name: inputs[name] for name in ("mels", "aux", "offset", "hop_length")}
    given |= {"fed": model.feedback(samples), "targets": model.targets(samples)}
    *outputs, counts, largest = ops.wavernn_observe(packed, zero_state(BATCH), **given)
    assert_same(outputs, ops.wavernn_logits(packed, zero_state(BATCH), **given))
    mel = np.flatnonzero([(row == counted(inputs["mels"])).all() for row in counts.numpy()])
    assert len(mel) == 1
    assert largest[mel[0]] == np.abs(inputs["mels"]).max()
    # The first GRU's gates read its state of every step, a mean of tanh.
    assert totals(counts[0]) == BATCH * TIME * model.rnn
    assert 0 < largest[0] <= 1


@pytest.mark.parametrize("name", G2PS)
def test_g2p(name: str, isa: str) -> None:
    model = G2PS[name]
    packed, (ids, lengths) = pack_g2p(model), model.words(70, 5)  # some begin alike
    phonemes, counts, largest = ops.g2p_observe(packed, ids, lengths)
    np.testing.assert_array_equal(phonemes, ops.g2p_decode(packed, ids, lengths))
    # The forward encoder's gates read a GRU's state, at most 1, for every letter but the first.
    assert totals(counts[0]) == (lengths - 1).sum() * model.hidden
    assert 0 < largest[0] <= 1
    assert np.isfinite(largest).all()


@pytest.mark.parametrize("name", G2PS)
def test_g2p_counts_every_word(name: str) -> None:
    model = G2PS[name]
    packed, (ids, lengths) = pack_g2p(model), model.words(70, 5)

    def observed(rows: Any) -> tuple[Any, Any]:
        _, counts, largest = ops.g2p_observe(packed, ids[rows], lengths[rows])
        return counts.numpy(), largest.numpy()

    counts, largest = observed(np.arange(70))
    # Copies, which share all that words can share.
    copies, same = observed(np.repeat(np.arange(70), 3))
    np.testing.assert_array_equal(copies, 3 * counts)
    np.testing.assert_array_equal(same, largest)
    # However the words are split over calls.
    for calls in (3, 70):
        parts = [observed(rows) for rows in np.array_split(np.arange(70), calls)]
        np.testing.assert_array_equal(sum(part[0] for part in parts), counts)
        np.testing.assert_array_equal(np.max([part[1] for part in parts], 0), largest)


def test_calls_that_go_on_count_what_one_does() -> None:
    model = WAVENETS["mixture"]
    packed, inputs = pack_wavenet(model), model.inputs(BATCH, TIME)
    samples, conditioning = model.feed(BATCH, TIME), inputs["conditioning"]
    *_, counts, largest = ops.wavenet_observe(
        packed, zero_state(BATCH), samples, conditioning, inputs["speaker"]
    )
    state, parts = zero_state(BATCH), []
    for part in (slice(0, 5), slice(5, 6), slice(6, TIME)):
        _, state, *observed = ops.wavenet_observe(
            packed, state, samples[:, part], conditioning[:, part], inputs["speaker"]
        )
        parts.append(observed)
    np.testing.assert_array_equal(sum(part[0].numpy() for part in parts), counts)
    np.testing.assert_array_equal(np.max([part[1] for part in parts], 0), largest)
