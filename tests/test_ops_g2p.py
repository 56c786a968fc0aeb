"""The op for grapheme-to-phoneme models computes what NumPy does.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import pack_g2p
from ops_models import G2PS, G2p

from tfopt import ops

pytest_plugins = ["ops_fixtures"]


@pytest.fixture(params=G2PS)
def g2p(request: pytest.FixtureRequest) -> G2p:
    return G2PS[request.param]


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (5, 4), (70, 9), (0, 3), (0, 0)])
@pytest.mark.parametrize("threads", [1, 3])
def test_decode(g2p: G2p, batch: int, time: int, threads: int, isa: str) -> None:
    ids, lengths = g2p.words(batch, time)
    phonemes = ops.g2p_decode(pack_g2p(g2p), ids, lengths, threads=threads)
    assert phonemes.dtype == tf.int32
    np.testing.assert_array_equal(phonemes, g2p.decode(ids, lengths))
