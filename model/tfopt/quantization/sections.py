"""Recordings cut into sections: four fifths for calibration, and the last to measure losses on."""

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
    data: Sequence[Path], config: WavenetConfig | WavernnConfig, seconds: float, name: str
) -> tuple[list[Recording], list[Recording]]:
    """Reads recordings, as much of the beginning of each as makes `seconds` of all, or `_SECONDS` if more.

    Args:
        data: Audio files, and folders of them.
        config: The model's.
        seconds: To read in all.
        name: The model's, for errors.

    Returns:
        What to calibrate on, and what to measure losses on.

    Raises:
        ValueError: A file cannot be read, the config does not say how frames are computed of audio, or there
            is not enough audio for both.
        ImportError: As of `recordings.read_all`.
    """
    once: dict[Path, Path] = {}  # else what losses are measured on might be calibrated on too
    for path in (path for given in data for path in recordings.find(given)):
        once.setdefault(path.resolve(), path)
    paths = list(once.values())
    each = max(seconds / len(paths), _SECONDS)
    wanted = round(seconds * config.sample_rate)
    found: list[Recording] = []
    while paths and wanted > 0:
        most = min(each, wanted / config.sample_rate)
        found += recordings.read_all([paths.pop(0)], config, most, name)
        wanted -= len(found[-1].audio)
    hop = config.hop_length
    total = sum(_frames(one, hop) for one in found)
    if total < 2:
        raise ValueError(
            f"{data[0]}: expected at least {hop + 1} samples of audio, to calibrate on some and measure "
            f"losses on others, got {sum(len(one.audio) for one in found)}"
        )
    frames = max(round(_SECONDS * config.sample_rate) // hop, 1)
    calibration, held_out = _split(found, total - -(-total // _FIFTHS), hop)
    return _sections(calibration, frames, hop), _sections(held_out, frames, hop)


def _split(
    found: Sequence[Recording], frames: int, hop: int
) -> tuple[list[Recording], list[Recording]]:
    """The first so many frames of all, and the others."""
    before: list[Recording] = []
    behind: list[Recording] = []
    for recording in found:
        length = _frames(recording, hop)
        first = min(frames, length)
        frames -= first
        if first:
            before.append(_part(recording, 0, first, hop))
        if first < length:
            behind.append(_part(recording, first, length, hop))
    return before, behind


def _sections(recordings: Sequence[Recording], frames: int, hop: int) -> list[Recording]:
    """Their sections, of at most so many frames."""
    return [
        _part(recording, start, start + frames, hop)
        for recording in recordings
        for start in range(0, _frames(recording, hop), frames)
    ]


def _part(recording: Recording, start: int, stop: int, hop: int) -> Recording:
    """From one frame to another."""
    mel = None if recording.mel is None else recording.mel[start:stop]
    return Recording(recording.audio[start * hop : stop * hop], mel)


def _frames(recording: Recording, hop: int) -> int:
    """Frames that its samples are in."""
    return -(-len(recording.audio) // hop)
