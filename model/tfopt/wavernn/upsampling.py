"""The upsampling network: what the samples of a frame are conditioned on.

Every number is computed by the same operations however the frames arrive, in whatever batch, so that pieces
equal the whole to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable

from tfopt.generation.arguments import Array
from tfopt.generation.conditioning import Frames, expect_bounded
from tfopt.generation.upsampling import Upsampling
from tfopt.generation.window import Window
from tfopt.model_directory import Weights
from tfopt.wavernn.backends.protocol import Conditioning
from tfopt.wavernn.config import WavernnConfig

# The residual network over a window: its outputs for the frames from the first number given up to the second,
# [batch, frames, aux_parts * aux_channels].
MelResnet = Callable[[Window, int, int], Array]


class UpsamplingNetwork:
    """The stages for mel bands and the residual network for aux.

    It reads spectrograms with `pad` frames of zeros before and after them; frames are counted with those,
    samples are not.

    Attributes:
        pad: Frames of zeros.
        hop_length: Samples for each frame.
        look_ahead: Frames behind a frame that its samples depend on.
    """

    def __init__(self, config: WavernnConfig, weights: Weights, mel_resnet: MelResnet) -> None:
        """Makes the network; `mel_resnet` is the residual network as the backend runs it."""
        self.pad, self.hop_length = config.pad, config.hop_length
        self._config = config
        self._mel_resnet = mel_resnet
        self._stages = Upsampling(weights, config.upsample_factors, config.mel_channels)
        several = len(config.upsample_factors) + 1  # more frames than the stages look ahead
        behind = several * config.hop_length - self._stages.ready(several)
        self.look_ahead = max(config.pad, -(-behind // config.hop_length))

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
        aux = self._mel_resnet(window, first, (start + count - 1) // self.hop_length + 1)
        expect_bounded("mel", mels, aux)
        return Conditioning(mels, aux, start % self.hop_length)
