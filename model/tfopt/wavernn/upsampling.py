"""The upsampling network: what the samples of a frame are conditioned on, as TensorFlow functions.

Every number is computed by the same operations however the frames arrive, in whatever batch, so that pieces
equal the whole to the last bit. A matrix product rounds otherwise if its shape is another, or if a row stands
elsewhere in it; so the residual network runs over blocks of one size, in which a frame always has the same
place. What stands in the rest of the block does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import Frames, expect_bounded
from tfopt.generation.upsampling import Upsampling
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.config import WavernnConfig

BLOCK = 8  # frames: few, since a stream that gets one frame computes a block


@dataclass(frozen=True)
class Window:
    """Frames of a spectrogram for each stream, and where the spectrogram lies, zeros around it included.

    Attributes:
        frames: [batch, n, mel_channels].
        first: The number of the first of them.
        begins: For each stream the number of its spectrogram's first frame, int64 [batch].
        ends: The number behind its last frame.
    """

    frames: Array
    first: int
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


class UpsamplingNetwork:
    """The stages for mel bands and the residual network for aux.

    It reads spectrograms with `pad` frames of zeros before and after them; frames are counted with those,
    samples are not.

    Attributes:
        pad: Frames of zeros.
        hop_length: Samples for each frame.
        look_ahead: Frames behind a frame that its samples depend on.
    """

    def __init__(self, config: WavernnConfig, weights: Weights) -> None:
        self.pad, self.hop_length = config.pad, config.hop_length
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
        hop, pad = self.hop_length, self.pad
        rows = frames.total * hop if frames.ended else self._stages.ready(frames.total)
        return max(min(rows - pad * hop, (frames.total - 2 * pad) * hop), 0)

    def first_frame(self, sample: int) -> int:
        """The first frame that a sample and those behind it depend on."""
        mels = self._stages.first_frame(sample + self.pad * self.hop_length)
        return min(mels, sample // self.hop_length)

    def touched(self, start: int, count: int) -> tuple[int, int]:
        """The first frame that samples can depend on, and the one behind the last; both may lie outside."""
        # A stage reads at most a frame before and one behind.
        reach = len(self._config.upsample_factors)
        first, last = start // self.hop_length, (start + count - 1) // self.hop_length
        return first + min(0, self.pad - reach), last + 1 + self.pad + max(self.pad, reach)

    def compute(self, window: Window, start: int, count: int) -> Conditioning:
        """The conditioning of `count` samples, at least one, from `start` on.

        Raises:
            ValueError: It is not finite, or absurdly large.
        """
        mels = self._stages.compute_several(
            window.frames,
            window.first,
            window.ends,
            start + self.pad * self.hop_length,
            count,
            window.begins,
        ).numpy()
        first = start // self.hop_length
        aux = self._aux(window, first, (start + count - 1) // self.hop_length + 1)
        expect_bounded("mel", mels, aux)
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

    def _aux(self, window: Window, first: int, end: int) -> Array:
        """The residual network's output for the frames from `first` up to `end`.

        Blocks are counted from each spectrogram's begin, so streams may need another number of them.
        """
        size, begins = BLOCK + 2 * self.pad, window.begins
        blocks = (first - begins) // BLOCK
        counts = (end - 1 - begins) // BLOCK - blocks + 1
        before = np.cumsum(counts) - counts  # blocks of the streams before
        stream = np.repeat(np.arange(len(begins)), counts)
        places = (blocks - before)[stream] + np.arange(counts.sum())
        around = BLOCK - 1  # frames of a block that the window may miss on either side
        held = np.pad(window.frames, ((0, 0), (around, around), (0, 0)))
        starts = places * BLOCK + begins[stream] - window.first + around
        inputs = held[stream[:, np.newaxis], starts[:, np.newaxis] + np.arange(size)]
        rows = self._blocks(inputs).numpy().reshape(len(stream) * BLOCK, -1)
        at = (before - blocks) * BLOCK - begins
        aux: Array = rows[at[:, np.newaxis] + np.arange(first, end)]
        return aux
