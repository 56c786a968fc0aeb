"""The slow, obvious implementation: NumPy, one stream, one sample at a time, the equations as published.

Every backend is measured against it. It imports no TensorFlow. In float64 it also judges float32 backends
where two samples nearly tie.

Sources: van den Oord et al. 2016 (WaveNet); Le Paine et al. 2016 (one queue a layer in place of the whole
receptive field); van den Oord et al. 2017 (mixture of logistics).
"""

from __future__ import annotations

import copy
import os
from collections import deque
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tfopt import model_directory, mu_law
from tfopt.reference_layers import relu, repeat_and_smooth, sigmoid
from tfopt.reference_sampling import NEAR_TIE, Array, difference, draw
from tfopt.wavenet.config import WavenetConfig, read

__all__ = ["NEAR_TIE", "Reference", "Stream", "load"]


class Reference:
    """A WaveNet in NumPy.

    Samples are class numbers of a categorical output, else amplitudes. Conditioning, [steps,
    local_channels], has a row for every step, that is for every sample fed: see `upsample`. A speaker is a
    number below `global_classes`.
    """

    def __init__(
        self, config: WavenetConfig, weights: model_directory.Weights, dtype: DTypeLike = np.float32
    ) -> None:
        self.config = config
        self.weights = {name: tensor.astype(dtype) for name, tensor in weights.items()}
        self.dtype: np.dtype[Any] = np.dtype(dtype)

    def start(self, speaker: int | None = None) -> Stream:
        """A stream to which nothing was fed yet."""
        return Stream(self, speaker)

    def logits(
        self, samples: ArrayLike, conditioning: ArrayLike | None = None, speaker: int | None = None
    ) -> Array:
        """Teacher-forced outputs, [time, outputs]: row t after `samples[:t + 1]` were fed."""
        fed = np.asarray(samples)
        stream, rows = self.start(speaker), self._rows(conditioning, len(fed))
        outputs = [stream.step(sample, row) for sample, row in zip(fed, rows, strict=True)]
        return np.reshape(outputs, (len(fed), self.config.outputs)).astype(self.dtype)

    def generate(
        self,
        uniforms: ArrayLike,
        conditioning: ArrayLike | None = None,
        speaker: int | None = None,
        *,
        prompt: ArrayLike = (),
        temperature: float = 1.0,
    ) -> NDArray[np.float64]:
        """Draws a sample for every row of `uniforms`, [time, config.uniforms].

        What is fed first is the prompt, or silence without one; the conditioning then has len(prompt) - 1
        rows more than `uniforms`.
        """
        stream, last, numbers, rows = self._prompted(uniforms, conditioning, speaker, prompt)
        return stream.generate(last, numbers, rows, temperature)

    def differences(
        self,
        samples: ArrayLike,
        uniforms: ArrayLike,
        conditioning: ArrayLike | None = None,
        speaker: int | None = None,
        *,
        prompt: ArrayLike = (),
        temperature: float = 1.0,
    ) -> NDArray[np.float64]:
        """Judges samples that another implementation generated with the arguments of `generate`.

        Each step is fed what the other one drew, so that a near-tie does not hide what follows it.

        Returns:
            [time]: for each sample how far this model's draw is from giving it (see
            `reference_sampling.difference`); 0 where it gives the same, less than `NEAR_TIE` where rounding
            can explain the difference.
        """
        stream, last, numbers, rows = self._prompted(uniforms, conditioning, speaker, prompt)
        return stream.differences(last, samples, numbers, rows, temperature)

    def upsample(self, frames: ArrayLike) -> Array:
        """Conditioning at the sample rate, [frames * hop_length, local_channels], of frames."""
        rows: Array = np.asarray(frames, self.dtype)
        for i in range(len(self.config.upsample_factors)):
            rows = repeat_and_smooth(rows, self.weights[f"upsample.{i}.kernel"])
        return rows

    def _prompted(
        self,
        uniforms: ArrayLike,
        conditioning: ArrayLike | None,
        speaker: int | None,
        prompt: ArrayLike,
    ) -> tuple[Stream, float, Array, Array]:
        """A stream that all of the prompt but its last sample was fed to; that sample; numbers; rows."""
        numbers, fed = np.asarray(uniforms, self.dtype), self._fed_first(prompt)
        rows = self._rows(conditioning, len(fed) - 1 + len(numbers))
        stream = self.start(speaker)
        stream.feed(fed[:-1], rows[: len(fed) - 1])
        return stream, float(fed[-1]), numbers, rows[len(fed) - 1 :]

    def _fed_first(self, prompt: ArrayLike) -> NDArray[np.float64]:
        given = np.asarray(prompt, np.float64)
        silence = self.config.classes // 2  # 0 if samples are amplitudes
        return given if len(given) else np.array([silence], np.float64)

    def _rows(self, conditioning: ArrayLike | None, steps: int) -> Array:
        shape = (steps, self.config.local_channels)
        rows: Array = np.asarray(np.zeros((steps, 0)) if conditioning is None else conditioning)
        if rows.shape != shape:
            raise ValueError(f"conditioning: expected {list(shape)}, got {list(rows.shape)}")
        return rows.astype(self.dtype)


