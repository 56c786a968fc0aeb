"""What is minimised: the negative log-likelihood of each sample's class, in nats."""

from __future__ import annotations

from typing import Any

from keras import ops

Tensor = Any


def nats_per_sample(targets: Tensor, logits: Tensor) -> Tensor:
    """The mean over all samples.

    Keras's own loss multiplies with one-hot vectors on some backends.

    Args:
        targets: Classes, [batch, time].
        logits: float32 [batch, time, classes].
    """
    classes = ops.cast(targets, "int32")[..., None]
    return -ops.mean(ops.take_along_axis(ops.log_softmax(logits), classes, axis=-1))
