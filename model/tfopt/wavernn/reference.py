"""The slow, obvious implementation: NumPy, one stream, one sample at a time, the equations as published.

Every backend is measured against it. It imports no TensorFlow. In float64 it also judges float32 backends
where two samples nearly tie.

Sources: Kalchbrenner et al. 2018 (WaveRNN, the split output); fatchord/WaveRNN (the network around it); Cho
et al. 2014 (GRU); He et al. 2016 (residual blocks); van den Oord et al. 2017 (mixture of logistics).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from tfopt import model_directory
from tfopt.reference_layers import gru, relu, repeat_and_smooth
from tfopt.reference_sampling import NEAR_TIE, Array, difference, draw
from tfopt.wavernn.config import LEAST_LOG_SCALE, WavernnConfig, read
from tfopt.wavernn.samples import feedback

__all__ = ["NEAR_TIE", "Reference", "Row", "Stream", "load"]


class Row(NamedTuple):
    """The conditioning of one sample.

    Attributes:
        mel: [mel_channels].
        aux: [aux_parts, aux_channels]; the same for all samples of a frame.
    """

    mel: Array
    aux: Array


class Reference:
    """A WaveRNN in NumPy.

    A mel spectrogram is [frames, mel_channels] and conditions frames * hop_length samples. Samples are class
    numbers, of a mixture of logistics amplitudes.
    """

    def __init__(
        self, config: WavernnConfig, weights: model_directory.Weights, dtype: DTypeLike = np.float32
    ) -> None:
        self.config = config
        self.weights = {name: tensor.astype(dtype) for name, tensor in weights.items()}
        self.dtype: np.dtype[Any] = np.dtype(dtype)

    def start(self) -> Stream:
        """A stream to which nothing was fed yet."""
        return Stream(self)

    def logits(self, fed: ArrayLike, mel: ArrayLike, targets: ArrayLike | None = None) -> Array:
        """Teacher-forced outputs, [time, outputs]: row t after `fed[:t + 1]` were fed.

        Args:
            fed: Numbers in [-1, 1], [time, config.fed_back], or [time] where that is 1; what
                `samples.feedback` makes of samples.
            mel: The spectrogram, of at least so many samples.
            targets: With a split output, the classes that are to follow, [time]: the fine logits of row t
                are those given the coarse class of `targets[t]`. Else None.
        """
        inputs: Array = np.asarray(fed, self.dtype)
        expected = (len(inputs), self.config.fed_back)
        if inputs.ndim == 1 and self.config.fed_back == 1:
            inputs = inputs.reshape(expected)
        if inputs.shape != expected:
            raise ValueError(f"fed: expected {list(expected)}, got {list(inputs.shape)}")
        coarse = self._coarse(targets, len(inputs))
        stream, rows = self.start(), self.rows(mel, len(inputs))
        outputs = [
            self.outputs(stream.step(numbers, row), given)
            for numbers, row, given in zip(inputs, rows, coarse, strict=True)
        ]
        return np.reshape(outputs, (len(inputs), self.config.outputs)).astype(self.dtype)

    def generate(
        self, uniforms: ArrayLike, mel: ArrayLike, temperature: float = 1.0
    ) -> NDArray[np.float64]:
        """Draws a sample for every row of `uniforms`, [time, config.uniforms]; zeros are fed first."""
        numbers: Array = np.asarray(uniforms, self.dtype)
        return self.start().generate(numbers, self.rows(mel, len(numbers)), temperature)

    def differences(
        self, samples: ArrayLike, uniforms: ArrayLike, mel: ArrayLike, temperature: float = 1.0
    ) -> NDArray[np.float64]:
        """Judges samples that another implementation generated with the arguments of `generate`.

        Each step is fed what the other one drew, so that a near-tie does not hide what follows it.

        Returns:
            [time]: for each sample how far this model's draw is from giving it (see
            `reference_sampling.difference`; of a split sample the larger distance of its halves); 0 where
            it gives the same, less than `NEAR_TIE` where rounding can explain the difference.
        """
        numbers: Array = np.asarray(uniforms, self.dtype)
        rows = self.rows(mel, len(numbers))
        return self.start().differences(samples, numbers, rows, temperature)

    def upsample(self, mel: ArrayLike) -> tuple[Array, Array]:
        """What conditions the samples of a spectrogram.

        Zeros stand for `pad` frames before and after it. What the stages make of those is cut off.

        Returns:
            The spectrogram at the sample rate, [frames * hop_length, mel_channels], and the residual
            network's output, [frames, aux_parts, aux_channels].
        """
        config, frames = self.config, np.asarray(mel, self.dtype)
        if frames.ndim != 2 or frames.shape[1] != config.mel_channels:
            expected = f"[frames, {config.mel_channels}]"
            raise ValueError(f"mel: expected {expected}, got {list(frames.shape)}")
        padded = np.pad(frames, ((config.pad, config.pad), (0, 0)))
        rows: Array = padded
        for i in range(len(config.upsample_factors)):
            rows = repeat_and_smooth(rows, self.weights[f"upsample.{i}.kernel"])
        indent = config.pad * config.hop_length
        return rows[indent : len(rows) - indent], self._resnet(padded)

    def rows(self, mel: ArrayLike, time: int) -> list[Row]:
        """The conditioning of each of the first `time` samples of a spectrogram."""
        bands, aux = self.upsample(mel)
        if time > len(bands):
            raise ValueError(f"mel: expected frames for {time} samples, got {len(bands)}")
        return [Row(bands[t], aux[t // self.config.hop_length]) for t in range(time)]

    def outputs(self, hidden: Array, coarse: int | None = None) -> Array:
        """What the network says when the last fully connected layer says `hidden`, [outputs].

        Of a split output the coarse logits, and behind them the fine ones if a coarse class is given.
        """
        if coarse is None:
            return self.dense("output", hidden)
        return np.concatenate([self.dense("output", hidden), self.fine(hidden, coarse)])

    def fine(self, hidden: Array, coarse: int) -> Array:
        """The logits of a split sample's fine class, given its coarse one."""
        fed = feedback(self.config, coarse << self.config.fine_bits)[:1]
        inputs = np.concatenate([hidden, fed.astype(self.dtype)])
        return self.dense("fine.output", relu(self.dense("fine", inputs)))

    def dense(self, name: str, x: Array) -> Array:
        """A layer: x @ kernel + bias."""
        result: Array = x @ self.weights[f"{name}.kernel"] + self.weights[f"{name}.bias"]
        return result

    def _coarse(self, targets: ArrayLike | None, time: int) -> list[int] | list[None]:
        """The coarse class of each target."""
        if self.config.output != "split":
            if targets is not None:
                raise ValueError("targets: expected none, since output is not 'split'")
            return [None] * time
        given: NDArray[np.int64] = np.asarray([] if targets is None else targets, np.int64)
        if given.shape != (time,):
            raise ValueError(f"targets: expected [{time}], got {list(given.shape)}")
        return [int(target) >> self.config.fine_bits for target in given]

    def _resnet(self, padded: Array) -> Array:
        """The residual network over frames: it reads `pad` frames on both sides of each."""
        kernel = self.weights["resnet.input.kernel"]
        frames = len(padded) - len(kernel) + 1
        x: Array = relu(
            sum(padded[k : k + frames] @ tap for k, tap in enumerate(kernel))
            + self.weights["resnet.input.bias"]
        )
        for i in range(self.config.resnet_blocks):
            block = f"resnet.blocks.{i}"
            x = x + self.dense(f"{block}.1", relu(self.dense(f"{block}.0", x)))
        aux = self.dense("resnet.output", x)
        return aux.reshape(frames, self.config.aux_parts, self.config.aux_channels)


