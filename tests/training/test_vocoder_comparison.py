"""Copy-synthesis beside the recording and Griffin-Lim."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tfopt import wavenet
from tfopt.evaluation import mel_distance
from tfopt.features import mel_spectrogram
from training.vocoders import comparison, griffin_lim, presets
from training.vocoders.comparison import recording

RATE = presets.SAMPLE_RATE
LIBRARY = "Griffin-Lim is librosa's: pip install 'tfopt[training]'"


def sound(seconds: float = 0.6) -> NDArray[np.float32]:
    time = np.arange(round(RATE * seconds)) / RATE
    tone = sum(np.sin(2 * np.pi * 200 * k * time) / k for k in range(1, 10))
    noise = np.random.default_rng(0).normal(0, 0.01, len(time))
    return (0.1 * tone * (np.sin(20 * time) > 0) + noise).astype(np.float32)


@pytest.mark.parametrize("settings", [{}, {"log": "ln"}, {"log": "db", "spectrum": "power"}])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_griffin_lim_has_the_frames_that_were_asked_for(settings: dict[str, Any]) -> None:
    pytest.importorskip("librosa", reason=LIBRARY)
    features = replace(presets.FEATURES, **settings)
    mel = mel_spectrogram(sound(), features, RATE)
    audio = griffin_lim.audio_of(mel, features, RATE, len(sound()))
    assert audio.shape == sound().shape
    assert mel_distance.frame_distances(audio, mel, features, RATE).mean() < 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_table() -> None:
    pytest.importorskip("librosa", reason=LIBRARY)
    config = replace(
        presets.WAVENET, residual_channels=4, gate_channels=4, skip_channels=4, dilations=(1, 2)
    )
    net = wavenet.Wavenet(config, wavenet.random_weights(config, 0), "native")
    heard = []
    table = comparison.compare(
        [recording(sound()), recording(sound(0.55))],
        {"mine": net},
        lambda name, number, audio: heard.append((name, number, len(audio))),
    )
    names = ["recording", "recording, 9 bits", "Griffin-Lim", "mine"]
    lengths = [round(0.6 * RATE), round(0.55 * RATE)]
    assert heard == [(name, i, lengths[i]) for name in names for i in range(2)]
    distances = [table[name]["log_spectral_distance_db"] for name in names]
    assert distances[0] == 0
    assert sorted(distances) == distances
    assert table["recording"]["pesq"] > 4.5
    assert set(table["mine"]) - set(table["recording"]) == {"nats_per_sample"}
    lines = comparison.markdown(table, "two").splitlines()
    assert lines[0].startswith("| two | negative log-likelihood")
    assert [line.split("|")[1].strip() for line in lines[2:]] == names
    assert lines[2].split("|")[2].strip() == ""
