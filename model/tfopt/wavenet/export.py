"""What a SavedModel computes whose signature `generate` gives audio; it needs no tfopt."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from tfopt import mu_law, sampling
from tfopt.generation import export as common
from tfopt.generation.loops import BLOCK
from tfopt.generation.upsampling import Upsampling
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.step import Step


def function(config: WavenetConfig, weights: Weights) -> Any:
    """The `graph` rung, as a function to be traced.

    It takes and gives, as `Wavenet.generate` does without a prompt:
        conditioning: float32 [batch, frames, local_channels], finite; with local conditioning only.
        samples: int32 [], at least 0, the length of the audio; without local conditioning only.
        speaker: int32 [batch], from 0 to below global_classes; with global conditioning only.
        streams: int64 [batch], at least 0, the number of each stream; at least one.
        seed: int64 [], at least 0.
        temperature: float32 [], at least 0.
        → audio: float32 [batch, time] in [-1, 1].

    What is not so fails with InvalidArgumentError. The graph holds constants only: no variables have to be
    initialised.
    """
    step = Step(config, weights)
    upsampling = Upsampling(weights, config.upsample_factors, config.local_channels)
    inputs = _inputs(config)

    def generate(*tensors: Tensor) -> dict[str, Tensor]:
        given = dict(zip(inputs, tensors, strict=True))
        drawn_with = given["streams"], given["seed"], given["temperature"]
        of_streams = [(name, given[name]) for name in ("conditioning", "speaker") if name in given]
        common.check(*drawn_with, of_streams)
        batch = tf.size(given["streams"])
        speaker = tf.zeros([batch, 0])
        if config.global_channels:
            numbers = common.checked_numbers("speaker", given["speaker"], config.global_classes)
            speaker = tf.gather(weights["global.embedding"], numbers)
        if config.local_channels:
            common.check_frames("conditioning", given["conditioning"])
            frames = tf.shape(given["conditioning"])[1]
            time = frames * config.hop_length
            # One frame more than there are, so that there is one to read where there is none.
            padded = tf.pad(given["conditioning"], [[0, 0], [0, 1], [0, 0]])
        else:
            time = given["samples"]
            tf.debugging.assert_non_negative(time, "samples: expected an integer >= 0")

        def conditioning(block: Tensor) -> Tensor:
            if not config.local_channels:
                return tf.zeros([BLOCK, batch, 0])
            total, start = tf.cast(frames, tf.int64), tf.cast(block, tf.int64) * BLOCK
            rows = upsampling.piece(padded, tf.constant(0, tf.int64), total, start, BLOCK)
            common.check_bounded("conditioning", rows)
            return tf.transpose(rows, [1, 0, 2])

        def draw(outputs: Tensor, numbers: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
            sample = sampling.draw(config.output, outputs, numbers, temperature)
            return sample, sample

        samples = common.generate(
            step.in_blocks(conditioning, speaker, step.phases(0)),
            draw,
            time,
            tf.fill([batch], float(config.classes // 2)),  # silence
            step.enter(tuple(_zero_state(step, batch))),
            *drawn_with,
            config.uniforms,
        )
        if config.output == "categorical":
            amplitudes = mu_law.decode(range(config.classes), config.classes)
            samples = tf.gather(amplitudes, tf.cast(samples, tf.int32))
        return {"audio": samples}

    return tf.function(generate, input_signature=list(inputs.values()))


def _inputs(config: WavenetConfig) -> dict[str, Any]:
    """The inputs that a model of this config takes."""
    wanted = {
        "conditioning": (config.local_channels, [None, None, config.local_channels], tf.float32),
        "samples": (not config.local_channels, [], tf.int32),
        "speaker": (config.global_channels, [None], tf.int32),
        "streams": (True, [None], tf.int64),
        "seed": (True, [], tf.int64),
        "temperature": (True, [], tf.float32),
    }
    return {
        name: tf.TensorSpec(shape, dtype, name)
        for name, (present, shape, dtype) in wanted.items()
        if present
    }


def _zero_state(step: Step, batch: Tensor) -> list[Tensor]:
    """The state of `batch` streams: those of one, repeated."""
    return [tf.repeat(part, batch, axis) for part, axis in zip(step.start(1), (1, 0), strict=True)]