class Stream:
    """One stream: the states of its GRUs, and what is fed next."""

    def __init__(self, model: Reference) -> None:
        self.model, self.config = model, model.config
        zeros = np.zeros(self.config.rnn_channels, model.dtype)
        self.states: list[Array] = [zeros] * self.config.rnn_layers
        self.fed: Array = np.zeros(self.config.fed_back, model.dtype)

    def step(self, fed: Array, row: Row) -> Array:
        """Feeds one sample; what the last fully connected layer then says, [fc_channels]."""
        model, config, aux = self.model, self.config, row.aux
        x = model.dense("input", np.concatenate([fed, row.mel, aux[0]]))
        for i in range(config.rnn_layers):
            inputs = model.dense(f"rnn.{i}", np.concatenate([x, aux[i]]) if i else x)
            recurrent = model.weights[f"rnn.{i}.recurrent"]
            bias = model.weights[f"rnn.{i}.recurrent_bias"]
            self.states[i] = gru(inputs, self.states[i], recurrent, bias)
            x = x + self.states[i]
        for i in range(config.fc_layers):
            part = aux[config.rnn_layers + i]
            x = relu(model.dense(f"fc.{i}", np.concatenate([x, part])))
        return x

    def generate(
        self, uniforms: Array, rows: Sequence[Row], temperature: float = 1.0
    ) -> NDArray[np.float64]:
        """Goes on: draws a sample, feeds it, and so on, one sample for every row."""
        drawn = []
        for numbers, row in zip(uniforms, rows, strict=True):
            hidden = self.step(self.fed, row)
            drawn.append(self._draw(hidden, numbers, temperature))
            self._feed_next(drawn[-1])
        return np.array(drawn, np.float64)

    def differences(
        self, samples: ArrayLike, uniforms: Array, rows: Sequence[Row], temperature: float = 1.0
    ) -> NDArray[np.float64]:
        """Judges samples that another implementation generated with the arguments of `generate`."""
        found = []
        for given, numbers, row in zip(np.asarray(samples), uniforms, rows, strict=True):
            hidden = self.step(self.fed, row)
            found.append(self._difference(hidden, numbers, temperature, float(given)))
            self._feed_next(float(given))
        return np.array(found, np.float64)

    def _feed_next(self, sample: float) -> None:
        self.fed = feedback(self.config, sample).astype(self.model.dtype)

    def _draw(self, hidden: Array, numbers: Array, temperature: float) -> float:
        outputs = self.model.outputs(hidden)
        if self.config.output != "split":
            return draw(self.config.output, outputs, numbers, temperature, LEAST_LOG_SCALE)
        coarse = int(draw("categorical", outputs, numbers[:1], temperature))
        logits = self.model.fine(hidden, coarse)
        fine = int(draw("categorical", logits, numbers[1:], temperature))
        return float((coarse << self.config.fine_bits) + fine)

    def _difference(self, hidden: Array, numbers: Array, temperature: float, given: float) -> float:
        outputs, kind = self.model.outputs(hidden), self.config.output
        if kind != "split":
            return difference(kind, outputs, numbers, temperature, given, LEAST_LOG_SCALE)
        if given not in range(self.config.classes):
            return float("inf")
        coarse, fine = divmod(int(given), 1 << self.config.fine_bits)
        logits = self.model.fine(hidden, coarse)
        return max(
            difference("categorical", outputs, numbers[:1], temperature, coarse),
            difference("categorical", logits, numbers[1:], temperature, fine),
        )


def load(model: str | os.PathLike[str], dtype: DTypeLike = np.float32) -> Reference:
    """Loads a model by name or path (see `tfopt.models.find`)."""
    return Reference(*read(model), dtype)
