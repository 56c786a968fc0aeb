"""A WaveNet in Keras, teacher-forced: what `tfopt.wavenet` generates with, made to be trained.

A dilated convolution of two taps is one product of the two rows side by side; the skip outputs of all layers
are one product of what all layers say side by side; conditioning is projected at the frame rate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from keras import ops

from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.random_weights import random_weights
from training.quantization import ROUNDINGS, Rounding
from training.vocoders import upsampling
from training.vocoders.tensors import Tensor, TensorModel, floats, softened


class Wavenet(TensorModel):
    """A WaveNet with one-hot input, categorical output, kernels of two taps and one stage of upsampling."""

    def __init__(
        self,
        config: WavenetConfig,
        seed: int,
        dtype: str,
        rounding: Rounding = ROUNDINGS["none"],
        pruned: Collection[str] = (),
    ) -> None:
        """Makes the network with random weights; raises ValueError for a config of another kind."""
        kind = (config.input, config.kernel_size, config.input_kernel_size)
        if kind != ("one_hot", 2, 1) or len(config.upsample_factors) != 1 or config.global_classes:
            raise ValueError(
                "config: expected input 'one_hot', kernel_size 2, input_kernel_size 1, one of "
                f"upsample_factors and no speakers, got {config}"
            )
        weights = softened(random_weights(config, seed), "end.1")
        super().__init__(weights, dtype, rounding, pruned)
        self.config = config
        # The last layer's goes nowhere.
        unused = f"layers.{len(config.dilations) - 1}.residual"
        for name, variable in self._tensors.items():
            variable.trainable = not name.startswith(unused)
        self._stage = upsampling.Stage(config.hop_length)

    def call(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """The distribution of each sample but those of the context.

        Args:
            inputs: `"fed"`: the class of the sample before each, [batch, frames * hop_length], and `"mel"`:
                the frames of those samples with one more on each side, [batch, frames + 2, bands]. The
                first `context_frames` frames are there for the receptive field alone.

        Returns:
            Logits, float32 [batch, (frames - context_frames) * hop_length, classes].
        """
        config = self.config
        fed = ops.cast(inputs["fed"], "int32")
        wanted = fed.shape[1] - context_frames(config) * config.hop_length
        fed = fed[:, fed.shape[1] - wanted - config.receptive_field + 1 :]
        x = ops.take(self.fast(self.tensor("input.kernel")[0]), fed, axis=0)
        x = self.biased("input", x)
        weights, rows = self._conditioning(floats(inputs, "mel"))
        said = []
        for i, dilation in enumerate(config.dilations):
            heard = self.rounded(x)
            taps = ops.concatenate([heard[:, :-dilation], heard[:, dilation:]], axis=-1)
            past, current = ops.unstack(self.tensor(f"layers.{i}.conv.kernel"))
            kernel = ops.concatenate([self.kernel(past), self.kernel(current)], axis=0)
            product = ops.matmul(taps, kernel)
            local = upsampling.spread(weights, rows[i])
            c = product + local[:, local.shape[1] - product.shape[1] :]
            gated = ops.tanh(c[..., : config.gate_channels]) * ops.sigmoid(
                c[..., config.gate_channels :]
            )
            z = self.rounded(gated)
            said.append(z[:, z.shape[1] - wanted :])
            if i + 1 < len(config.dilations):
                x = x[:, dilation:] + self.dense(f"layers.{i}.residual", z)
        hidden = self.dense("end.0", self.rounded(ops.relu(self._skip(said))))
        return ops.cast(self.dense("end.1", self.rounded(ops.relu(hidden))), "float32")

    def _conditioning(self, mel: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The weights of a stage, and what they weigh in each layer, the convolution's bias included."""
        layers = range(len(self.config.dilations))
        mel = self._rounding.inputs(mel)  # the engine's are upsampled before they are rounded
        weights = self._stage.weights(self.tensor("upsample.0.kernel"))
        # Said for each frame: PyTorch would else turn the product round, and copy it.
        weights = ops.broadcast_to(weights, (ops.shape(mel)[0], mel.shape[1] - 2, *weights.shape))
        rows = []
        for i in layers:
            frames = ops.matmul(
                mel, self._rounding.weights(self.tensor(f"layers.{i}.local.kernel"))
            )
            biased = "conv" in self.config.biases
            bias = self.tensor(f"layers.{i}.conv.bias") if biased else ops.zeros(1)
            rows.append(self.fast(upsampling.neighbours(frames, bias)))
        return self.fast(weights), rows

    def _skip(self, said: list[Tensor]) -> Tensor:
        """The sum of the skip outputs of all layers."""
        layers = range(len(said))
        kernels = [self.kernel(self.tensor(f"layers.{i}.skip.kernel")) for i in layers]
        total = ops.matmul(ops.concatenate(said, axis=-1), ops.concatenate(kernels, axis=0))
        if "skip" not in self.config.biases:
            return total
        return total + self.fast(sum(self.tensor(f"layers.{i}.skip.bias") for i in layers))


def context_frames(config: WavenetConfig) -> int:
    """The frames before a segment that its first sample depends on through the samples fed."""
    return -(-(config.receptive_field - 1) // config.hop_length)
