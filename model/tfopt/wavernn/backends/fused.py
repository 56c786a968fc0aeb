"""The rung `fused`: the loop in the graph, with a whole network step and its draw as one custom op."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt import ops
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.backends.native import Native
from tfopt.wavernn.backends.protocol import Array, Conditioning
from tfopt.wavernn.config import WavernnConfig


class Fused(Native):
    """Generates step by step in a `tf.while_loop`; all else is as in `native`, whose state it has.

    A step sees one row of conditioning at a time, so that it projects the parts of aux for each sample.
    """

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        super().__init__(config, weights, threads=1, compute_type=DEFAULT_COMPUTE_TYPE)
        aux = config.aux_parts * config.aux_channels
        self._generate = tf.function(
            self._traced,
            input_signature=[
                tf.TensorSpec([None, None], tf.uint8),
                _array(None, config.fed_back),
                _array(None, None, config.mel_channels),
                _array(None, None, aux),
                tf.TensorSpec([], tf.int32),
                _array(None, None, config.uniforms),
                _array(),
            ],
        )

    def advance(
        self,
        state: Tensor,
        last: Array,
        conditioning: Conditioning,
        uniforms: Array,
        temperature: float,
    ) -> tuple[Array, Tensor]:
        """Generates samples."""
        samples, state = self._generate(
            state,
            last,
            conditioning.mels,
            conditioning.aux,
            np.int32(conditioning.offset),
            uniforms,
            np.float32(temperature),
        )
        return samples.numpy(), state

    def _traced(
        self,
        state: Tensor,
        last: Tensor,
        mels: Tensor,
        aux: Tensor,
        offset: Tensor,
        uniforms: Tensor,
        temperature: Tensor,
    ) -> tuple[Tensor, Tensor]:
        # Time comes first, so that what a step reads lies together.
        mels, aux, uniforms = (tf.transpose(rows, [1, 0, 2]) for rows in (mels, aux, uniforms))
        time = tf.shape(uniforms)[0]

        def step(
            t: Tensor, samples: tf.TensorArray, last: Tensor, state: Tensor
        ) -> tuple[Tensor, tf.TensorArray, Tensor, Tensor]:
            frame = (offset + t) // self._config.hop_length
            drawn, last, state = ops.wavernn_step(
                self._packed,
                state,
                last,
                tf.gather(mels, t),
                tf.gather(aux, frame),
                tf.gather(uniforms, t),
                temperature,
            )
            return t + 1, samples.write(t, drawn), last, state

        samples = tf.TensorArray(tf.float32, time, element_shape=[None])
        _, samples, _, state = tf.while_loop(
            lambda t, *_: t < time, step, (0, samples, last, state), parallel_iterations=1
        )
        return tf.transpose(samples.stack()), state


def _array(*shape: int | None) -> tf.TensorSpec:
    return tf.TensorSpec(shape, tf.float32)
