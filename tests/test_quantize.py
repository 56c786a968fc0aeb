"""`tfopt quantize`: small models on synthetic recordings and words, from the command to the loaded model."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result
from conftest import random_weights as g2p_weights
from conftest import tiny_config
from conftest import write_model as write_g2p
from vocode_files import BANDS, FEATURES, HOP, RATE, WAVENET, WAVERNN, write_model

from tfopt import g2p, model_directory, mu_law, wavenet, wavernn
from tfopt.cli import cli
from tfopt.features import mel_spectrogram
from tfopt.likelihood import negative_log_likelihood
from tfopt.quantization import quantize
from tfopt.quantization_settings import TYPES
from tfopt.wavernn import samples

PLAIN = replace(WAVENET, local_channels=0, upsample_factors=(), features=None)
SPEAKERS = replace(PLAIN, global_classes=3, global_channels=2)
DEAF = replace(WAVENET, features=None)
SPLIT = replace(WAVERNN, output="split", bits=9)
MIXTURE = replace(WAVERNN, output="logistic_mixture", bits=0, mixtures=2)
MODELS = {
    "plain": PLAIN,
    "speakers": SPEAKERS,
    "wavenet": WAVENET,
    "deaf": DEAF,
    "split": SPLIT,
    "mixture": MIXTURE,
}
SAMPLES = (
    12 * HOP + 25
)  # 13 frames, of which the last 3, a fifth of the samples, are for the losses
HELD_OUT = slice(10 * HOP, SAMPLES)
WORDS = ["abba", "bacab", "cab", "a", "bb", "cc", "abc", "cba", "acbab", "baca"]


def recording(seed: int = 0) -> Any:
    random = np.random.default_rng(seed)
    tone = 0.5 * np.sin(np.arange(SAMPLES) / 7) + 0.05 * random.normal(size=SAMPLES)
    return np.clip(tone, -1, 1).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models, recordings and words."""
    folder = tmp_path_factory.mktemp("quantize")
    for name, config in MODELS.items():
        kind: Any = wavernn if isinstance(config, wavernn.WavernnConfig) else wavenet
        write_model(folder / name, config, kind.random_weights(config, seed=1))
    for architecture in ("gru", "attention_gru"):
        config = tiny_config(architecture)
        write_g2p(folder / architecture, config, g2p_weights(config))
    (folder / "recordings").mkdir()
    path = folder / "recordings" / "speech.wav"
    soundfile.write(path, recording(), RATE, "FLOAT")
    np.save(path.with_suffix(".npy"), mel_spectrogram(recording(), FEATURES, RATE))
    (folder / "words.txt").write_text("\n".join([*WORDS, "", WORDS[0], "?"]) + "\n")
    return folder


def run(folder: Path, model: str, data: str, out: Path, *options: str) -> Result:
    words = ["quantize", str(folder / model), "--calibrate", str(folder / data), "--out", str(out)]
    return CliRunner().invoke(cli, [*words, *options])


def load(model: Path, compute_type: str) -> Any:
    kind = model_directory.read_settings(model)["kind"]
    package: Any = {"wavenet": wavenet, "wavernn": wavernn, "g2p": g2p}[kind]
    return package.load(model, compute_type=compute_type)


