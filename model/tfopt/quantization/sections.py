"""Recordings cut into sections: most for calibration, and the last fifth to measure losses on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfopt.evaluation import recordings
from tfopt.evaluation.recordings import Recording
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavernn.config import WavernnConfig

# Each is teacher-forced from silence: so long that this does not count, and so short that the outputs of all
# its samples fit into memory.
_SECONDS = 2.0
_FIFTHS = 5


def read(
    data: Sequence[Path], config: WavenetConfig | WavernnConfig, seconds: float
) -> tuple[list[Recording], list[Recording]]:
    """Reads recordings, as much of the beginning of each as makes `seconds` of all, or `_SECONDS` if more.

    Args:
        data: Audio files, and folders of them.
        config: The model's.
        seconds: To read in all.

    Returns:
        What to calibrate on, and what to measure losses on.

    Raises:
        ValueError: A file cannot be read, the config does not say how frames are computed of audio, or there
            is not enough audio for both.
        ImportError: As of `recordings.read_all`.
    """
    paths = [path for given in data for path in recordings.find(given)]
    each = max(seconds / len(paths), _SECONDS)
    wanted = round(seconds * config.sample_rate)
    found: list[Recording] = []
    while paths and wanted > 0:
        found += recordings.read_all([paths.pop(0)], config, min(each, wanted / config.sample_rate))
        wanted -= len(found[-1].audio)
    cut = _cut(found, config)
    held_out = -(-len(cut) // _FIFTHS)
    if held_out == len(cut):
        raise ValueError(
            f"{data[0]}: expected at least {2 * config.hop_length} samples of audio, to calibrate on "
            "some and measure losses on others"
        )
    return cut[:-held_out], cut[-held_out:]


def _cut(found: Sequence[Recording], config: WavenetConfig | WavernnConfig) -> list[Recording]:
    """Sections that begin with a frame, at least five if there are as many frames."""
    total = sum(len(one.audio) for one in found)
    most = min(round(_SECONDS * config.sample_rate), total // _FIFTHS)
    frames = max(most // config.hop_length, 1)
    return [section for one in found for section in _sections(one, frames, config.hop_length)]


def _sections(recording: Recording, frames: int, hop: int) -> list[Recording]:
    audio, mel = recording.audio, recording.mel
    return [
        Recording(
            audio[start * hop : (start + frames) * hop],
            None if mel is None else mel[start : start + frames],
        )
        for start in range(0, -(-len(audio) // hop), frames)
    ]
