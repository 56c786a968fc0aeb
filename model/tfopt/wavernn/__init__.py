"""WaveRNN: raw audio of mel spectrograms, one sample at a time.

`tfopt.wavernn.reference` runs models in NumPy, slowly.
"""

from __future__ import annotations

from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.random_weights import random_weights

__all__ = ["WavernnConfig", "random_weights"]
