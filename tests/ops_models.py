"""Small models for the tests of the ops, and what they compute, written down in NumPy.

Needs NumPy alone: the tests of the ops also run where nothing else of the project is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int32]

# Float32 sums of some tens of products of the order of 1, each rounded to 6e-8, through a few layers:
# how far numbers may be apart. A draw decided by less may go either way.
CLOSE = 2e-5


def sigmoid(x: Doubles) -> Doubles:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))


def normal(random: np.random.Generator, *shape: int, scale: float = 1.0) -> Floats:
    return random.normal(0, scale, shape).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Wavenet:
    """The settings of `ops.wavenet_pack`, of sizes that no kernel likes."""

    residual: int = 5
    gate: int = 7
    skip: int = 9
    end: int = 6
    outputs: int
    kernel_size: int = 2
    input_classes: int = 0
    input_taps: int = 1
    output: int = 0
    mixtures: int = 0
    local: int = 0
    speaker: int = 0
    decoded: int = 0
    dilations: tuple[int, ...] = (1, 2, 3, 1)
    biases: bool = True
    seed: int = 1

    @property
    def config(self) -> list[int]:
        return [
            *(self.residual, self.gate, self.skip, self.end, self.outputs, self.kernel_size),
            *(self.input_classes, self.input_taps, self.output, self.mixtures),
            *(self.local, self.speaker, self.decoded),
        ]

    @property
    def uniforms(self) -> int:
        return 1 if self.output == 0 else 2

    @property
    def classes(self) -> int:
        """How many numbers may be fed; 0: amplitudes."""
        return max(self.input_classes, self.decoded)

    def weights(self) -> list[Floats]:
        random = np.random.default_rng(self.seed)
        gates = 2 * self.gate

        def kernel(*shape: int) -> Floats:
            fan_in = int(np.prod(shape[:-1]))
            return normal(random, *shape, scale=1.5 / np.sqrt(max(fan_in, 1)))

        def bias(size: int) -> Floats:
            return normal(random, size if self.biases else 0, scale=0.3)

        inputs = max(1, self.input_classes)
        weights = [3 * kernel(self.input_taps, inputs, self.residual), bias(self.residual)]
        for _ in self.dilations:
            weights += [kernel(self.kernel_size, self.residual, gates), bias(gates)]
            weights += [
                kernel(n, gates) if n else np.zeros(0, np.float32)
                for n in (self.local, self.speaker)
            ]
            weights += [kernel(self.gate, self.residual), bias(self.residual)]
            weights += [kernel(self.gate, self.skip), bias(self.skip)]
        weights += [kernel(self.skip, self.end), bias(self.end)]
        return [*weights, 2 * kernel(self.end, self.outputs), bias(self.outputs)]

    def feed(self, *shape: int, seed: int = 2) -> Floats:
        """Samples that may be fed."""
        random = np.random.default_rng(seed)
        if self.classes:
            return random.integers(0, self.classes, shape).astype(np.float32)
        return random.uniform(-1, 1, shape).astype(np.float32)

    def inputs(self, batch: int, time: int, seed: int = 3) -> dict[str, Any]:
        """What `ops.wavenet_generate` takes beside packed model and state."""
        random = np.random.default_rng(seed)
        return {
            "last": self.feed(batch, seed=seed),
            "forced": self.feed(batch, min(2, time), seed=seed + 1),
            "conditioning": normal(random, batch, time, self.local),
            "speaker": normal(random, batch, self.speaker),
            "uniforms": random.random((batch, time, self.uniforms), np.float32),
            "temperature": np.array(0.9, np.float32),
        }

    def logits(self, samples: Floats, conditioning: Floats, speaker: Floats) -> Doubles:
        """The output after each of the samples, [batch, time, outputs], from the zero state."""
        weights = iter([w.astype(np.float64) for w in self.weights()])

        def plus_bias(x: Doubles) -> Doubles:
            b = next(weights)
            return x + b if b.size else x

        x = plus_bias(convolve(self._embed(samples), next(weights), 1))
        skip: Doubles = np.zeros((*samples.shape, self.skip))
        for dilation in self.dilations:
            c = plus_bias(convolve(x, next(weights), dilation))
            local, of_speaker = next(weights), next(weights)
            if local.size:
                c = c + conditioning @ local
            if of_speaker.size:
                c = c + (speaker @ of_speaker)[:, None]
            z = np.tanh(c[..., : self.gate]) * sigmoid(c[..., self.gate :])
            x = x + plus_bias(z @ next(weights))
            skip = skip + plus_bias(z @ next(weights))
        hidden = plus_bias(np.maximum(skip, 0) @ next(weights))
        return plus_bias(np.maximum(hidden, 0) @ next(weights))

    def _embed(self, samples: Floats) -> Doubles:
        if self.input_classes:
            return np.asarray(np.eye(self.input_classes)[samples.astype(int)])
        if self.decoded:
            mu = self.decoded - 1
            y = 2 * samples.astype(np.float64) / mu - 1
            return np.asarray((np.sign(y) * ((1 + mu) ** np.abs(y) - 1) / mu)[..., None])
        return samples.astype(np.float64)[..., None]

    def draws(self, logits: Doubles, uniforms: Floats, temperature: float) -> list[float]:
        """What may be drawn from the outputs [outputs] of one step: more than one only at a near-tie."""
        u = uniforms.astype(np.float64)
        if self.output == 0:
            return [float(c) for c in draw_class(logits, u[0], temperature)]
        if self.output == 1:
            weights, means, scales = np.split(logits, 3)
            v = np.clip(u[1], 1e-5, 1 - 1e-5)
            noise = np.log(v) - np.log(1 - v)
            places = [(means[c], scales[c]) for c in draw_class(weights, u[0], temperature)]
        else:
            noise = np.sqrt(-2 * np.log(1 - u[0])) * np.cos(2 * np.pi * u[1])
            places = [(logits[0], logits[1])]
        return [
            float(np.clip(mean + temperature * np.exp(max(scale, -7)) * noise, -1, 1))
            for mean, scale in places
        ]


def convolve(x: Doubles, kernel: Doubles, dilation: int) -> Doubles:
    """Causal: x [batch, time, in], kernel [taps, in, out], the last tap reads the present."""
    taps, time = len(kernel), x.shape[1]
    reach = (taps - 1) * dilation
    padded = np.pad(x, [(0, 0), (reach, 0), (0, 0)])
    parts = [padded[:, k * dilation : k * dilation + time] @ kernel[k] for k in range(taps)]
    return np.asarray(sum(parts))


def draw_class(logits: Doubles, u: float, temperature: float) -> list[int]:
    """The class that u falls on, or the classes if it is a near-tie."""
    if temperature == 0:
        return [int(c) for c in np.flatnonzero(logits >= logits.max() - CLOSE)]
    cumulative = np.cumsum(np.exp((logits - logits.max()) / temperature))
    cumulative /= cumulative[-1]
    first, last = (int(np.argmax(cumulative > u + d)) for d in (-CLOSE, CLOSE))
    return list(range(first, last + 1)) or [first]


WAVENETS = {
    "one_hot": Wavenet(outputs=11, input_classes=11, input_taps=2, kernel_size=3),
    "no_biases": Wavenet(outputs=300, input_classes=300, gate=16, skip=33, biases=False),
    "decoded": Wavenet(outputs=17, decoded=17, local=3),
    "mixture": Wavenet(outputs=12, output=1, mixtures=4, local=3, speaker=2, input_taps=3),
    "gaussian": Wavenet(outputs=2, output=2, residual=17, dilations=(4,), speaker=1),
}


@dataclass(frozen=True, kw_only=True)
class G2p:
    """The settings of `ops.g2p_pack`."""

    architecture: int
    graphemes: int = 9
    phonemes: int = 7
    embedding: int = 5
    hidden: int = 11
    max_phonemes: int = 6
    start: int = 0
    end: int = 1

    @property
    def config(self) -> list[int]:
        return [
            *(self.architecture, self.graphemes, self.phonemes, self.embedding, self.hidden),
            *(self.max_phonemes, self.start, self.end),
        ]

    def weights(self) -> list[Floats]:
        h, gates = self.hidden, 3 * self.hidden
        if self.architecture == 0:
            shapes: list[tuple[int, ...]] = []
            for symbols in (self.graphemes, self.phonemes):
                shapes += [(symbols, self.embedding), (self.embedding, gates), (gates,)]
                shapes += [(h, gates), (gates,)]
        else:
            shapes = []
            for width in (self.graphemes, self.graphemes, self.phonemes + h):
                shapes += [(width, gates), (h, gates), (gates,)]
            shapes += [(2 * h, h), (h, h), (h,), (3 * h, h)]
        shapes += [(h, self.phonemes), (self.phonemes,)]
        random = np.random.default_rng(5)
        return [
            normal(random, *shape, scale=2 / np.sqrt(shape[0]) if len(shape) > 1 else 0.3)
            for shape in shapes
        ]

    def words(self, batch: int, time: int, seed: int = 6) -> tuple[Ints, Ints]:
        """Ids and lengths."""
        random = np.random.default_rng(seed)
        ids = random.integers(0, self.graphemes, (batch, time)).astype(np.int32)
        return ids, random.integers(1, time + 1, batch).astype(np.int32)

    def decode(self, ids: Ints, lengths: Ints) -> Ints:
        written = np.full((len(ids), self.max_phonemes), self.end, np.int32)
        for row, (word, length) in enumerate(zip(ids, lengths, strict=True)):
            step = (self._gru if self.architecture == 0 else self._attention_gru)(word[:length])
            phoneme = self.start
            for t in range(self.max_phonemes):
                written[row, t] = phoneme = step(phoneme)
                if phoneme == self.end:
                    break
        return written

    def _gru(self, word: Ints) -> Callable[[int], int]:
        weights = [w.astype(np.float64) for w in self.weights()]
        kernel, bias = weights[-2:]

        def cell(side: list[Doubles], symbol: int, h: Doubles) -> Doubles:
            embedding, input_kernel, input_bias, recurrent_kernel, recurrent_bias = side
            xr, xz, xn = np.split(embedding[symbol] @ input_kernel + input_bias, 3)
            ur, uz, un = np.split(h @ recurrent_kernel + recurrent_bias, 3)
            z = sigmoid(xz + uz)
            return np.asarray((1 - z) * np.tanh(xn + sigmoid(xr + ur) * un) + z * h)

        h: Doubles = np.zeros(self.hidden)
        for symbol in word:
            h = cell(weights[:5], symbol, h)

        def step(phoneme: int) -> int:
            nonlocal h
            h = cell(weights[5:10], phoneme, h)
            return int(np.argmax(h @ kernel + bias))

        return step

    def _attention_gru(self, word: Ints) -> Callable[[int], int]:
        weights = [w.astype(np.float64) for w in self.weights()]
        to_key, to_query, score, to_attention, kernel, bias = weights[9:]

        def cell(side: list[Doubles], x: Doubles, h: Doubles) -> Doubles:
            (wr, wz, wn), (ur, uz, un), (br, bz, bn) = (np.split(w, 3, -1) for w in side)
            r, z = sigmoid(x @ wr + h @ ur + br), sigmoid(x @ wz + h @ uz + bz)
            return np.asarray(z * h + (1 - z) * np.tanh(x @ wn + (r * h) @ un + bn))

        memory: Doubles = np.zeros((len(word), 2 * self.hidden))
        for direction in (1, -1):
            half = slice(0, self.hidden) if direction == 1 else slice(self.hidden, None)
            h: Doubles = np.zeros(self.hidden)
            for place in range(len(word))[::direction]:
                side = weights[0:3] if direction == 1 else weights[3:6]
                h = cell(side, np.eye(self.graphemes)[word[place]], h)
                memory[place, half] = h
        h, attention = np.zeros(self.hidden), np.zeros(self.hidden)

        def step(phoneme: int) -> int:
            nonlocal h, attention
            h = cell(weights[6:9], np.concatenate([np.eye(self.phonemes)[phoneme], attention]), h)
            scores = np.tanh(memory @ to_key + h @ to_query) @ score
            alignment = np.exp(scores - scores.max())
            context = alignment @ memory / alignment.sum()
            attention = np.concatenate([h, context]) @ to_attention
            return int(np.argmax(attention @ kernel + bias))

        return step


G2PS = {"gru": G2p(architecture=0), "attention_gru": G2p(architecture=1, embedding=0)}
