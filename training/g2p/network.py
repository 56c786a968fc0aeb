"""tfopt's `attention_gru` in Keras, over whole pronunciations at once.

The equations, and the names and shapes of the weights, are those of `tfopt.g2p.config` and
`tfopt.g2p.reference`. Dropout is variational (Gal and Ghahramani 2016): one mask for all steps of a word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from tfopt.g2p.config import G2pConfig
from training.quantization import ROUNDINGS, Rounding

PADDING = -1  # in graphemes, behind a word's end mark
Tensor = Any
Kernels = Mapping[str, Tensor]


class AttentionGru(keras.Model):
    """Graphemes, and the phonemes so far, to logits of the next phoneme.

    Called with `{"graphemes": int32 [batch, time], "phonemes": int32 [batch, steps]}`. The phonemes are
    those fed to the decoder: the start mark and all but the last. Returns logits [batch, steps, phonemes].
    """

    def __init__(
        self,
        config: G2pConfig,
        *,
        dropout: float = 0.0,
        rounding: Rounding = ROUNDINGS["none"],
        pruned: Collection[str] = (),
        seed: int = 0,
    ) -> None:
        """Makes a model with random weights.

        Args:
            config: Its settings.
            dropout: The part of each state that is left out.
            rounding: What is lost on the way into a product.
            pruned: The tensors that get masks.
            seed: Of weights and dropout.
        """
        super().__init__(name="attention_gru")
        self.config = config
        self._rounding = rounding
        self._drop = keras.layers.Dropout(dropout, seed=seed)
        seeds = np.random.SeedSequence(seed).generate_state(len(config.shapes))
        self._kernels = {
            name: self.add_weight(
                shape=shape, initializer=_initializer(name, shape, int(seed)), name=_variable(name)
            )
            for (name, shape), seed in zip(config.shapes.items(), seeds, strict=True)
        }
        self.masks = {
            name: self.add_weight(
                shape=config.shapes[name],
                initializer="ones",
                trainable=False,
                name=f"{_variable(name)}_mask",
            )
            for name in pruned
        }
        self.built = True

    def get_tensors(self) -> dict[str, NDArray[np.float32]]:
        """The weights, by tfopt's names; zero where the masks are."""
        return {
            name: np.array(ops.convert_to_numpy(ops.copy(kernel)))
            for name, kernel in self._masked().items()
        }

    def set_tensors(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        """Takes over weights, by tfopt's names."""
        for name, kernel in self._kernels.items():
            kernel.assign(tensors[name])

    def _masked(self) -> dict[str, Tensor]:
        return self._kernels | {n: self._kernels[n] * mask for n, mask in self.masks.items()}

    def call(self, inputs: Mapping[str, Tensor], training: bool = False) -> Tensor:
        """Logits."""
        hidden, symbols = self.config.hidden, len(self.config.phonemes)
        weights, rounded = self._rounding.weights, self._rounding.inputs
        kernels = self._masked()
        graphemes, phonemes = inputs["graphemes"], inputs["phonemes"]
        batch = ops.shape(graphemes)[0]
        ones = ops.ones((batch, hidden), self.compute_dtype)

        def masks(count: int) -> list[Tensor]:
            return [self._drop(ones, training=training) for _ in range(count)]

        inside = graphemes != PADDING  # [batch, time]
        directions = self._encode(kernels, graphemes, inside, masks(2))
        memory = [
            rounded(states * mask) for states, mask in zip(directions, masks(2), strict=True)
        ]  # [time, batch, hidden] each
        of_memory = _squares(kernels["attention.memory_kernel"], hidden)
        of_state, *of_context = _squares(kernels["attention.output_kernel"], hidden)
        keys = sum(x @ weights(k) for x, k in zip(memory, of_memory, strict=True))
        # What each place adds to the attention's output.
        values = sum(x @ weights(k) for x, k in zip(memory, of_context, strict=True))
        banned = ops.where(ops.transpose(inside), 0.0, -1e9)  # [time, batch]

        kernel = kernels["decoder.input_kernel"]
        x = _rows(kernel[:symbols], ops.transpose(phonemes)) + kernels["decoder.bias"]
        from_attention = weights(kernel[symbols:])
        recurrent = weights(kernels["decoder.recurrent_kernel"])
        query_kernel, of_state = weights(kernels["attention.query_kernel"]), weights(of_state)
        state_mask, attention_mask, output_mask = masks(3)
        score = kernels["attention.score"]

        def step(state: tuple[Tensor, Tensor], x: Tensor) -> tuple[tuple[Tensor, Tensor], Any]:
            attention, h = state
            x = x + rounded(attention * attention_mask) @ from_attention
            h = _gru(x, h, recurrent, state_mask, rounded)
            seen = rounded(h)
            # [time, batch]
            scores = ops.sum(ops.tanh(keys + seen @ query_kernel) * score, -1)
            alignment = ops.softmax(ops.cast(scores, "float32") + banned, 0)
            alignment = ops.cast(alignment, self.compute_dtype)[..., None]
            attention = seen @ of_state + ops.sum(alignment * values, 0)
            # As many results as states, which Keras's scan on TensorFlow takes for granted.
            return (attention, h), (attention, h)

        zeros = ops.zeros((batch, hidden), self.compute_dtype)
        _, (attention, _) = ops.scan(step, (zeros, zeros), x)  # [steps, batch, hidden]
        output = weights(kernels["output.kernel"])
        logits = rounded(attention * output_mask) @ output + kernels["output.bias"]
        return ops.transpose(logits, (1, 0, 2))

    def _encode(
        self, kernels: Mapping[str, Tensor], graphemes: Tensor, inside: Tensor, masks: list[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Both directions' states, [time, batch, hidden] each."""
        ids = ops.transpose(ops.maximum(graphemes, 0))
        sides = ("encoder.forward", "encoder.backward")
        forward, backward = (
            _rows(kernels[f"{side}.input_kernel"], ids) + kernels[f"{side}.bias"] for side in sides
        )
        recurrent = [self._rounding.weights(kernels[f"{side}.recurrent_kernel"]) for side in sides]
        # Behind the end of a word the backward direction stays at zero, where it starts.
        kept = ops.cast(ops.flip(ops.transpose(inside), 0), self.compute_dtype)[..., None]

        def step(state: tuple[Tensor, Tensor], x: Any) -> tuple[tuple[Tensor, Tensor], Any]:
            one, other = (
                _gru(x, h, kernel, mask, self._rounding.inputs)
                for x, h, kernel, mask in zip(x[:2], state, recurrent, masks, strict=True)
            )
            return (one, x[2] * other), (one, x[2] * other)

        zeros = ops.zeros((ops.shape(graphemes)[0], self.config.hidden), self.compute_dtype)
        _, states = ops.scan(step, (zeros, zeros), (forward, ops.flip(backward, 0), kept))
        return states[0], ops.flip(states[1], 0)


def _rows(table: Tensor, ids: Tensor) -> Tensor:
    """Rows of a table by a product, whose gradient is one too, where that of a lookup scatters."""
    return ops.one_hot(ids, table.shape[0], dtype=table.dtype) @ table


def _squares(kernel: Tensor, hidden: int) -> list[Tensor]:
    """The matrices that stand below each other in a kernel."""
    return [kernel[i : i + hidden] for i in range(0, kernel.shape[0], hidden)]


def _gru(
    x: Tensor, h: Tensor, kernel: Tensor, mask: Tensor, rounded: Callable[[Tensor], Tensor]
) -> Tensor:
    """TensorFlow 1's GRU: r, z = σ(x + U h); n = tanh(x_n + U_n (r ⊙ h)); h' = z ⊙ h + (1 - z) ⊙ n."""
    hidden = h.shape[-1]
    seen = h * mask
    gates = ops.sigmoid(x[:, : 2 * hidden] + rounded(seen) @ kernel[:, : 2 * hidden])
    reset = rounded(gates[:, :hidden] * seen)
    n = ops.tanh(x[:, 2 * hidden :] + reset @ kernel[:, 2 * hidden :])
    return n + gates[:, hidden:] * (h - n)


def _variable(tensor: str) -> str:
    """PyTorch allows no dots in names."""
    return tensor.replace(".", "_")


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
