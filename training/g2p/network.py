"""tfopt's `attention_gru` in Keras, over whole pronunciations at once.

The equations, and the names and shapes of the weights, are those of `tfopt.g2p.config` and
`tfopt.g2p.reference`. Dropout is variational (Gal and Ghahramani 2016): one mask for all steps of a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from tfopt.g2p.config import G2pConfig

PADDING = -1  # in graphemes, behind a word's end mark
Tensor = Any
Kernels = Mapping[str, Tensor]


class AttentionGru(keras.Model):
    """Graphemes, and the phonemes so far, to logits of the next phoneme.

    Called with `{"graphemes": int32 [batch, time], "phonemes": int32 [batch, steps]}`. The phonemes are
    those fed to the decoder: the start mark and all but the last. Returns logits [batch, steps, phonemes].
    """

    def __init__(self, config: G2pConfig, *, dropout: float = 0.0, seed: int = 0) -> None:
        super().__init__(name="attention_gru")
        self.config = config
        self._drop = keras.layers.Dropout(dropout, seed=seed)
        seeds = np.random.SeedSequence(seed).generate_state(len(config.shapes))
        self._kernels = {
            name: self.add_weight(
                shape=shape,
                initializer=_initializer(name, shape, int(seed)),
                name=name.replace(".", "_"),
            )
            for (name, shape), seed in zip(config.shapes.items(), seeds, strict=True)
        }
        self.built = True

    def get_tensors(self) -> dict[str, NDArray[np.float32]]:
        """The weights, by tfopt's names."""
        return {n: np.asarray(ops.convert_to_numpy(k.value)) for n, k in self._kernels.items()}

    def set_tensors(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes over weights, by tfopt's names."""
        for name, kernel in self._kernels.items():
            kernel.assign(tensors[name])

    def call(self, inputs: Mapping[str, Tensor], training: bool = False) -> Tensor:
        """Logits."""
        hidden = self.config.hidden
        kernels = self._kernels
        graphemes, phonemes = inputs["graphemes"], inputs["phonemes"]
        batch = ops.shape(graphemes)[0]
        ones = ops.ones((batch, hidden), self.compute_dtype)

        def masks(count: int) -> list[Tensor]:
            return [self._drop(ones, training=training) for _ in range(count)]

        inside = graphemes != PADDING  # [batch, time]
        forward, backward = self._encode(graphemes, inside, masks(2))
        forward, backward = (
            x * mask for x, mask in zip((forward, backward), masks(2), strict=True)
        )
        memory = ops.concatenate([forward, backward], -1)  # [time, batch, 2 * hidden]
        keys = memory @ kernels["attention.memory_kernel"]
        output = kernels["attention.output_kernel"]
        values = memory @ output[hidden:]  # what each place adds to the attention's output
        banned = ops.where(ops.transpose(inside), 0.0, -1e9)  # [time, batch]

        kernel = kernels["decoder.input_kernel"]
        symbols = len(self.config.phonemes)
        x = _rows(kernel[:symbols], ops.transpose(phonemes)) + kernels["decoder.bias"]
        from_attention = kernel[symbols:]
        state_mask, attention_mask, output_mask = masks(3)
        score = kernels["attention.score"]

        def step(state: tuple[Tensor, Tensor], x: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
            attention, h = state
            x = x + (attention * attention_mask) @ from_attention
            h = _gru(x, h, kernels["decoder.recurrent_kernel"], state_mask)
            query = h @ kernels["attention.query_kernel"]
            scores = ops.sum(ops.tanh(keys + query) * score, -1)  # [time, batch]
            alignment = ops.softmax(ops.cast(scores, "float32") + banned, 0)
            alignment = ops.cast(alignment, self.compute_dtype)[..., None]
            attention = h @ output[:hidden] + ops.sum(alignment * values, 0)
            # As many results as states, which Keras's scan on TensorFlow takes for granted.
            return (attention, h), (attention, h)

        zeros = ops.zeros((batch, hidden), self.compute_dtype)
        _, (attention, _) = ops.scan(step, (zeros, zeros), x)  # [steps, batch, hidden]
        logits = (attention * output_mask) @ kernels["output.kernel"] + kernels["output.bias"]
        return ops.transpose(logits, (1, 0, 2))

    def _encode(
        self, graphemes: Tensor, inside: Tensor, masks: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Both directions' states, [time, batch, hidden] each."""
        kernels = self._kernels
        ids = ops.transpose(ops.maximum(graphemes, 0))
        forward, backward = (
            _rows(kernels[f"encoder.{side}.input_kernel"], ids) + kernels[f"encoder.{side}.bias"]
            for side in ("forward", "backward")
        )
        # Behind the end of a word the backward direction stays at zero, where it starts.
        kept = ops.cast(ops.flip(ops.transpose(inside), 0), self.compute_dtype)[..., None]

        def step(state: tuple[Tensor, Tensor], x: Any) -> tuple[tuple[Tensor, Tensor], Any]:
            x_forward, x_backward, kept = x
            one = _gru(x_forward, state[0], kernels["encoder.forward.recurrent_kernel"], masks[0])
            other = kept * _gru(
                x_backward, state[1], kernels["encoder.backward.recurrent_kernel"], masks[1]
            )
            return (one, other), (one, other)

        zeros = ops.zeros((ops.shape(graphemes)[0], self.config.hidden), self.compute_dtype)
        _, states = ops.scan(step, (zeros, zeros), (forward, ops.flip(backward, 0), kept))
        return states[0], ops.flip(states[1], 0)


def _rows(table: Tensor, ids: Tensor) -> Tensor:
    """Rows of a table by a product, whose gradient is one too, where that of a lookup scatters."""
    return ops.one_hot(ids, table.shape[0], dtype=table.dtype) @ table


def _gru(x: Tensor, h: Tensor, kernel: Tensor, mask: Tensor) -> Tensor:
    """TensorFlow 1's GRU: r, z = σ(x + U h); n = tanh(x_n + U_n (r ⊙ h)); h' = z ⊙ h + (1 - z) ⊙ n."""
    hidden = h.shape[-1]
    seen = h * mask
    gates = ops.sigmoid(x[:, : 2 * hidden] + seen @ kernel[:, : 2 * hidden])
    n = ops.tanh(x[:, 2 * hidden :] + (gates[:, :hidden] * seen) @ kernel[:, 2 * hidden :])
    return n + gates[:, hidden:] * (h - n)


def _initializer(name: str, shape: tuple[int, ...], seed: int) -> Any:
    """Glorot's; orthogonal for each gate of a recurrent kernel; gates start half open to the state before."""
    if name.endswith("recurrent_kernel"):
        width = shape[0]
        gates = [keras.initializers.Orthogonal(seed=seed + g) for g in range(3)]
        return lambda shape, dtype=None: ops.concatenate(
            [gate((width, width), dtype) for gate in gates], 1
        )
    if name == "attention.score":
        return keras.initializers.RandomUniform(-(shape[0] ** -0.5), shape[0] ** -0.5, seed=seed)
    if name == "output.bias":
        return "zeros"
    if name.endswith("bias"):
        hidden = shape[0] // 3
        return lambda shape, dtype=None: ops.concatenate(
            [ops.ones((2 * hidden,), dtype), ops.zeros((hidden,), dtype)], 0
        )
    return keras.initializers.GlorotUniform(seed=seed)
