"""Small residual networks over mel frames for the tests of the ops, and what they compute, in NumPy.

Needs NumPy alone, as `ops_models` does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ops_models import Doubles, Floats, normal


@dataclass(frozen=True, kw_only=True)
class MelResnet:
    """The settings of `ops.mel_resnet_pack`, of sizes that no kernel likes."""

    mel: int = 3
    pad: int = 2
    channels: int = 7
    blocks: int = 2
    outputs: int = 5
    seed: int = 1

    @property
    def config(self) -> list[int]:
        return [self.mel, self.pad, self.channels, self.blocks, self.outputs]

    def weights(self) -> list[Floats]:
        random = np.random.default_rng(self.seed)
        kernels: list[tuple[int, ...]] = [(2 * self.pad + 1, self.mel, self.channels)]
        kernels += [(self.channels, self.channels)] * 2 * self.blocks
        kernels += [(self.channels, self.outputs)]
        weights = []
        for shape in kernels:
            weights += [
                normal(random, *shape, scale=1 / np.sqrt(np.prod(shape[:-1]))),
                normal(random, shape[-1], scale=0.3),
            ]
        return weights

    def frames(self, batch: int, count: int, seed: int = 2) -> Floats:
        """What `count` frames are computed from."""
        return normal(np.random.default_rng(seed), batch, count + 2 * self.pad, self.mel)

    def compute(self, frames: Floats) -> Doubles:
        weights = iter([w.astype(np.float64) for w in self.weights()])
        convolution, bias = next(weights), next(weights)
        count = frames.shape[1] - 2 * self.pad
        taps = [frames[:, k : k + count] @ tap for k, tap in enumerate(convolution)]
        x = np.maximum(np.sum(taps, axis=0) + bias, 0)
        for _ in range(self.blocks):
            inner = np.maximum(x @ next(weights) + next(weights), 0)
            x = x + inner @ next(weights) + next(weights)
        return np.asarray(x @ next(weights) + next(weights))


MEL_RESNETS = {
    "plain": MelResnet(),
    "one of everything": MelResnet(mel=1, pad=1, channels=1, blocks=1, outputs=1),
    "no pad": MelResnet(pad=0, channels=16),
    "no blocks": MelResnet(blocks=0, outputs=33),
    "wide": MelResnet(mel=80, channels=130, blocks=3, outputs=64),
}
