"""Models and files for the tests of `tfopt vocode`, and what is expected of them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from tfopt import audio_files, model_directory, wavenet, wavernn
from tfopt.cli import cli
from tfopt.features import MelSettings, mel_spectrogram

RATE, HOP, BANDS = 22_050, 50, 4
FEATURES = MelSettings(
    fft_size=256, window_length=200, hop_length=HOP, bands=BANDS, min_level_db=-100.0
)
WAVERNN = wavernn.WavernnConfig(
    sample_rate=RATE,
    mel_channels=BANDS,
    upsample_factors=(5, 10),
    pad=1,
    resnet_channels=6,
    resnet_blocks=1,
    aux_channels=2,
    rnn_channels=8,
    fc_channels=8,
    output="categorical",
    bits=6,
    features=FEATURES,
)
WAVENET = wavenet.WavenetConfig(
    sample_rate=RATE,
    residual_channels=4,
    gate_channels=4,
    skip_channels=4,
    end_channels=4,
    dilations=(1, 2, 4),
    input="one_hot",
    output="categorical",
    classes=32,
    biases=("conv",),
    local_channels=BANDS,
    upsample_factors=(5, 10),
    features=FEATURES,
)
REPORT = re.compile(
    r"(?P<audio>[\d.]+) s of audio, computed in [\d.]+ s \(real-time factor [\d.e+-]+\); "
    r"the first of it came after \d+ ms\n$"
)


def write_model(directory: Path, config: Any, weights: model_directory.Weights) -> None:
    kind = "wavernn" if isinstance(config, wavernn.WavernnConfig) else "wavenet"
    model_directory.write(
        directory, kind=kind, config=config.to_dict(), weights=weights, card="# a test\n"
    )


def write_files(directory: Path) -> Path:
    """Models, and files good and bad."""
    plain = replace(WAVENET, local_channels=0, upsample_factors=(), features=None)
    speakers = replace(WAVENET, global_classes=3, global_channels=2)
    write_model(directory / "wavernn", WAVERNN, wavernn.random_weights(WAVERNN, seed=1))
    write_model(directory / "wavenet", WAVENET, wavenet.random_weights(WAVENET, seed=1))
    write_model(directory / "plain", plain, wavenet.random_weights(plain, seed=1))
    write_model(directory / "speakers", speakers, wavenet.random_weights(speakers, seed=1))
    deaf = replace(WAVERNN, features=None)
    write_model(directory / "deaf", deaf, wavernn.random_weights(deaf, seed=1))
    random = np.random.default_rng(0)
    for name, frames in (("a", 9), ("b", 23), ("c", 1), ("d", 16), ("e", 9)):
        np.save(directory / f"{name}.npy", random.uniform(size=(frames, BANDS)).astype(np.float32))
    np.save(directory / "double.npy", np.load(directory / "a.npy").astype(np.float64))
    np.save(directory / "bands.npy", np.load(directory / "a.npy").T)
    np.save(directory / "square.npy", np.zeros([BANDS, BANDS]))
    np.save(directory / "nan.npy", np.full([9, BANDS], np.nan))
    np.save(directory / "huge.npy", np.full([11, BANDS], 3e38, np.float32))
    np.save(directory / "wide.npy", np.zeros([9, 80]))
    np.save(directory / "objects.npy", np.full([9, BANDS], None), allow_pickle=True)
    np.savez(directory / "several.npz", np.zeros([9, BANDS]))
    np.save(directory / "none.npy", np.zeros([0, BANDS]))
    (directory / "short.npy").write_bytes((directory / "a.npy").read_bytes()[:-1])
    tone = 0.3 * np.sin(np.arange(800) / 5)
    soundfile.write(directory / "tone.wav", tone, RATE)
    soundfile.write(directory / "silence.wav", np.zeros(500), RATE)
    soundfile.write(directory / "stereo.flac", np.stack([tone, tone / 2], axis=1), RATE)
    soundfile.write(directory / "slow.wav", tone, 8000)
    soundfile.write(directory / "empty.wav", np.zeros(0), RATE)
    (directory / "cut.wav").write_bytes((directory / "tone.wav").read_bytes()[:-100])
    (directory / "text.txt").write_text("no audio")
    (directory / "nothing").write_bytes(b"")
    (directory / "other").mkdir()
    np.save(directory / "other" / "a.npy", np.zeros([2, BANDS]))
    return directory


def run(folder: Path, model: str, *words: str, data: bytes | None = None) -> Result:
    """Runs the command; names of files that are there stand for those of the folder."""
    given = [str(folder / word) if word and (folder / word).exists() else word for word in words]
    return CliRunner().invoke(cli, ["vocode", "--model", str(folder / model), *given], input=data)


def expected(folder: Path, model: str, mel: Any, **arguments: Any) -> Any:
    """What the model says when it is asked in Python."""
    net: Any = (wavernn if model in ("wavernn", "deaf") else wavenet).load(folder / model)
    return net.generate(mel, **arguments)[0]


def features_of(path: Path) -> Any:
    with path.open("rb") as file:
        return mel_spectrogram(audio_files.read(file, RATE), FEATURES, RATE)


def read(source: Any) -> Any:
    audio, rate = soundfile.read(source, dtype="float32")
    assert rate == RATE
    return audio
