"""`tfopt evaluate` of WaveNets and WaveRNNs: what it writes, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result
from evaluation_files import Silent, write_g2p
from vocode_files import FEATURES, RATE, WAVENET, WAVERNN, features_of, write_files, write_model

from tfopt import audio_files, wavenet, wavernn
from tfopt.cli import cli
from tfopt.evaluation import (
    recordings,
    results,
    spectral_distance,
    subjects,
    teacher_forcing,
    vocoders,
)
from tfopt.evaluation.recordings import Recording
from tfopt.features import mel_spectrogram
from tfopt.quantization import quantize

PACKAGES: dict[str, Any] = {"wavernn": wavernn, "wavenet": wavenet}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models, files, and a folder `recordings` with two that are right: one of another rate and in stereo."""
    made = write_files(tmp_path_factory.mktemp("evaluate"))
    thin = {name: tensor.copy() for name, tensor in wavernn.random_weights(WAVERNN, 1).items()}
    for tensor in thin.values():
        if tensor.ndim > 1:
            tensor[..., ::2] = 0
    write_model(made / "thin", WAVERNN, thin)
    write_g2p(made / "words")
    heard = made / "recordings"
    heard.mkdir()
    noise = np.random.default_rng(0).normal(size=(1500, 2)).clip(-3, 3) / 4
    soundfile.write(heard / "a.wav", noise[:, 0], RATE)
    soundfile.write(heard / "b.flac", noise[:1000], 16_000)
    (heard / "b.txt").write_text("a text beside it")
    (made / "silent").mkdir()
    (made / "silent" / "a.txt").write_text("no audio")
    return made


def evaluated(folder: Path, names: list[str], data: str, *types: str, **plan: Any) -> Any:
    found = subjects.read([folder / name for name in names])
    reporter = Silent()
    files = recordings.find(folder / data)
    made = vocoders.evaluate(found, files, types, vocoders.Plan(**plan), reporter)
    assert reporter.announced == reporter.done > 0
    return made


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["evaluate", *words])


