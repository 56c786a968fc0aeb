"""What a SavedModel computes whose signature `generate` gives audio; it needs no tfopt."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from tfopt.generation import export as common
from tfopt.generation.loops import BLOCK
from tfopt.generation.upsampling import Upsampling
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.mel_resnet import residual
from tfopt.wavernn.samples import audio
from tfopt.wavernn.step import Step


def function(config: WavernnConfig, weights: Weights) -> Any:
    """The `graph` rung, as a function to be traced.

    It takes and gives, as `Wavernn.generate` does:
        mel: float32 [batch, frames, mel_channels], finite.
        streams: int64 [batch], at least 0, the number of each stream; at least one.
        seed: int64 [], at least 0.
        temperature: float32 [], at least 0.
        → audio: float32 [batch, frames * hop_length] in [-1, 1].

    What is not so fails with InvalidArgumentError. The graph holds constants only: no variables have to be
    initialised.
    """
    step = Step(config, weights)
    stages = Upsampling(weights, config.upsample_factors, config.mel_channels)
    hop, pad = config.hop_length, config.pad

    def generate(mel: Tensor, streams: Tensor, seed: Tensor, temperature: Tensor) -> Any:
        common.check(streams, seed, temperature, [("mel", mel)])
        common.check_frames("mel", mel)
        batch, time = tf.size(streams), tf.shape(mel)[1] * hop
        # A frame more than there are, so that there is one to read where there is none.
        padded = tf.pad(mel, [[0, 0], [pad, pad + 1], [0, 0]])
        total = tf.shape(padded, tf.int64)[1] - 1
        aux = tf.map_fn(lambda frames: residual(config, weights, frames), padded)
        aux = tf.transpose(aux, [1, 0, 2])
        common.check_bounded("mel", aux)
        aux = tf.pad(aux, [[0, common.blocks(time) * BLOCK // hop], [0, 0], [0, 0]])

        def mels(block: Tensor) -> Tensor:
            start = tf.cast(block, tf.int64) * BLOCK + pad * hop
            rows = stages.piece(padded, tf.constant(0, tf.int64), total, start, BLOCK)
            common.check_bounded("mel", rows)
            return tf.transpose(rows, [1, 0, 2])

        samples = common.generate(
            step.in_blocks(mels, aux, tf.constant(0)),
            step.draw,
            time,
            tf.zeros([batch, config.fed_back]),
            tuple(tf.repeat(part, batch, 0) for part in step.start(1)),
            streams,
            seed,
            temperature,
            config.uniforms,
        )
        if config.classes:
            amplitudes = audio(config, np.arange(config.classes))
            samples = tf.gather(amplitudes, tf.cast(samples, tf.int32))
        return {"audio": samples}

    return tf.function(
        generate,
        input_signature=[
            tf.TensorSpec([None, None, config.mel_channels], tf.float32, "mel"),
            tf.TensorSpec([None], tf.int64, "streams"),
            tf.TensorSpec([], tf.int64, "seed"),
            tf.TensorSpec([], tf.float32, "temperature"),
        ],
    )
