"""A WaveRNN in Keras, teacher-forced: what `tfopt.wavernn` generates with, made to be trained.

The samples fed are known, so all products but the GRU's with its state are made for all steps at once. Those
before the GRU are linear: the whole way from a sample, the mel spectrogram and aux to the GRU's gates is one
small product for each frame.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from keras import ops

from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.random_weights import random_weights
from training.quantization import ROUNDINGS, Rounding
from training.vocoders import upsampling
from training.vocoders.gru import gru
from training.vocoders.tensors import Tensor, TensorModel, floats, softened


class Wavernn(TensorModel):
    """A WaveRNN with categorical output, one GRU and one stage of upsampling."""

    def __init__(
        self,
        config: WavernnConfig,
        seed: int,
        dtype: str,
        rounding: Rounding = ROUNDINGS["none"],
        pruned: Collection[str] = (),
    ) -> None:
        """Makes the network with random weights; raises ValueError for a config of another kind."""
        kind = (config.output, config.rnn_layers, len(config.upsample_factors))
        if kind != ("categorical", 1, 1) or config.pad < 1:
            raise ValueError(
                "config: expected output 'categorical', rnn_layers 1, one of upsample_factors and pad at "
                f"least 1, got {config}"
            )
        weights = softened(random_weights(config, seed), "output")
        super().__init__(weights, dtype, rounding, pruned)
        self.config = config
        self._stage = upsampling.Stage(config.hop_length)

    def call(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """The distribution of each sample, from a state of zeros.

        Args:
            inputs: `"fed"`: the sample before each as the network reads it, in [-1, 1], [batch, frames *
                hop_length], and `"mel"`: the frames of those samples with `pad` more on each side, [batch,
                frames + 2 * pad, bands].

        Returns:
            Logits, float32 [batch, frames * hop_length, classes].
        """
        config, mel = self.config, floats(inputs, "mel")
        aux = ops.split(self._aux(mel), config.aux_parts, axis=-1)
        x, gates = self._inputs(floats(inputs, "fed"), mel, aux[0])
        recurrent = self._rounding.weights(self.tensor("rnn.0.recurrent"))
        bias = self.tensor("rnn.0.recurrent_bias")
        x = x + self.fast(gru(gates, recurrent, bias, self.rounded))
        for i in range(config.fc_layers):
            x = ops.relu(self._fc(i, x, aux[1 + i]))
        return ops.cast(self.dense("output", self.rounded(x)), "float32")

    def _aux(self, mel: Tensor) -> Tensor:
        """The residual network over frames, [batch, frames, aux_parts * aux_channels]."""
        kernel = self.tensor("resnet.input.kernel")
        frames = mel.shape[1] - kernel.shape[0] + 1
        seen = ops.concatenate([mel[:, k : k + frames] for k in range(kernel.shape[0])], axis=-1)
        product = ops.matmul(seen, ops.reshape(kernel, (-1, kernel.shape[-1])))
        x = ops.relu(product + self.tensor("resnet.input.bias"))
        for i in range(self.config.resnet_blocks):
            block = f"resnet.blocks.{i}"
            x = x + self._exact(f"{block}.1", ops.relu(self._exact(f"{block}.0", x)))
        return self._exact("resnet.output", x)

    def _inputs(self, fed: Tensor, mel: Tensor, aux: Tensor) -> tuple[Tensor, Tensor]:
        """The input layer's outputs, [batch, time, hidden], and the GRU's for its gates, thrice as wide."""
        config = self.config
        batch, frames = ops.shape(aux)[:2]
        kernel, bias = self.tensor("input.kernel"), self.tensor("input.bias")
        sample, bands = kernel[:1], kernel[1 : 1 + config.mel_channels]
        middle = mel[:, config.pad - 1 : mel.shape[1] - config.pad + 1]
        constant = ops.matmul(aux, kernel[1 + config.mel_channels :]) + bias
        # The input layer, and the GRU's gates behind it: for frames one matrix of the engine's, whose inputs
        # it upsamples before it rounds them.
        onward = self.tensor("rnn.0.kernel")
        joint = ops.concatenate([bands, ops.matmul(bands, onward)], axis=-1)
        of_frames = ops.matmul(self._rounding.inputs(middle), self._rounding.weights(joint))
        width = bands.shape[-1]
        rows = upsampling.neighbours(of_frames[..., :width], constant)
        gates = upsampling.neighbours(
            of_frames[..., width:], ops.matmul(constant, onward) + self.tensor("rnn.0.bias")
        )
        rows = _with_sample(rows, sample)
        gates = _with_sample(gates, ops.matmul(sample, onward))
        stage = self._stage.weights(self.tensor("upsample.0.kernel"))
        places = ops.broadcast_to(stage, (batch, frames, *stage.shape))
        samples = ops.reshape(fed, (batch, frames, config.hop_length, 1))
        weights = self.fast(ops.concatenate([places, samples], axis=-1))
        return (
            upsampling.spread(weights, self.fast(rows)),
            upsampling.spread(weights, self.fast(gates)),
        )

    def _fc(self, place: int, x: Tensor, aux: Tensor) -> Tensor:
        """A fully connected layer before its ReLU; aux, the same for a frame, is projected once."""
        kernel, bias = self.tensor(f"fc.{place}.kernel"), self.tensor(f"fc.{place}.bias")
        width = x.shape[-1]
        frames = ops.matmul(aux, kernel[width:]) + bias
        product = ops.matmul(self.rounded(x), self.kernel(kernel[:width]))
        shape = (-1, aux.shape[1], self.config.hop_length, kernel.shape[-1])
        together = ops.reshape(product, shape) + self.fast(frames)[:, :, None]
        return ops.reshape(together, (-1, *product.shape[1:]))

    def _exact(self, name: str, x: Tensor) -> Tensor:
        """A layer over frames, in float32: there are few of them."""
        return ops.matmul(x, self.tensor(f"{name}.kernel")) + self.tensor(f"{name}.bias")


def _with_sample(rows: Tensor, sample: Tensor) -> Tensor:
    """Rows [batch, frames, m, channels] and one more for each frame: what the sample fed is multiplied by."""
    shape = (*ops.shape(rows)[:2], 1, sample.shape[-1])
    return ops.concatenate([rows, ops.broadcast_to(sample, shape)], axis=2)
