"""What a drawn sample is to the network, which is fed it, and to the listener."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt import mu_law
from tfopt.wavernn.config import WavernnConfig


def feedback(config: WavernnConfig, samples: ArrayLike) -> NDArray[np.float32]:
    """Samples as the network reads them.

    A class k of n becomes 2 k / (n - 1) - 1, whether or not it is mu-law companded; of a split sample the
    coarse and the fine class do so, each for itself. An amplitude stays what it is. Before anything was
    drawn, the network reads zeros.

    Args:
        config: The model.
        samples: Classes, or amplitudes of a mixture of logistics; any shape.

    Returns:
        [..., config.fed_back], in [-1, 1].
    """
    if not config.classes:
        return np.asarray(samples, np.float32)[..., np.newaxis]
    classes = np.asarray(samples, np.int64)
    if config.output != "split":
        return _spread(classes, config.bits)[..., np.newaxis]
    coarse, fine = np.divmod(classes, 1 << config.fine_bits)
    return np.stack([_spread(coarse, config.coarse_bits), _spread(fine, config.fine_bits)], -1)


def audio(config: WavernnConfig, samples: ArrayLike) -> NDArray[np.float32]:
    """The amplitudes in [-1, 1] that samples, given as for `feedback`, stand for; of the same shape."""
    if not config.classes:
        return np.asarray(samples, np.float32)
    classes = np.asarray(samples, np.int64)
    return (
        mu_law.decode(classes, config.classes) if config.mu_law else _spread(classes, config.bits)
    )


def _spread(classes: NDArray[np.int64], bits: int) -> NDArray[np.float32]:
    """Classes at equal distances from -1 to 1."""
    return (2 * classes / ((1 << bits) - 1) - 1).astype(np.float32)
