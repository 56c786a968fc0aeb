"""What several tests of the ops share.

Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from ops_models import CLOSE, G2p, Wavenet
from ops_wavernn import Wavernn

from tfopt import ops


def available_isas() -> list[str]:
    """The instruction sets that this CPU has; the error about one that there is not lists them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFOPT_ISA", "none")
        with pytest.raises(ValueError, match="TFOPT_ISA") as caught:
            ops.instruction_set()
    names = str(caught.value).partition("expected one of ")[2].partition(" on this CPU")[0]
    return names.split(", ")


ISAS = available_isas()


def pack_wavenet(model: Wavenet) -> Any:
    return ops.wavenet_pack(model.weights(), config=model.config, dilations=model.dilations)


def pack_wavernn(model: Wavernn) -> Any:
    return ops.wavernn_pack(model.weights(), config=model.config)


def pack_g2p(model: G2p) -> Any:
    return ops.g2p_pack(model.weights(), config=model.config)


def zero_state(batch: int) -> Any:
    return np.zeros((batch, 0), np.uint8)


def assert_close(given: Any, expected: Any, tolerance: float = CLOSE) -> None:
    difference = np.abs(np.asarray(given, np.float64) - expected)
    assert given.shape == expected.shape
    assert np.all(difference <= tolerance), (difference.max(), given.ravel()[:5], expected)


def assert_same(given: Any, expected: Any) -> None:
    """All tensors of a structure are bit for bit those of another."""
    for one, other in zip(tf.nest.flatten(given), tf.nest.flatten(expected), strict=True):
        np.testing.assert_array_equal(one, other)
