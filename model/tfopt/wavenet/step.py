"""One step of WaveNet with queues (Le Paine et al. 2016), as TensorFlow functions.

All layers' queues are one tensor: a step gathers all past inputs from it at its start and writes all new
ones into it at its end. One queue a layer, updated on its own, costs XLA half of its speed.

XLA updates in place what `tf.tensor_scatter_nd_update` says. TensorFlow's own kernel copies the tensor,
half a megabyte a step and stream; there `InplaceUpdate` writes the rows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.generation import loops
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor, Tensors
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.folded import Layer, fold, reads_classes

# Stands in the history for a sample before the first one fed: it adds nothing, as no class does.
_NOTHING = -1.0


class Step:
    """A WaveNet's step.

    The state is the queues, float32 [rows, batch, residual_channels], and the samples that the initial
    convolution looks back at, float32 [batch, input_kernel_size - 1]. Layer i, of dilation d, owns
    (kernel_size - 1) * d rows of the queues and overwrites them in turn, the oldest first.
    """

    def __init__(self, config: WavenetConfig, weights: Weights, *, jit: bool = False) -> None:
        """Makes a step; `jit`: for a graph that XLA compiles."""
        self._config = config
        self._jit = jit
        self._folded = fold(config, weights)
        dilations = np.array(config.dilations, np.int32)
        self._lengths = (config.kernel_size - 1) * dilations
        # [kernel_size - 1, layers]: how far behind the slot that is written a tap's slot is
        self._strides = np.arange(config.kernel_size - 1, dtype=np.int32)[:, np.newaxis] * dilations
        self._offsets = np.cumsum(self._lengths, dtype=np.int32) - self._lengths

    def start(self, batch: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The zero state: nothing was fed yet."""
        rows, taps = int(self._lengths.sum()), self._config.input_kernel_size
        history = np.full([batch, taps - 1], _NOTHING if reads_classes(self._config) else 0.0)
        queues = np.zeros([rows, batch, self._config.residual_channels], np.float32)
        return queues, history.astype(np.float32)

    def enter(self, state: Tensors) -> Tensors:
        """A state that steps may overwrite, for a loop to begin with."""
        queues, history = state
        return (queues if self._jit else tf.raw_ops.DeepCopy(x=queues)), history

    def phases(self, time: int) -> NDArray[np.int32]:
        """Where each layer's queue is at an absolute time, int32 [layers]: small numbers at any time."""
        return np.array([time % int(length) for length in self._lengths], np.int32)

    def in_blocks(
        self, conditioning: Callable[[Tensor], Tensor], speaker: Tensor, phases: Tensor
    ) -> loops.BlockStep:
        """The step as the loops want it.

        Args:
            conditioning: Gives a block's, float32 [BLOCK, batch, local_channels].
            speaker: float32 [batch, global_channels].
            phases: At the first step of block 0, as the method `phases` says.
        """

        def enter(block: Tensor) -> loops.Step:
            slots = self.slots(phases + block * loops.BLOCK)
            additions = self.additions(conditioning, block, speaker)

            def step(i: Tensor, sample: Tensor, state: Tensors) -> tuple[Tensor, Tensors]:
                return self(sample, state, tf.gather(slots, i), row_of(additions, i))

            return step

        return enter

    def slots(self, phases: Tensor) -> Tensor:
        """The rows of the queues that each step of a block reads, int32 [BLOCK, (kernel_size - 1) * layers].

        The taps' rows follow one another, the oldest tap's first: a step overwrites those with its inputs.
        """
        steps = tf.range(loops.BLOCK)[:, tf.newaxis, tf.newaxis]
        slots = self._offsets + (phases + steps + self._strides) % self._lengths
        return tf.reshape(slots, [loops.BLOCK, self._strides.size])

    def additions(
        self, conditioning: Callable[[Tensor], Tensor], block: Tensor, speaker: Tensor
    ) -> Tensor | None:
        """What conditioning and biases add to all layers' activations: one product for a whole block.

        Blocks have their places in time, so that however the audio is cut into chunks, a step's product is
        the same row of a product of the same size, and the same to the last bit.

        Returns:
            float32 [BLOCK, batch, layers * 2 * gate_channels]; with global conditioning alone [1, batch, …],
            for every step; without conditioning None.
        """
        folded, config = self._folded, self._config
        if not config.local_channels and not config.global_channels:
            return None
        width = len(folded.bias)
        same = folded.bias[np.newaxis]
        if config.global_channels:
            same = same + speaker @ folded.speaker
        if not config.local_channels:
            return same[tf.newaxis]
        rows = tf.reshape(conditioning(block), [-1, config.local_channels]) @ folded.conditioning
        return tf.reshape(rows, [loops.BLOCK, -1, width]) + same

    def __call__(
        self, sample: Tensor, state: Tensors, slots: Tensor, addition: Tensor | None
    ) -> tuple[Tensor, Tensors]:
        """Feeds one sample.

        Args:
            sample: float32 [batch].
            state: As `start` says; unless XLA compiles it, overwritten.
            slots: This step's row of what the method `slots` gives.
            addition: This step's row of what the method `additions` gives, or None.

        Returns:
            The outputs, float32 [batch, outputs], and the new state.
        """
        queues, history = state
        past, rows = tf.gather(queues, slots), self.written(slots)
        outputs, inputs, history = self.feed(sample, past, history, addition)
        if self._jit:
            queues = tf.tensor_scatter_nd_update(queues, rows[:, tf.newaxis], inputs)
        else:
            with tf.control_dependencies([past]):  # all that is read is read before it changes
                queues = tf.raw_ops.InplaceUpdate(x=queues, i=rows, v=inputs)
        return outputs, (queues, history)

    def written(self, slots: Tensor) -> Tensor:
        """The rows of the queues that a step overwrites, int32 [layers], among those that it reads."""
        return slots[: len(self._lengths)]

    def feed(
        self, sample: Tensor, past: Tensor, history: Tensor, addition: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """`__call__` for queues kept elsewhere.

        Args:
            sample: float32 [batch].
            past: The rows of the queues that the step reads, [(kernel_size - 1) * layers, batch,
                residual_channels].
            history: The samples fed before, as `start` says.
            addition: As `__call__` says.

        Returns:
            The outputs; the layers' inputs, [layers, batch, residual_channels]; the new history.
        """
        folded, config = self._folded, self._config
        layers = len(folded.layers)
        rows = tf.unstack(past, (config.kernel_size - 1) * layers)
        shares = self._shares(addition)
        first, history = self._input(sample, history)
        x, c = tf.split(first, [config.residual_channels, 2 * config.gate_channels], -1)
        inputs, skip = [], None
        for i, layer in enumerate(folded.layers):
            inputs.append(x)
            if i:
                c = x @ layer.current
            for row, kernel in zip(rows[i::layers], layer.past, strict=True):
                c += row @ kernel
            filtered, gated = tf.split(_plus(c, shares[i]), 2, -1)
            z = tf.tanh(filtered) * tf.sigmoid(gated)
            x, skip = self._outputs(layer, z, x, skip)
        (kernel_0, bias_0), (kernel_1, bias_1) = folded.end
        hidden = _plus(tf.nn.relu(_plus(skip, folded.skip_bias)) @ kernel_0, bias_0)
        return _plus(tf.nn.relu(hidden) @ kernel_1, bias_1), tf.stack(inputs), history

    def _shares(self, addition: Tensor | None) -> Sequence[Tensor]:
        """What is added to each layer's activation."""
        if addition is None:
            return [layer.bias for layer in self._folded.layers]
        parts: Sequence[Tensor] = tf.split(addition, len(self._folded.layers), -1)
        return parts

    def _input(self, sample: Tensor, history: Tensor) -> tuple[Tensor, Tensor]:
        """The initial convolution and the first layer's current tap, [batch, residual + 2 * gate]."""
        table, bias = self._folded.input, self._folded.input_bias
        taps, rows, width = table.shape
        fed = sample[:, tf.newaxis]
        if taps > 1:
            fed = tf.concat([history, fed], -1)
        if not reads_classes(self._config):
            return _plus(fed @ table[:, 0], bias), fed[:, 1:]
        # Row 0 of a tap stands for nothing.
        indices = tf.cast(fed, tf.int32) + (1 + rows * np.arange(taps, dtype=np.int32))
        return tf.reduce_sum(tf.gather(table.reshape(-1, width), indices), 1), fed[:, 1:]

    def _outputs(
        self, layer: Layer, z: Tensor, x: Tensor, skip: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Residual and skip connection.

        They are one product: a step with two of them a layer takes half as long again in `tf.while_loop`.
        """
        both = z @ layer.output
        widths = [both.shape[-1] - self._config.skip_channels, self._config.skip_channels]
        added, share = tf.split(both, widths, -1)
        if widths[0]:
            x += _plus(added, layer.residual_bias)
        return x, share if skip is None else skip + share


def row_of(additions: Tensor | None, i: Tensor) -> Tensor | None:
    """The row of the block's step i of what `Step.additions` gives."""
    if additions is None:
        return None
    return additions[0] if additions.shape[0] == 1 else tf.gather(additions, i)


def _plus(x: Tensor, addend: Tensor) -> Tensor:
    """X plus a tensor of the same shape or a bias: `bias_add`, unlike a broadcasting sum, is a plain loop."""
    if not isinstance(addend, np.ndarray):
        return x + addend
    return tf.nn.bias_add(x, addend) if addend.any() else x
