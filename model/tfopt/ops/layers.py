"""Ops for single layers."""

from __future__ import annotations

from tfopt.ops.arguments import float32, uint8
from tfopt.ops.loading import op
from tfopt.tensors import Tensor


def pack_matrix(kernel: Tensor) -> Tensor:
    """Packs a kernel into the layout that `gru_cell` reads.

    Args:
        kernel: float32 [inputs, outputs], each at least 1; finite.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    return op("pack_matrix")(kernel=float32("kernel", kernel))


def gated_activation(inputs: Tensor, conditioning: Tensor) -> Tensor:
    """The gated activation of WaveNet (van den Oord et al. 2016): tanh(a) * sigmoid(b).

    a and b are the two halves of inputs + conditioning. The error is below 4e-7; NaN gives NaN.

    Args:
        inputs: float32 [..., 2 * channels].
        conditioning: float32, of the same shape.

    Returns:
        float32 [..., channels].
    """
    return op("gated_activation")(
        inputs=float32("inputs", inputs), conditioning=float32("conditioning", conditioning)
    )


def gru_cell(
    gates_kernel: Tensor,
    candidate_kernel: Tensor,
    inputs: Tensor,
    state: Tensor,
    candidate_bias: Tensor,
    *,
    reset_after: bool,
) -> Tensor:
    """One step of a gated recurrent unit (Cho et al. 2014).

    With (x_r, x_z, x_n) the parts of `inputs`, U and c the kernels and the bias of the candidate:

        r, z = sigmoid((x_r, x_z) + h @ gates_kernel)
        n = tanh(x_n + r * (h @ U + c))     if reset_after (PyTorch, cuDNN)
        n = tanh(x_n + (r * h) @ U + c)     otherwise
        h' = n + z * (h - n)

    Args:
        gates_kernel: `pack_matrix` of a kernel [hidden, 2 * hidden]: reset, update.
        candidate_kernel: `pack_matrix` of a kernel [hidden, hidden].
        inputs: float32 [batch, 3 * hidden]: all that the input and the other biases add; finite.
        state: float32 [batch, hidden]; finite.
        candidate_bias: float32 [hidden]; finite.
        reset_after: Whether the reset gate acts on the candidate's product, or on the state.

    Returns:
        The new state, float32 [batch, hidden].
    """
    return op("gru_cell")(
        gates_kernel=uint8("gates_kernel", gates_kernel),
        candidate_kernel=uint8("candidate_kernel", candidate_kernel),
        inputs=float32("inputs", inputs),
        state=float32("state", state),
        candidate_bias=float32("candidate_bias", candidate_bias),
        reset_after=reset_after,
    )
