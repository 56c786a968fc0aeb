"""The environment variable TFOPT_ISA chooses the instruction set that the ops use.

Needs TensorFlow, NumPy and pytest alone, so that any TensorFlow can be tried.
"""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import pytest
import tensorflow as tf
from ops_checks import ISAS

from tfopt import ops


def test_instruction_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFOPT_ISA", raising=False)
    assert ops.instruction_set() == ISAS[-1]
    monkeypatch.setenv("TFOPT_ISA", "sse9")
    message = "TFOPT_ISA: expected one of .*, got 'sse9'"
    with pytest.raises(ValueError, match=message):
        ops.instruction_set()
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        ops.gated_activation([1.0, 1.0], [1.0, 1.0])


@pytest.mark.parametrize("name", ISAS)
def test_an_instruction_set_can_be_chosen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_ISA", name)
    assert ops.instruction_set() == name