def quantization(model: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((model / "config.json").read_text())["quantization"]
    return settings


def nats(net: Any, speaker: int | None) -> float:
    """The mean negative log-likelihood of a sample of what is held out, after silence."""
    config, audio = net.config, recording()[HELD_OUT]
    mel = mel_spectrogram(recording(), FEATURES, RATE)[10:13]
    if isinstance(config, wavenet.WavenetConfig):
        targets: Any = mu_law.encode(audio, config.classes)
        fed: Any = np.append(mu_law.encode([0.0], config.classes), targets[:-1])
        logits = net.logits(fed, mel if config.local_channels else None, speaker)
    else:
        targets = audio
        if config.classes:
            targets = np.rint((audio + 1) / 2 * (config.classes - 1)).astype(np.int32)
        fed = samples.feedback(config, targets)[:-1]
        split = targets if config.output == "split" else None
        logits = net.logits([np.concatenate([np.zeros_like(fed[:1]), fed])], mel, split)
    return float(negative_log_likelihood(config, logits, targets[np.newaxis]).mean())


@pytest.mark.parametrize("name", ["speakers", "wavenet", "split", "mixture"])
def test_a_vocoder(folder: Path, tmp_path: Path, name: str) -> None:
    """The model is the same one, and the losses are what its types lose on the last fifth."""
    out = tmp_path / "out"
    options = ("--speaker", "2") if name == "speakers" else ()
    result = run(folder, name, "recordings", out, *options)
    assert result.exit_code == 0, result.output
    assert list(tmp_path.iterdir()) == [out]
    given, made = (model_directory.read_settings(path) for path in (folder / name, out))
    assert {**given, "quantization": made["quantization"]} == made
    for file in ("model.safetensors", "README.md"):
        assert (out / file).read_bytes() == (folder / name / file).read_bytes()
    stored = quantization(out)
    assert stored["unit"] == "nats per sample"
    assert stored["observer"] == "mse"
    assert any(stored["input_scales"])
    speaker = 2 if name == "speakers" else None
    exact = nats(load(out, "float32"), speaker)
    assert list(stored["losses"]) == list(TYPES)
    for compute_type, loss in stored["losses"].items():
        expected = nats(load(out, compute_type), speaker) - exact
        assert loss == pytest.approx(expected, abs=1e-9), compute_type
        assert f"{compute_type} " in result.stdout
        assert f"{loss:+.5f}" in result.stdout


@pytest.mark.parametrize("architecture", ["gru", "attention_gru"])
def test_words(folder: Path, tmp_path: Path, architecture: str) -> None:
    """A loss is the part of every fifth word that is said otherwise."""
    out = tmp_path / "out"
    result = run(folder, architecture, "words.txt", out, "--observer", "min-max")
    assert result.exit_code == 0, result.output
    assert "calibrated on 8 words, losses of 2 others" in result.stdout
    stored = quantization(out)
    assert stored["unit"] == "words"
    assert all(scale > 0 for scale in stored["input_scales"])
    exact = load(out, "float32").predict(WORDS[4::5])
    for compute_type in TYPES:
        said = load(out, compute_type).predict(WORDS[4::5])
        changed = sum(one != other for one, other in zip(said, exact, strict=True))
        assert stored["losses"][compute_type] == changed / 2


def scales(folder: Path, tmp_path: Path, model: str, *options: str) -> Any:
    out = tmp_path / "-".join([model, *options])
    result = run(folder, model, "recordings", out, *options)
    assert result.exit_code == 0, result.output
    return np.array(quantization(out)["input_scales"])


def test_observers(folder: Path, tmp_path: Path) -> None:
    """None cuts off less than min-max, and a percentile less than a lower one."""
    largest = scales(folder, tmp_path, "plain", "--observer", "min-max")
    high = scales(folder, tmp_path, "plain", "--observer", "percentile")
    low = scales(folder, tmp_path, "plain", "--observer", "percentile", "--percentile", "90")
    least = scales(folder, tmp_path, "plain", "--observer", "mse")
    assert (low <= high).all()
    assert (high <= largest).all()
    assert (least <= largest).all()
    assert (low < 0.99 * largest)[largest > 0].any()


def test_a_file_that_is_given_twice(folder: Path, tmp_path: Path) -> None:
    """It counts once: what losses are measured on is not calibrated on too."""
    speech = folder / "recordings" / "speech.wav"
    quantize(folder / "split", [speech], tmp_path / "once")
    again: list[Any] = [
        str(speech),
        folder / "recordings",
        folder / "recordings" / ".." / "recordings" / "speech.wav",
    ]
    quantize(folder / "split", again, str(tmp_path / "thrice"))
    assert quantization(tmp_path / "once") == quantization(tmp_path / "thrice")


def test_too_little_data_is_said(folder: Path, tmp_path: Path) -> None:
    """The losses are stored all the same."""
    result = run(folder, "split", "recordings", tmp_path / "out")
    assert result.exit_code == 0
    assert "Warning: that is too little data for the losses to mean much" in result.stderr


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": "speech.wav"}, "data: expected a list of paths, got 'speech.wav'"),
        ({"data": []}, "data: expected at least one file"),
        ({"seconds": "1"}, "seconds: expected a number above 0, got '1'"),
    ],
)
def test_wrong_arguments(
    folder: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    arguments = {"data": [folder / "recordings"], "out": tmp_path / "out", **changes}
    with pytest.raises(ValueError, match=re.escape(message)):
        quantize(folder / "split", **arguments)
    assert not list(tmp_path.iterdir())


def test_what_is_held_out_changes_no_scale(folder: Path, tmp_path: Path) -> None:
    """Nor is the data behind --seconds looked at."""
    outs = []
    for number, change in enumerate((slice(0, 0), HELD_OUT)):
        audio = recording()
        audio[change] = recording(seed=1)[change] / 2
        path, out = tmp_path / f"{number}.wav", tmp_path / str(number)
        soundfile.write(path, np.concatenate([audio, recording(seed=number)]), RATE, "FLOAT")
        quantize(folder / "plain", [path], out, seconds=SAMPLES / RATE)
        outs.append(quantization(out))
    assert outs[0]["input_scales"] == outs[1]["input_scales"]
    assert outs[0]["losses"] != outs[1]["losses"]


def test_frames_beside_the_audio_are_those_of_the_config(folder: Path, tmp_path: Path) -> None:
    computed, beside = (scales(folder, tmp_path, name) for name in ("wavenet", "deaf"))
    np.testing.assert_array_equal(computed, beside)


def test_progress_tells_of_all_the_work(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    data = [folder / "recordings"]
    out = tmp_path / "out"
    quantize(folder / "plain", data, out, progress=lambda *both: told.append(both))
    done = [each for each, _ in told]
    held_out = -(-SAMPLES // 5)
    total = SAMPLES - held_out + 5 * held_out
    assert {each for _, each in told} == {total}
    assert done == sorted(done)
    assert done[-1] == total


def test_a_model_without_a_card(folder: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(folder / "plain", model)
    (model / "README.md").unlink()
    assert run(tmp_path, "model", str(folder / "recordings"), tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "README.md").read_text() == "# model\n"


def test_a_card_is_read_before_anything_is_measured(folder: Path, tmp_path: Path) -> None:
    model, told = tmp_path / "model", []
    shutil.copytree(folder / "plain", model)
    (model / "README.md").write_bytes(b"\xff")
    data = [folder / "recordings"]
    with pytest.raises(ValueError, match=r"model/README\.md: cannot read it: 'utf-8' codec"):
        quantize(model, data, tmp_path / "out", progress=lambda *both: told.append(both))
    assert not told
    assert list(tmp_path.iterdir()) == [model]


def test_again_in_place(folder: Path, tmp_path: Path) -> None:
    """A model that was quantized before gets new scales."""
    out = tmp_path / "out"
    assert run(folder, "plain", "recordings", out, "--observer", "min-max").exit_code == 0
    before = quantization(out)
    result = run(tmp_path, "out", str(folder / "recordings"), out, "--force")
    assert result.exit_code == 0, result.output
    after = quantization(out)
    assert after["observer"] == "mse"
    assert after["input_scales"] != before["input_scales"]
    assert after["losses"]["int8"] == before["losses"]["int8"]
    assert list(tmp_path.iterdir()) == [out]


ERRORS = {
    "no model": ("none", "recordings", (), "model: .*none' is not a model directory"),
    "no data": ("plain", "missing", (), "missing: expected an audio file or a folder of them"),
    "no audio": ("plain", "words.txt", (), "words.txt: cannot read it as audio"),
    "empty folder": ("plain", "plain", (), "plain: expected a folder with audio files"),
    "seconds": ("split", "recordings", ("--seconds", "0.002"), "expected at least 51 samples"),
    "no speaker": ("speakers", "recordings", (), "speaker: expected a number below 3"),
    "speaker": ("plain", "recordings", ("--speaker", "0"), "speaker: expected None"),
    "wavernn's speaker": ("split", "recordings", ("--speaker", "0"), "speaker: expected None"),
    "audio for words": ("gru", "recordings/speech.wav", (), "speech.wav: expected UTF-8"),
    "folder for words": ("gru", "recordings", (), "recordings: cannot read it: Is a directory"),
    "few words": ("gru", "few.txt", (), "few.txt: expected at least 5 words .*, got 4"),
    "lines of words": ("gru", "lines.txt", (), "lines.txt, line 2: expected one word, got 'a b'"),
    "no frames": ("deaf", "alone", (), "deaf: features: expected a config that says how"),
    "percentile": ("plain", "recordings", ("--percentile", "0"), "percentile"),
    "percentile of another": (
        "plain",
        "recordings",
        ("--percentile", "99"),
        "--percentile: expected none with --observer mse",
    ),
    "observer": ("plain", "recordings", ("--observer", "median"), "observer"),
    "kind": ("other", "recordings", (), "config.json: kind: expected .*g2p.*, got 'other'"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(folder: Path, tmp_path: Path, name: str) -> None:
    model, data, options, message = ERRORS[name]
    (folder / "few.txt").write_text("abba\n?\na\nb\na\nab\n")
    (folder / "lines.txt").write_text("abba\na b\n")
    for other in ("alone", "other"):
        (folder / other).mkdir(exist_ok=True)
    (folder / "other" / "config.json").write_text('{"kind": "other"}')
    soundfile.write(folder / "alone" / "speech.wav", recording(), RATE)
    result = run(folder, model, data, tmp_path / "out", *options)
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert re.search(message, result.output), result.output
    assert not list(tmp_path.iterdir())


def test_nothing_is_replaced_unasked(folder: Path, tmp_path: Path) -> None:
    result = run(folder, "plain", "recordings", tmp_path)
    assert result.exit_code == 1
    assert "already exists; replace it with --force" in result.output
    (tmp_path / "letter.txt").write_text("precious")
    result = run(folder, "plain", "recordings", tmp_path, "--force")
    assert "expected a directory with config.json to replace" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_bands_are_the_models(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "data" / "speech.wav"
    path.parent.mkdir()
    soundfile.write(path, recording(), RATE)
    np.save(path.with_suffix(".npy"), np.zeros([13, BANDS + 1]))
    result = run(folder, "deaf", str(path), tmp_path / "out")
    assert "speech.npy: expected a mel spectrogram [frames, 4]" in result.output