@pytest.fixture(scope="module")
def written(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one call, without their endings."""
    out = tmp_path_factory.mktemp("results") / "made"
    models = [str(folder / name) for name in ("wavernn", "thin", "wavenet")]
    types = ("--compute-type", "float32", "--compute-type", "int8")
    options = ("--out", str(out), "--rounds", "4", "--seed", "7")
    result = run(*models, str(folder / "recordings"), *types, *options)
    assert result.exit_code == 0, result.output
    assert f"Wrote {out}.json, {out}.md, {out}.png." in result.output
    assert "On 2 recordings, 0.1 s." in result.output
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "made.json",
        "made.md",
        "made.png",
    ]
    return out


def test_the_file(written: Path) -> None:
    made = json.loads(written.with_suffix(".json").read_text())
    assert made["schema"] == results.SCHEMA
    assert made["settings"]["seed"] == 7
    assert made["machine"]["cpu"]["model"]
    evaluation = results.parse(made, "made.json")
    assert [(row.model, row.compute_type) for row in evaluation.rows] == [
        (model, compute_type)
        for model in ("wavernn", "thin", "wavenet")
        for compute_type in ("float32", "int8")
    ]
    for row in evaluation.rows:
        assert set(row.qualities) == {
            "nats_per_sample",
            "log_spectral_distance_db",
            "mel_distance_db",
        }
        assert len(row.speeds["samples_per_s"]) == 4  # rounds of two recordings
        assert row.sample_rate == RATE
    exact, int8 = evaluation.rows[:2]
    assert int8.memory_bytes < exact.memory_bytes < exact.file_bytes
    assert exact.density == 1
    assert evaluation.rows[2].density == pytest.approx(0.5, abs=0.05)
    assert written.with_suffix(".md").read_text().count("\n| ") == 2 + 6
    assert written.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
@pytest.mark.parametrize("compute_type", ["float32", "int8"])
def test_the_figures(folder: Path, written: Path, model: str, compute_type: str) -> None:
    """All samples of all recordings count alike, and all their frames; the audio is that of the seed."""
    made = json.loads(written.with_suffix(".json").read_text())
    row = next(
        row
        for row in results.parse(made, "").rows
        if (row.model, row.compute_type) == (model, compute_type)
    )
    net = PACKAGES[model].load(folder / model, compute_type=compute_type)
    losses, distances, missed = [], [], []
    for name in ("a.wav", "b.flac"):
        path = folder / "recordings" / name
        with path.open("rb") as file:
            audio = audio_files.read(file, RATE)
        mel = features_of(path)
        losses.append(teacher_forcing.losses(net, Recording(np.clip(audio, -1, 1), mel)))
        said = net.generate(mel, seed=7)[0][: len(audio)]
        distances.append(spectral_distance.frame_distances(said, np.clip(audio, -1, 1), RATE))
        missed.append(100 * np.abs(mel_spectrogram(said, FEATURES, RATE) - mel))  # to -100 dB
    assert row.qualities == {
        "nats_per_sample": pytest.approx(np.concatenate(losses).mean(), rel=1e-6),
        "log_spectral_distance_db": pytest.approx(np.concatenate(distances).mean(), rel=1e-6),
        "mel_distance_db": pytest.approx(np.concatenate(missed).mean(), rel=1e-5),
    }


def test_all_types_of_a_model(folder: Path) -> None:
    """Without calibrated scales that is all but int8_static; a file may be given for a folder."""
    made = evaluated(folder, ["wavernn"], "tone.wav", seconds=0.01, rounds=1)
    types = [row.compute_type for row in made.rows]
    assert types == ["float32", "bfloat16", "int16", "int8"]
    assert made.data == "1 recording, 0.0 s"
    sizes = [row.memory_bytes for row in made.rows]
    assert sizes[0] > sizes[1] >= sizes[3]


def test_a_calibrated_model(folder: Path, tmp_path: Path) -> None:
    """It has int8_static too, and auto goes by the losses that it holds."""
    quantize(folder / "wavernn", [folder / "recordings"], tmp_path / "calibrated")
    found = subjects.read([tmp_path / "calibrated"])
    types = found[0].types([], "native")
    assert types == ["float32", "bfloat16", "int16", "int8", "int8_static"]
    files = recordings.find(folder / "recordings")
    plan = vocoders.Plan(rounds=1)
    made = vocoders.evaluate(found, files, ["int8_static", "auto"], plan, Silent())
    static, auto = made.rows
    assert auto.computed_in in types
    assert static.computed_in == "int8_static"
    assert static.qualities["nats_per_sample"] > 0


def test_auto_says_what_it_means(folder: Path) -> None:
    (row,) = evaluated(folder, ["wavenet"], "tone.wav", "auto", rounds=1).rows
    assert (row.compute_type, row.computed_in) == ("auto", "float32")


def test_only_so_many_seconds(folder: Path) -> None:
    made = evaluated(folder, ["wavernn"], "recordings", "float32", seconds=0.02, rounds=1)
    assert made.data == "2 recordings, 0.0 s"
    assert len(made.rows[0].speeds["samples_per_s"]) == 2


def test_a_wavenet_without_frames(folder: Path) -> None:
    """Its audio has nothing to do with the recording's: no distance."""
    (row,) = evaluated(folder, ["plain"], "tone.wav", "float32", rounds=2).rows
    assert set(row.qualities) == {"nats_per_sample"}
    assert 0 < row.qualities["nats_per_sample"] < 10


def test_speakers(folder: Path) -> None:
    first, second = (
        evaluated(folder, ["speakers"], "tone.wav", "float32", rounds=1, speaker=speaker).rows[0]
        for speaker in (0, 2)
    )
    assert first.qualities != second.qualities


def test_a_mixture(folder: Path, tmp_path: Path) -> None:
    mixture = replace(WAVERNN, output="logistic_mixture", bits=0, mixtures=2, features=FEATURES)
    gaussian = replace(WAVENET, input="scalar", output="gaussian", classes=0)
    write_model(tmp_path / "mixture", mixture, wavernn.random_weights(mixture, seed=2))
    write_model(tmp_path / "gaussian", gaussian, wavenet.random_weights(gaussian, seed=2))
    found = subjects.read([tmp_path / "mixture", tmp_path / "gaussian"])
    plan = vocoders.Plan(rounds=1)
    made = vocoders.evaluate(found, [folder / "tone.wav"], ["float32"], plan, Silent())
    assert all(np.isfinite(row.qualities["nats_per_sample"]) for row in made.rows)


@pytest.mark.parametrize(
    ("names", "data", "plan", "message"),
    [
        (
            ["wavernn"],
            "missing",
            {},
            "missing: expected an audio file or a folder of them: No such",
        ),
        (["wavernn"], "silent", {}, "silent: expected a folder with audio files, found none in it"),
        (["wavernn"], "text.txt", {}, "text.txt: cannot read it as audio"),
        (["wavernn"], "empty.wav", {}, "empty.wav: expected audio, got no samples"),
        (["deaf"], "tone.wav", {}, "deaf: features: expected a config that says how frames are"),
        (
            ["wavenet", "wavenet"],
            "tone.wav",
            {},
            "expected different names, got two called 'wavenet'",
        ),
        (["wavenet", "words"], "tone.wav", {}, "expected models for the same data, got wavenet, a"),
        (
            ["wavernn"],
            "tone.wav",
            {"speaker": 1},
            "speaker: expected None, since wavernn, a WaveRNN",
        ),
        (["speakers"], "tone.wav", {}, "speaker: expected a number below 3"),
        (["speakers"], "tone.wav", {"speaker": 3}, "speaker: expected numbers from 0 to 2"),
    ],
)
def test_what_is_refused(
    folder: Path, names: list[str], data: str, plan: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        evaluated(folder, names, data, "float32", **plan)


@pytest.mark.parametrize(
    ("types", "plan", "message"),
    [
        (
            ("int8_static",),
            {},
            "wavernn: compute_type: expected a model with calibrated input scales",
        ),
        (
            ("int8",),
            {"backend": "graph"},
            "wavernn: compute_type: expected 'float32' on the backend",
        ),
    ],
)
def test_types_that_a_model_has_not(
    folder: Path, types: tuple[str, ...], plan: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        evaluated(folder, ["wavernn"], "tone.wav", *types, **plan)


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--help"], 0, "DATA is, for WaveNets and WaveRNNs, an audio file or a folder of"),
        (["tone.wav"], 2, "Missing argument 'MODEL...'"),
        (["missing", "tone.wav"], 1, "is not a model directory"),
        (["other", "tone.wav"], 1, "is not a model directory"),
        (["wavernn", "tone.wav", "--compute-type", "int4"], 2, "'int4' is not one of"),
        (["wavernn", "tone.wav", "--seconds", "0"], 2, "Invalid value for '--seconds'"),
        (
            ["wavernn", "tone.wav", "--seconds", "inf"],
            1,
            "seconds: expected a number above 0, got inf",
        ),
        (
            ["wavernn", "tone.wav", "--seconds", "nan"],
            1,
            "seconds: expected a number above 0, got nan",
        ),
        (
            ["wavernn", "tone.wav", "--threads", "2"],
            2,
            "--threads: expected none with models of audio",
        ),
        (["wavernn", "tone.wav", "--out", "a.png"], 2, "Invalid value for '--out'"),
        (["wavernn", "tone.wav", "--out", "/dev/null/a"], 2, "Invalid value for '--out'"),
        (["wavernn", "missing.wav"], 1, "missing.wav: expected an audio file or a folder"),
        (
            ["wavernn", "tone.wav", "--compute-type", "int8_static"],
            1,
            "with calibrated input scales",
        ),
        (["words", "missing.dict"], 1, "missing.dict: cannot read it: No such file"),
        (["words", "tone.wav"], 1, "expected UTF-8 text in CMUdict's format"),
        (["words", "tone.wav", "--seconds", "1"], 2, "--seconds: expected none with g2p models"),
        (["words", "tone.wav", "--speaker", "1"], 2, "--speaker: expected none with g2p models"),
    ],
)
def test_wrong_calls(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], status: int, message: str
) -> None:
    """Before anything is measured."""
    monkeypatch.chdir(folder)
    known = ("missing", "other", "wavernn", "words")
    result = run(*(f"./{word}" if word in known else word for word in words))
    assert result.exit_code == status, result.output
    assert message in " ".join(result.output.split())
