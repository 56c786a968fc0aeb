"""How well a vocoder predicts audio: the negative log-likelihood of each sample, of teacher-forced outputs.

In nats. Of classes it is that of the class. Of a mixture of logistics it is that of one of `BINS` bins, as
PixelCNN++ and fatchord/WaveRNN train them, so that it can be compared with 16-bit classes. Of a Gaussian it
is a density over amplitudes, which may be above 1, and its logarithm then negative.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfopt.reference_sampling import LEAST_LOG_SCALE
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import LEAST_LOG_SCALE as WAVERNN_LEAST_LOG_SCALE
from tfopt.wavernn.config import WavernnConfig

Array = NDArray[np.float64]

# Amplitudes 2 k / (BINS - 1) - 1 stand in the middle of the bins of a mixture: those of 16-bit audio, since
# no config says how fine the audio was that a mixture was trained on. The outermost bins have no outer edge.
BINS = 1 << 16

_LARGEST_LOG_SCALE = 80.0  # as samples are drawn
# Numbers taken to float64 at once: bounds the memory beside the outputs.
_BLOCK = 1 << 22


def negative_log_likelihood(
    config: WavenetConfig | WavernnConfig, outputs: ArrayLike, targets: ArrayLike
) -> Array:
    """The negative log-likelihood of each sample.

    Args:
        config: Of the model.
        outputs: As `Wavenet.logits` or `Wavernn.logits` returns them, [batch, time, config.outputs]: row t
            is the distribution of `targets[:, t]`.
        targets: What followed, [batch, time]: integer classes, or amplitudes in [-1, 1] where the model has
            no classes. Row t of what was fed is the sample before `targets[:, t]`. The fine logits of a split
            output must be those given these targets.

    Returns:
        float64 [batch, time], in nats.

    Raises:
        ValueError: The shapes do not fit, a target is no class or amplitude, or an output is not finite.
    """
    given = np.asarray(outputs)
    wanted = _targets(config, targets)
    if given.ndim != 3 or given.shape != (*wanted.shape, config.outputs):
        shape = [*wanted.shape, config.outputs] if wanted.ndim == 2 else [config.outputs]
        raise ValueError(f"outputs: expected {shape}, as targets say, got {list(given.shape)}")
    rows, samples = given.reshape(-1, config.outputs), wanted.reshape(-1)
    result = np.empty(len(rows))
    step = max(_BLOCK // config.outputs, 1)
    for start in range(0, len(rows), step):
        block = rows[start : start + step].astype(np.float64)
        if not np.isfinite(block).all():
            raise ValueError("outputs: expected finite numbers, got NaN or infinity")
        result[start : start + step] = _of_rows(config, block, samples[start : start + step])
    return result.reshape(wanted.shape)


def _targets(config: WavenetConfig | WavernnConfig, targets: ArrayLike) -> NDArray[Any]:
    given = np.asarray(targets)
    if given.ndim != 2:
        raise ValueError(f"targets: expected [batch, time], got {list(given.shape)}")
    if config.classes:
        if given.dtype.kind not in "iu":
            raise ValueError(f"targets: expected integers (classes), got {given.dtype}")
        if given.size and not 0 <= given.min() <= given.max() < config.classes:
            expected = f"classes from 0 to {config.classes - 1}"
            raise ValueError(f"targets: expected {expected}, got {given.min()} to {given.max()}")
        return given.astype(np.int64)
    if given.dtype.kind not in "iuf":
        raise ValueError(f"targets: expected amplitudes, got {given.dtype}")
    if not np.all(np.abs(given) <= 1):  # NaN neither
        raise ValueError("targets: expected amplitudes in [-1, 1], got others")
    return given.astype(np.float64)


def _of_rows(config: WavenetConfig | WavernnConfig, rows: Array, samples: NDArray[Any]) -> Array:
    """Of rows of outputs, [samples, outputs]."""
    if config.output == "categorical":
        return _categorical(rows, samples)
    if isinstance(config, WavernnConfig):
        if config.output == "split":
            coarse, fine = np.divmod(samples, 1 << config.fine_bits)
            first = 1 << config.coarse_bits
            return _categorical(rows[:, :first], coarse) + _categorical(rows[:, first:], fine)
        return _logistic_mixture(rows, samples, WAVERNN_LEAST_LOG_SCALE)
    if config.output == "logistic_mixture":
        return _logistic_mixture(rows, samples, LEAST_LOG_SCALE)
    return _gaussian(rows, samples)


def _categorical(logits: Array, classes: NDArray[np.int64]) -> Array:
    chosen = np.take_along_axis(logits, classes[:, np.newaxis], -1)[:, 0]
    return _log_sum_exp(logits) - chosen


def _logistic_mixture(parameters: Array, amplitudes: Array, least_log_scale: float) -> Array:
    logits, means, log_scales = np.split(parameters, 3, -1)  # each [samples, mixtures]
    scales = np.exp(np.clip(log_scales, least_log_scale, _LARGEST_LOG_SCALE))
    numbers = np.rint((amplitudes + 1) / 2 * (BINS - 1))[:, np.newaxis]
    edges = (2 * numbers + [[-1.0, 1.0]]) / (BINS - 1) - 1  # [samples, 2]
    low = (edges[:, :1] - means) / scales
    high = (edges[:, 1:] - means) / scales
    # σ(high) - σ(low) = σ(high) σ(-low) (1 - exp(low - high)), of which nothing cancels.
    width = 2 / (BINS - 1) / scales
    below_high = np.where(numbers == BINS - 1, 0.0, _log_sigmoid(high))
    above_low = np.where(numbers == 0, 0.0, _log_sigmoid(-low))
    outermost = (numbers == 0) | (numbers == BINS - 1)
    between = np.where(outermost, 0.0, np.log(-np.expm1(-width)))
    return _log_sum_exp(logits) - _log_sum_exp(logits + below_high + above_low + between)


def _gaussian(parameters: Array, amplitudes: Array) -> Array:
    log_scales = np.clip(parameters[:, 1], LEAST_LOG_SCALE, _LARGEST_LOG_SCALE)
    z = (amplitudes - parameters[:, 0]) / np.exp(log_scales)
    return z**2 / 2 + log_scales + math.log(2 * math.pi) / 2


def _log_sigmoid(x: Array) -> Array:
    return -np.logaddexp(0, -x)


def _log_sum_exp(values: Array) -> Array:
    """Over the last axis."""
    largest = values.max(-1)
    total = np.exp(values - largest[:, np.newaxis]).sum(-1)
    return np.asarray(largest + np.log(total))
