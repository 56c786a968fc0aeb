"""A GRU over a whole sequence whose inputs are known, with its gradient written out.

Backends differentiate a recurrence step by step, and add a gradient of the recurrent weights at each. That is
one product over all steps once the gradients of all states are there; and what a state's gradient is
multiplied with on its way back is known for all steps at once, which leaves few operations a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

Tensor = Any
Step = Callable[[Tensor, Any], tuple[Tensor, tuple[Tensor, ...]]]
Entering = Callable[[Tensor], Tensor]


def gru(gates: Tensor, recurrent: Tensor, bias: Tensor, entering: Entering) -> Tensor:
    """The states of a GRU whose reset gate stands behind the product, from a state of zeros.

    Args:
        gates: What the inputs add to the gates reset, update, candidate, [batch, time, 3 * hidden].
        recurrent: [hidden, 3 * hidden].
        bias: The recurrent one, [3 * hidden].
        entering: What becomes of a state on its way into the product: its type, and perhaps rounding, which
            gradients pass as if it were not there. States are float32.

    Returns:
        [batch, time, hidden].
    """
    # TensorFlow's wants tensors, no variables.
    weights = ops.copy(recurrent), ops.copy(bias)
    return ops.custom_gradient(_with_gradient(entering))(gates, *weights)


def _with_gradient(entering: Entering) -> Callable[..., Any]:
    def forward(gates: Tensor, recurrent: Tensor, bias: Tensor) -> tuple[Tensor, Any]:
        hidden = bias.shape[0] // 3
        initial = ops.zeros((ops.shape(gates)[0], hidden), "float32")
        dtype = entering(initial).dtype
        kernel = ops.cast(recurrent, dtype)

        def step(state: Tensor, given: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
            product = ops.cast(ops.matmul(entering(state), kernel), "float32") + bias
            open_ = ops.sigmoid(given[:, : 2 * hidden] + product[:, : 2 * hidden])
            past, update = product[:, 2 * hidden :], open_[:, hidden:]
            candidate = ops.tanh(given[:, 2 * hidden :] + open_[:, :hidden] * past)
            after = candidate + update * (state - candidate)
            return after, (after, open_, past, candidate)

        widths = (hidden, 2 * hidden, hidden, hidden)
        states, opened, pasts, candidates = _scan(step, initial, gates, widths)

        def gradient(
            *given: Tensor, upstream: Tensor | None = None
        ) -> tuple[Tensor, Tensor, Tensor]:
            # PyTorch's gives the arguments again, and the gradient by name.
            arriving = ops.cast(given[0] if upstream is None else upstream, "float32")
            before = ops.concatenate([initial[:, None], states[:, :-1]], axis=1)
            reset, update = opened[..., :hidden], opened[..., hidden:]
            to_candidate = (1 - update) * (1 - ops.square(candidates))
            to_update = (before - candidates) * update * (1 - update)
            to_reset = to_candidate * pasts * reset * (1 - reset)
            # What of a state's gradient reaches the product's three parts.
            factors = ops.stack([to_reset, to_update, to_candidate * reset], axis=2)
            back = ops.transpose(kernel)

            def backward(carry: Tensor, given: Any) -> tuple[Tensor, tuple[Tensor, Tensor]]:
                come, factor, kept = given
                total = carry + come
                product = ops.reshape(total[:, None] * factor, (-1, 3 * hidden))
                through = ops.matmul(ops.cast(product, dtype), back)
                return total * kept + ops.cast(through, "float32"), (product, total)

            streams = (arriving, factors, update)
            widths = (3 * hidden, hidden)
            products, totals = _scan(backward, initial, streams, widths, reverse=True)
            flat = ops.cast(ops.reshape(products, (-1, 3 * hidden)), dtype)
            inputs = entering(ops.reshape(before, (-1, hidden)))
            of_recurrent = ops.cast(ops.matmul(ops.transpose(inputs), flat), "float32")
            of_gates = ops.concatenate(
                [products[..., : 2 * hidden], totals * to_candidate], axis=-1
            )
            return ops.cast(of_gates, gates.dtype), of_recurrent, ops.sum(products, axis=(0, 1))

        return states, gradient

    return forward


def _scan(
    step: Step, state: Tensor, given: Any, widths: Sequence[int], *, reverse: bool = False
) -> tuple[Tensor, ...]:
    """Goes along the second axis of what is given, [batch, time, ...].

    Returns:
        The outputs of all steps, each [batch, time, width].
    """
    if keras.backend.backend() != "torch":
        return _compiled_scan(step, state, given, widths, reverse)
    # PyTorch has no loops: this one looks up no piece by its number, and copies none.
    pieces = keras.tree.map_structure(lambda x: ops.unstack(x, axis=1), given)
    steps = list(zip(*pieces, strict=True)) if isinstance(given, tuple) else pieces
    collected = []
    for piece in reversed(steps) if reverse else steps:
        state, outputs = step(state, piece)
        collected.append(outputs)
    if reverse:
        collected.reverse()
    return tuple(ops.stack(part, axis=1) for part in zip(*collected, strict=True))


def _compiled_scan(
    step: Step, state: Tensor, given: Any, widths: Sequence[int], reverse: bool
) -> tuple[Tensor, ...]:
    """`ops.scan`, whose outputs on TensorFlow must be like the state: so they are part of it."""
    blank = tuple(ops.zeros((ops.shape(state)[0], width), "float32") for width in widths)

    def widened(carry: tuple[Tensor, ...], piece: Any) -> tuple[Any, Any]:
        after, outputs = step(carry[0], piece)
        return (after, *outputs), (after, *outputs)

    turned = keras.tree.map_structure(_time_first, given)
    _, outputs = ops.scan(widened, (state, *blank), turned, reverse=reverse)
    return tuple(_time_first(output) for output in outputs[1:])


def _time_first(x: Tensor) -> Tensor:
    return ops.swapaxes(x, 0, 1)
