"""What teacher forcing has to know of the samples that are to follow."""

from __future__ import annotations

from tfopt.wavernn.backends.protocol import Array, Classes
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.samples import feedback


def coarse(config: WavernnConfig, fed: Array, targets: Classes | None) -> Array:
    """Of a split output each target's coarse class as it is fed, [batch, time, 1]; else [batch, time, 0]."""
    return fed[..., :0] if targets is None else feedback(config, targets)[..., :1]
