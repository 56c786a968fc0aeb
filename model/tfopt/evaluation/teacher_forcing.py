"""How well a vocoder predicts a recording: each sample given all true samples before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfopt import mu_law
from tfopt.evaluation.recordings import Array, Recording
from tfopt.likelihood import negative_log_likelihood
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn import samples
from tfopt.wavernn.config import WavernnConfig

if TYPE_CHECKING:
    from tfopt.wavenet.model import Wavenet
    from tfopt.wavernn.model import Wavernn


def targets(config: WavenetConfig | WavernnConfig, audio: Array) -> NDArray[Any]:
    """The samples of audio as the model draws them: the nearest class of each amplitude, or the amplitude.

    Args:
        config: The model's.
        audio: Amplitudes in [-1, 1], any shape.

    Returns:
        Integers or floats of that shape.
    """
    if not config.classes:
        return audio
    if isinstance(config, WavenetConfig) or config.mu_law:
        return mu_law.encode(audio, config.classes)
    return np.rint((audio.astype(np.float64) + 1) / 2 * (config.classes - 1)).astype(np.int32)


def losses(
    net: Wavenet | Wavernn, recording: Recording, speaker: int | None = None
) -> NDArray[np.float64]:
    """The negative log-likelihood of each sample of a recording, teacher-forced from silence.

    Args:
        net: The model.
        recording: At its rate.
        speaker: The number of a speaker, of a WaveNet with global conditioning.

    Returns:
        float64 [samples], in nats; `tfopt.likelihood` says of what.

    Raises:
        ValueError: The speaker does not suit the model.
    """
    config: WavenetConfig | WavernnConfig = net.config
    following = targets(config, recording.audio)
    if isinstance(config, WavernnConfig):
        fed = samples.feedback(config, following)
        fed = np.concatenate([np.zeros_like(fed[:1]), fed[:-1]])
        split = following[np.newaxis] if config.output == "split" else None
        outputs = net.logits(fed[np.newaxis], recording.mel, split)  # type: ignore[arg-type]
    else:
        silence = targets(config, np.zeros(1, np.float32))
        fed = np.concatenate([silence, following[:-1]])
        outputs = net.logits(fed[np.newaxis], recording.mel, speaker)  # type: ignore[arg-type]
    result: NDArray[np.float64] = negative_log_likelihood(config, outputs, following[np.newaxis])[0]
    return result
