"""The upsampling network: what the samples of a frame are conditioned on, as TensorFlow functions.

Every number is computed by the same operations however the frames arrive, in whatever batch, so that pieces
equal the whole to the last bit. A matrix product rounds otherwise if its shape is another, or if a row stands
elsewhere in it; so the residual network runs over blocks of one size, in which a frame always has the same
place. What stands in the rest of the block does not matter.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import Frames
from tfopt.generation.upsampling import Upsampling
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.config import WavernnConfig

BLOCK = 8  # frames: few, since a stream that gets one frame computes a block


class UpsamplingNetwork:
    """The stages for mel bands and the residual network for aux.

    It reads spectrograms with `pad` frames of zeros before and after them; frames are counted with those,
    samples are not.

    Attributes:
        hop_length: Samples for each frame.
        look_ahead: Frames behind a frame that its samples depend on.
    """

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self.hop_length = config.hop_length
        self._config = config
        self._weights = weights
        self._stages = Upsampling(weights, config.upsample_factors, config.mel_channels)
        several = len(config.upsample_factors) + 1  # more frames than the stages look ahead
        behind = several * config.hop_length - self._stages.ready(several)
        self.look_ahead = max(config.pad, -(-behind // config.hop_length))
        block = tf.TensorSpec([None, BLOCK + 2 * config.pad, config.mel_channels], tf.float32)
        self._blocks = tf.function(self._traced, input_signature=[block])

    def ready(self, frames: Frames) -> int:
        """Samples whose conditioning depends on no frame that is still to come."""
        hop, pad = self.hop_length, self._config.pad
        rows = frames.total * hop if frames.ended else self._stages.ready(frames.total)
        return max(min(rows - pad * hop, (frames.total - 2 * pad) * hop), 0)

    def first_frame(self, sample: int) -> int:
        """The first frame that a sample and those behind it depend on."""
        mels = self._stages.first_frame(sample + self._config.pad * self.hop_length)
        return min(mels, sample // self.hop_length)

    def compute(self, frames: Frames, start: int, count: int) -> Conditioning:
        """The conditioning of `count` samples that are ready, at least one, from `start` on."""
        indent = self._config.pad * self.hop_length
        mels = self._stages.compute(
            frames.kept, frames.first, frames.total, start + indent, count
        ).numpy()
        first = start // self.hop_length
        aux = self._aux(frames, first, (start + count - 1) // self.hop_length + 1)
        return Conditioning(mels, aux, start % self.hop_length)

    def residual(self, frames: Tensor) -> Tensor:
        """The residual network: [n + 2 * pad, mel_channels] → [n, aux_parts * aux_channels]."""
        config = self._config
        count = tf.shape(frames)[0] - 2 * config.pad
        taps = [frames[k : k + count] for k in range(2 * config.pad + 1)]
        kernel = self._weights["resnet.input.kernel"]
        x = tf.concat(taps, 1) @ kernel.reshape(-1, config.resnet_channels)
        x = tf.nn.relu(x + self._weights["resnet.input.bias"])
        for i in range(config.resnet_blocks):
            inner = tf.nn.relu(self._dense(f"resnet.blocks.{i}.0", x))
            x += self._dense(f"resnet.blocks.{i}.1", inner)
        return self._dense("resnet.output", x)

    def _dense(self, name: str, x: Tensor) -> Tensor:
        return x @ self._weights[f"{name}.kernel"] + self._weights[f"{name}.bias"]

    def _traced(self, blocks: Tensor) -> Tensor:
        # One at a time: a product of all blocks together would have another shape for every number of them.
        return tf.map_fn(self.residual, blocks)

    def _aux(self, frames: Frames, first: int, end: int) -> Array:
        """The residual network's output for the spectrogram's frames from `first` up to `end`."""
        batch, _, channels = frames.kept.shape
        begin, count = first // BLOCK * BLOCK, -(-end // BLOCK) - first // BLOCK
        size = BLOCK + 2 * self._config.pad
        held = np.zeros([batch, (count - 1) * BLOCK + size, channels], np.float32)
        missing = max(frames.first - begin, 0)
        there = frames.kept[:, max(begin - frames.first, 0) :][:, : held.shape[1] - missing]
        held[:, missing : missing + there.shape[1]] = there
        blocks = [held[:, i * BLOCK : i * BLOCK + size] for i in range(count)]
        rows = self._blocks(np.stack(blocks, 1).reshape(-1, size, channels)).numpy()
        aux: Array = rows.reshape(batch, count * BLOCK, -1)[:, first - begin : end - begin]
        return aux
