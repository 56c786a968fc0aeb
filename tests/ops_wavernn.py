"""Small WaveRNNs for the tests of the ops, and what they compute, written down in NumPy.

Needs NumPy alone, as `ops_models` does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from ops_models import Doubles, Floats, Ints, draw_class, normal, sigmoid

LEAST_LOG_SCALE = math.log(1e-14)
HOP = 4


@dataclass(frozen=True, kw_only=True)
class Wavernn:
    """The settings of `ops.wavernn_pack`, of sizes that no kernel likes."""

    mel: int = 3
    aux: int = 2
    rnn: int = 5
    rnn_layers: int = 2
    fc: int = 7
    fc_layers: int = 2
    output: int = 0
    bits: int = 0
    mixtures: int = 0
    seed: int = 1

    @property
    def config(self) -> list[int]:
        return [
            *(self.mel, self.aux, self.rnn, self.rnn_layers, self.fc, self.fc_layers),
            *(self.output, self.bits, self.mixtures),
        ]

    @property
    def split(self) -> bool:
        return self.output == 1

    @property
    def fed(self) -> int:
        return 2 if self.split else 1

    @property
    def uniforms(self) -> int:
        return 1 if self.output == 0 else 2

    @property
    def fine_bits(self) -> int:
        return self.bits // 2 if self.split else 0

    @property
    def coarse_bits(self) -> int:
        return self.bits - self.fine_bits

    @property
    def coarse(self) -> int:
        """Numbers that the output layer gives."""
        return 3 * self.mixtures or 1 << self.coarse_bits

    @property
    def conditioning(self) -> int:
        """Numbers that aux gives for a frame."""
        return (self.rnn_layers + self.fc_layers) * self.aux

    def shapes(self) -> list[tuple[int, ...]]:
        gates = 3 * self.rnn
        shapes: list[tuple[int, ...]] = [(self.fed + self.mel + self.aux, self.rnn), (self.rnn,)]
        for i in range(self.rnn_layers):
            inputs = self.rnn + (self.aux if i else 0)
            shapes += [(inputs, gates), (gates,), (self.rnn, gates), (gates,)]
        for i in range(self.fc_layers):
            shapes += [((self.fc if i else self.rnn) + self.aux, self.fc), (self.fc,)]
        shapes += [(self.fc, self.coarse), (self.coarse,)]
        if self.split:
            fine = 1 << self.fine_bits
            shapes += [(self.fc + 1, self.fc), (self.fc,), (self.fc, fine), (fine,)]
        return shapes

    def weights(self) -> list[Floats]:
        random = np.random.default_rng(self.seed)
        return [
            normal(random, *shape, scale=1.5 / np.sqrt(shape[0]) if len(shape) > 1 else 0.3)
            for shape in self.shapes()
        ]

    def feedback(self, samples: Any) -> Floats:
        """What samples are to the network, [..., fed]."""
        if self.mixtures:
            return np.asarray(samples, np.float32)[..., None]
        classes = np.asarray(samples).astype(np.int64)
        parts = [2 * (classes >> self.fine_bits) / ((1 << self.coarse_bits) - 1) - 1]
        if self.split:
            fine = (1 << self.fine_bits) - 1
            parts.append(2 * (classes & fine) / fine - 1)
        return np.stack(parts, -1).astype(np.float32)

    def samples(self, *shape: int, seed: int = 2) -> Floats:
        """Samples as a stream may have them."""
        random = np.random.default_rng(seed)
        if self.mixtures:
            return random.uniform(-1, 1, shape).astype(np.float32)
        return random.integers(0, 1 << self.bits, shape).astype(np.float32)

    def targets(self, samples: Any) -> Ints:
        """The coarse classes of samples [batch, time]; none unless the output is split."""
        if not self.split:
            return np.zeros([len(samples), 0], np.int32)
        return np.asarray(samples).astype(np.int32) >> self.fine_bits

    def conditions(self, batch: int, time: int, offset: int = 3, seed: int = 4) -> dict[str, Any]:
        """What steps are conditioned on, of HOP steps a frame."""
        random = np.random.default_rng(seed)
        frames = -(-(offset + time) // HOP)
        return {
            "mels": normal(random, batch, time, self.mel),
            "aux": normal(random, batch, frames, self.conditioning),
            "offset": np.array(offset, np.int32),
            "hop_length": HOP,
        }

    def inputs(self, batch: int, time: int, offset: int = 3, seed: int = 3) -> dict[str, Any]:
        """What `ops.wavernn_generate` takes beside packed model and state."""
        random = np.random.default_rng(seed)
        return {
            "last": self.feedback(self.samples(batch, seed=seed)),
            **self.conditions(batch, time, offset, seed + 1),
            "uniforms": random.random((batch, time, self.uniforms), np.float32),
            "temperature": np.array(0.9, np.float32),
        }

    def logits(self, fed: Floats, targets: Ints, conditions: dict[str, Any]) -> Doubles:
        """The outputs after each of the numbers fed, [batch, time, outputs], from the zero state."""
        weights = [w.astype(np.float64) for w in self.weights()]
        batch, time, _ = fed.shape
        states: list[Doubles] = [np.zeros([batch, self.rnn]) for _ in range(self.rnn_layers)]
        rows = []
        for t in range(time):
            left = iter(weights)

            def dense(*inputs: Any, left: Any = left) -> Doubles:
                return np.asarray(np.concatenate(inputs, -1) @ next(left) + next(left))

            frame = conditions["aux"][:, (int(conditions["offset"]) + t) // HOP]
            aux = np.split(frame, self.rnn_layers + self.fc_layers, -1)
            x = dense(fed[:, t], conditions["mels"][:, t], aux[0])
            for i in range(self.rnn_layers):
                states[i] = gru(dense(x, aux[i]) if i else dense(x), dense(states[i]), states[i])
                x = x + states[i]
            for i in range(self.fc_layers):
                x = np.maximum(dense(x, aux[self.rnn_layers + i]), 0)
            outputs = [dense(x)]
            if self.split:
                coarse = 2 * targets[:, t : t + 1] / ((1 << self.coarse_bits) - 1) - 1
                outputs.append(dense(np.maximum(dense(x, coarse), 0)))
            rows.append(np.concatenate(outputs, -1))
        return np.stack(rows, 1) if rows else np.zeros([batch, 0, self.outputs])

    @property
    def outputs(self) -> int:
        return self.coarse + (1 << self.fine_bits if self.split else 0)

    def draws(self, logits: Doubles, uniforms: Floats, temperature: float) -> list[float]:
        """What may be drawn from the outputs [outputs] of one step: more than one only at a near-tie."""
        u = uniforms.astype(np.float64)
        if self.mixtures:
            weights, means, scales = np.split(logits, 3)
            v = np.clip(u[1], 1e-5, 1 - 1e-5)
            noise = temperature * (np.log(v) - np.log(1 - v))
            return [
                float(np.clip(means[c] + np.exp(max(scales[c], LEAST_LOG_SCALE)) * noise, -1, 1))
                for c in draw_class(weights, u[0], temperature)
            ]
        coarse = draw_class(logits[: self.coarse], u[0], temperature)
        if not self.split:
            return [float(c) for c in coarse]
        fine = draw_class(logits[self.coarse :], u[1], temperature)
        return [float((c << self.fine_bits) + f) for c in coarse for f in fine]


def gru(inputs: Doubles, recurrent: Doubles, state: Doubles) -> Doubles:
    """A step, given the two products, biases included; gates in the order reset, update, candidate."""
    (xr, xz, xn), (ur, uz, un) = np.split(inputs, 3, -1), np.split(recurrent, 3, -1)
    n = np.tanh(xn + sigmoid(xr + ur) * un)
    return np.asarray(n + sigmoid(xz + uz) * (state - n))


WAVERNNS = {
    "categorical": Wavernn(bits=4),
    "split": Wavernn(output=1, bits=9, rnn=17, fc=16),
    "mixture": Wavernn(output=2, mixtures=4, mel=20),
    "one GRU": Wavernn(bits=9, rnn_layers=1, rnn=16),
    "one of each, split": Wavernn(output=1, bits=8, rnn_layers=1, fc_layers=1, aux=1),
    "one fc": Wavernn(output=2, mixtures=1, fc_layers=1, fc=33),
}