class Stream:
    """One stream: what its convolutions still remember of the samples fed."""

    def __init__(self, model: Reference, speaker: int | None) -> None:
        config = self.config = model.config
        if (speaker is None) != (config.global_channels == 0):
            expected = f"one of {config.global_classes}" if config.global_channels else "none"
            raise ValueError(f"speaker: expected {expected}, got {speaker!r}")
        self.weights, self.dtype = model.weights, model.dtype
        self.embedding = None if speaker is None else self.weights["global.embedding"][speaker]
        read, taps = model.weights["input.kernel"].shape[1], config.kernel_size
        self.input_queue = self._zeros(config.input_kernel_size, read)
        # A layer's queue holds its input at this step (last) and at the (taps - 1) * dilation before it.
        self.queues = [
            self._zeros((taps - 1) * dilation + 1, config.residual_channels)
            for dilation in config.dilations
        ]

    def copy(self) -> Stream:
        """A stream to which the same was fed."""
        twin = copy.copy(self)
        twin.input_queue = self.input_queue.copy()
        twin.queues = [queue.copy() for queue in self.queues]
        return twin

    def feed(self, samples: ArrayLike, conditioning: Array) -> None:
        """Feeds samples, each with its row of conditioning."""
        for sample, row in zip(np.asarray(samples), conditioning, strict=True):
            self.step(sample, row)

    def step(self, sample: float, conditioning: Array | None = None) -> Array:
        """Feeds one sample; the outputs that follow it, [outputs]."""
        self.input_queue.append(self._vector(sample))
        x = self._biased(
            "input", sum(map(np.matmul, self.input_queue, self.weights["input.kernel"]))
        )
        skip = np.zeros(self.config.skip_channels, self.dtype)
        for i, (dilation, queue) in enumerate(zip(self.config.dilations, self.queues, strict=True)):
            queue.append(x)
            taps = [queue[k * dilation] for k in range(self.config.kernel_size)]
            layer = f"layers.{i}"
            kernel = self.weights[f"{layer}.conv.kernel"]
            c = self._biased(f"{layer}.conv", sum(map(np.matmul, taps, kernel)))
            if conditioning is not None and self.config.local_channels:
                c = c + conditioning @ self.weights[f"{layer}.local.kernel"]
            if self.embedding is not None:
                c = c + self.embedding @ self.weights[f"{layer}.global.kernel"]
            z = np.tanh(c[: len(c) // 2]) * sigmoid(c[len(c) // 2 :])
            skip = skip + self._dense(f"{layer}.skip", z)
            x = x + self._dense(f"{layer}.residual", z)
        return self._dense("end.1", relu(self._dense("end.0", relu(skip))))

    def generate(
        self, last: float, uniforms: Array, conditioning: Array, temperature: float = 1.0
    ) -> NDArray[np.float64]:
        """Feeds `last`, draws a sample, feeds it, and so on: one sample for every row given."""
        drawn = []
        for numbers, row in zip(uniforms, conditioning, strict=True):
            last = draw(self.config.output, self.step(last, row), numbers, temperature)
            drawn.append(last)
        return np.array(drawn, np.float64)

    def differences(
        self,
        last: float,
        samples: ArrayLike,
        uniforms: Array,
        conditioning: Array,
        temperature: float = 1.0,
    ) -> NDArray[np.float64]:
        """Judges samples that another implementation generated with the arguments of `generate`."""
        found = []
        for given, numbers, row in zip(np.asarray(samples), uniforms, conditioning, strict=True):
            outputs, last = self.step(last, row), float(given)
            found.append(difference(self.config.output, outputs, numbers, temperature, last))
        return np.array(found, np.float64)

    def _vector(self, sample: float) -> Array:
        """A sample as the network reads it."""
        if self.config.input == "one_hot":
            vector = np.zeros(self.config.classes, self.dtype)
            vector[int(sample)] = 1
            return vector
        if self.config.output == "categorical":
            return mu_law.decode([int(sample)], self.config.classes).astype(self.dtype)
        return np.array([sample], self.dtype)

    def _dense(self, name: str, x: Array) -> Array:
        return self._biased(name, x @ self.weights[f"{name}.kernel"])

    def _biased(self, name: str, x: Any) -> Array:
        bias = self.weights.get(f"{name}.bias")
        result: Array = x if bias is None else x + bias
        return result

    def _zeros(self, length: int, width: int) -> deque[Array]:
        return deque([np.zeros(width, self.dtype)] * length, maxlen=length)


def load(model: str | os.PathLike[str], dtype: DTypeLike = np.float32) -> Reference:
    """Loads a model by name or path (see `tfopt.models.find`)."""
    return Reference(*read(model), dtype)
