"""`tfopt vocode`: what it writes for spectrograms and audio, and one clear line on bad input."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models, and files good and bad."""
    made = tmp_path_factory.mktemp("vocode")
    plain = replace(WAVENET, local_channels=0, upsample_factors=(), features=None)
    speakers = replace(WAVENET, global_classes=3, global_channels=2)
    write_model(made / "wavernn", WAVERNN, wavernn.random_weights(WAVERNN, seed=1))
    write_model(made / "wavenet", WAVENET, wavenet.random_weights(WAVENET, seed=1))
    write_model(made / "plain", plain, wavenet.random_weights(plain, seed=1))
    write_model(made / "speakers", speakers, wavenet.random_weights(speakers, seed=1))
    deaf = replace(WAVERNN, features=None)
    write_model(made / "deaf", deaf, wavernn.random_weights(deaf, seed=1))
    random = np.random.default_rng(0)
    for name, frames in (("a", 9), ("b", 23), ("c", 1), ("d", 16), ("e", 9)):
        np.save(made / f"{name}.npy", random.uniform(size=(frames, BANDS)).astype(np.float32))
    np.save(made / "double.npy", np.load(made / "a.npy").astype(np.float64))
    np.save(made / "bands.npy", np.load(made / "a.npy").T)
    np.save(made / "square.npy", np.zeros([BANDS, BANDS]))
    np.save(made / "nan.npy", np.full([9, BANDS], np.nan))
    np.save(made / "huge.npy", np.full([11, BANDS], 3e38, np.float32))
    np.save(made / "wide.npy", np.zeros([9, 80]))
    np.save(made / "objects.npy", np.full([9, BANDS], None), allow_pickle=True)
    np.savez(made / "several.npz", np.zeros([9, BANDS]))
    np.save(made / "none.npy", np.zeros([0, BANDS]))
    (made / "short.npy").write_bytes((made / "a.npy").read_bytes()[:-1])
    tone = 0.3 * np.sin(np.arange(800) / 5)
    soundfile.write(made / "tone.wav", tone, RATE)
    soundfile.write(made / "silence.wav", np.zeros(500), RATE)
    soundfile.write(made / "stereo.flac", np.stack([tone, tone / 2], axis=1), RATE)
    soundfile.write(made / "slow.wav", tone, 8000)
    soundfile.write(made / "empty.wav", np.zeros(0), RATE)
    (made / "cut.wav").write_bytes((made / "tone.wav").read_bytes()[:-100])
    (made / "text.txt").write_text("no audio")
    (made / "nothing").write_bytes(b"")
    (made / "other").mkdir()
    np.save(made / "other" / "a.npy", np.zeros([2, BANDS]))
    return made


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


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
def test_a_spectrogram(folder: Path, tmp_path: Path, model: str) -> None:
    mel = np.load(folder / "b.npy")
    options = ("--seed", "3", "--temperature", "0.9", "--subtype", "float")
    out = tmp_path / "a.wav"
    result = run(folder, model, "b.npy", "--out", str(out), *options)
    assert result.exit_code == 0, result.output
    report = REPORT.match(result.stderr)
    assert report, result.stderr
    assert float(report["audio"]) == pytest.approx(23 * HOP / RATE, abs=0.005)
    wanted = expected(folder, model, mel, seed=3, temperature=0.9)
    assert len(wanted) == 23 * HOP
    np.testing.assert_array_equal(read(out), wanted)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("backend", ["graph", "fused"])
def test_another_backend(folder: Path, tmp_path: Path, backend: str) -> None:
    out = tmp_path / "a.wav"
    options = ("--backend", backend, "--temperature", "0", "--subtype", "float")
    assert run(folder, "wavenet", "a.npy", "--out", str(out), *options).exit_code == 0
    wanted = expected(folder, "wavenet", np.load(folder / "a.npy"), temperature=0)
    np.testing.assert_array_equal(read(out), wanted)


@pytest.mark.parametrize("name", ["double.npy", "bands.npy"])
def test_other_layouts_and_types(folder: Path, tmp_path: Path, name: str) -> None:
    for file in ("a.npy", name):
        out = str(tmp_path / file)
        assert run(folder, "wavernn", file, "--out", out, "--format", "wav").exit_code == 0
    assert (tmp_path / name).read_bytes() == (tmp_path / "a.npy").read_bytes()
    out = str(tmp_path / "square.wav")
    result = run(folder, "wavernn", "square.npy", "--layout", "bands-first", "--out", out)
    assert result.exit_code == 0


@pytest.mark.parametrize("name", ["tone.wav", "silence.wav", "stereo.flac", "slow.wav"])
def test_audio(folder: Path, tmp_path: Path, name: str) -> None:
    """Its features are computed as the config says: one channel, at the model's rate."""
    out = tmp_path / "a.flac"
    result = run(folder, "wavernn", name, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert soundfile.info(out).format == "FLAC"
    mel = features_of(folder / name)
    seconds = soundfile.info(folder / name).duration
    assert len(mel) * HOP == pytest.approx(seconds * RATE, abs=HOP + 1)
    wanted = expected(folder, "wavernn", mel)
    np.testing.assert_allclose(read(out), wanted, rtol=0, atol=2**-14)


@pytest.mark.parametrize("form", ["wav", "raw"])
def test_standard_streams(folder: Path, tmp_path: Path, form: str) -> None:
    for name in ("b.npy", "tone.wav"):
        data = (folder / name).read_bytes()
        result = run(folder, "wavernn", "-", "--out", "-", "--format", form, data=data)
        assert result.exit_code == 0, result.output
        assert REPORT.match(result.stderr)
        file = tmp_path / f"{name}.{form}"
        assert run(folder, "wavernn", name, "--out", str(file)).exit_code == 0
        if form == "raw":
            assert result.stdout_bytes == file.read_bytes()
        else:
            assert result.stdout_bytes[40:44] == b"\xff" * 4
            np.testing.assert_array_equal(read(io.BytesIO(result.stdout_bytes)), read(file))


def test_pipes_of_the_shell(folder: Path, tmp_path: Path) -> None:
    """Real pipes: neither end can seek, and a reader that goes away ends the command."""
    command = [sys.executable, "-m", "tfopt", "vocode", "--model", str(folder / "wavernn")]
    with subprocess.Popen(["cat", folder / "b.npy"], stdout=subprocess.PIPE) as cat:
        done = subprocess.run(
            [*command, "/dev/stdin", "--out", "-"],
            stdin=cat.stdout,
            capture_output=True,
            check=True,
        )
    assert len(read(io.BytesIO(done.stdout))) == 23 * HOP
    np.save(tmp_path / "long.npy", np.zeros([3000, BANDS]))
    with subprocess.Popen(
        [*command, str(tmp_path / "long.npy"), "--out", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(4) == b"RIFF"
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait(timeout=120) != 0


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
@pytest.mark.parametrize("threads", [(), ("--threads", "2")])
def test_many_files(folder: Path, tmp_path: Path, model: str, threads: tuple[str, ...]) -> None:
    """Each has the samples that it has alone, whatever it is made with."""
    names = ["a.npy", "b.npy", "c.npy", "d.npy", "e.npy", "tone.wav"]
    result = run(folder, model, *names, "--out", str(tmp_path), "--subtype", "float", *threads)
    assert result.exit_code == 0, result.output
    assert REPORT.match(result.stderr)
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"{n.split('.')[0]}.wav" for n in names]
    for name in names:
        path = folder / name
        mel = np.load(path) if name.endswith("npy") else features_of(path)
        wanted = expected(folder, model, mel, streams=[0])
        np.testing.assert_array_equal(read(tmp_path / path.with_suffix(".wav").name), wanted, name)


def test_the_others_go_on(folder: Path, tmp_path: Path) -> None:
    bad = ["nan.npy", "cut.wav", "missing.npy", "wide.npy"]
    names = [bad[0], "a.npy", *bad[1:], "tone.wav"]
    (tmp_path / "nan.wav").write_text("kept")
    (tmp_path / "a.wav").write_text("replaced")
    result = run(folder, "wavernn", *names, "--out", str(tmp_path))
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 6
    for line, name in zip(lines, bad, strict=False):
        assert line.startswith("Error: ")
        assert f"{name}: " in line
    assert lines[-1] == "4 of 6 failed"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.wav", "nan.wav", "tone.wav"]
    assert (tmp_path / "nan.wav").read_text() == "kept"
    assert len(read(tmp_path / "a.wav")) == 9 * HOP


@pytest.mark.parametrize("model", ["wavernn", "wavenet"])
@pytest.mark.parametrize("options", [(), ("--threads", "2"), ("--backend", "graph")])
def test_the_others_go_on_where_none_can_be_made(
    folder: Path, tmp_path: Path, model: str, options: tuple[str, ...]
) -> None:
    """A spectrogram that is read well and fails behind that, in the midst of a batch or beside others."""
    names = ["a.npy", "b.npy", "huge.npy", "c.npy", "d.npy"]
    (tmp_path / "huge.wav").write_text("kept")
    arguments = ("--out", str(tmp_path), "--subtype", "float", *options)
    result = run(folder, model, *names, *arguments)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 3, result.stderr
    assert re.match(r"Error: \S*huge\.npy: .*expected .*, got ", lines[0])
    assert "{{" not in lines[0]
    assert REPORT.match(f"{lines[1]}\n")
    assert lines[2] == "1 of 5 failed"
    assert (tmp_path / "huge.wav").read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == 5
    for name in ("a", "b", "c", "d"):
        wanted = expected(folder, model, np.load(folder / f"{name}.npy"))
        np.testing.assert_array_equal(read(tmp_path / f"{name}.wav"), wanted, name)


@pytest.mark.parametrize("fold", [(), ("--fold", "300", "100")])
def test_a_single_one_that_cannot_be_made(
    folder: Path, tmp_path: Path, fold: tuple[str, ...]
) -> None:
    out = tmp_path / "a.wav"
    out.write_text("kept")
    result = run(folder, "wavernn", "huge.npy", "--out", str(out), *fold)
    assert result.exit_code == 1
    assert re.fullmatch(r"Error: \S*huge\.npy: mel: expected .*, got .*\n", result.stderr)
    assert out.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [out]


def test_folding(folder: Path, tmp_path: Path) -> None:
    fold = ("--fold", "300", "100", "--subtype", "float")
    for names in (["b.npy"], ["b.npy", "d.npy"]):
        out = tmp_path if len(names) > 1 else tmp_path / "b.wav"
        result = run(folder, "wavernn", *names, "--out", str(out), *fold)
        assert result.exit_code == 0, result.output
        for name in names:
            mel = np.load(folder / name)
            wanted = expected(folder, "wavernn", mel, fold=(300, 100))
            np.testing.assert_array_equal(read(tmp_path / f"{name[0]}.wav"), wanted)
    whole = expected(folder, "wavernn", np.load(folder / "b.npy"))
    assert not np.array_equal(read(tmp_path / "b.wav"), whole)


def test_a_speaker(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    options = ("--speaker", "2", "--subtype", "float", "--out", str(out))
    assert run(folder, "speakers", "a.npy", *options).exit_code == 0
    wanted = expected(folder, "speakers", np.load(folder / "a.npy"), speaker=2)
    np.testing.assert_array_equal(read(out), wanted)


@pytest.mark.parametrize(
    ("model", "words", "status", "message"),
    [
        ("wavernn", [], 2, "Missing argument 'INPUT...'"),
        ("wavernn", ["missing.npy"], 1, "missing.npy: cannot read it: No such file or directory"),
        ("wavernn", ["other"], 1, "other: cannot read it: Is a directory"),
        ("wavernn", ["text.txt"], 1, "text.txt: cannot read it as audio"),
        ("wavernn", ["nothing"], 1, "nothing: cannot read it as audio"),
        ("wavernn", ["empty.wav"], 1, "empty.wav: expected audio, got no samples"),
        ("wavernn", ["cut.wav"], 1, "cut.wav: it is cut off: 100 bytes of its samples are missing"),
        ("wavernn", ["short.npy"], 1, "short.npy: cannot read it as a .npy file"),
        ("wavernn", ["nan.npy"], 1, "nan.npy: expected finite float32 values, got NaN"),
        ("wavernn", ["wide.npy"], 1, "wide.npy: expected a mel spectrogram [frames, 4] or [4, fr"),
        ("wavernn", ["several.npz"], 1, "several.npz: expected a .npy file or audio, got a .zip"),
        ("wavernn", [""], 2, "INPUT: expected a name, got ''"),
        ("wavernn", ["none.npy"], 1, "none.npy: expected at least one frame, got [0, 4]"),
        ("wavernn", ["objects.npy"], 1, "objects.npy: cannot read it as a .npy file: Object arr"),
        ("wavernn", ["square.npy"], 1, "square.npy: [4, 4] may be [frames, 4] or [4, frames]"),
        ("wavernn", ["a.npy", "--layout", "bands-first"], 1, "a.npy: expected a mel spectrogram ["),
        ("deaf", ["tone.wav"], 1, "tone.wav: expected a mel spectrogram as .npy file, since the"),
        ("plain", ["a.npy"], 1, "model: expected a WaveNet with local conditioning, got one with"),
        ("nowhere", ["a.npy"], 1, "is not a model directory"),
        ("speakers", ["a.npy"], 1, "speaker: expected a number below 3"),
        (
            "wavenet",
            ["a.npy", "--fold", "300", "9"],
            1,
            "fold: expected None, since only a WaveRNN",
        ),
        ("wavernn", ["a.npy", "--fold", "9", "300"], 1, "fold: "),
        ("wavernn", ["a.npy", "--fold", "0", "9"], 2, "'--fold': 0 is not in the range"),
        ("wavernn", ["a.npy", "--speaker", "1"], 1, "speaker: expected None, since a WaveRNN has"),
        ("wavernn", ["a.npy", "--seed", str(2**64)], 1, "seed: expected an integer from 0"),
        ("wavernn", ["a.npy", "--temperature", "nan"], 1, "temperature: expected a number >= 0"),
        ("wavernn", ["a.npy", "--backend", "fast"], 2, "'fast' is not one of"),
        ("wavernn", ["a.npy", "--format", "mp3"], 2, "'mp3' is not one of"),
        (
            "wavernn",
            ["a.npy", "--format", "flac"],
            2,
            "--format flac: expected --out to say so too",
        ),
        ("wavernn", ["a.npy", "--threads", "4097"], 1, "threads: expected at most 4096, got 4097"),
        ("wavernn", ["a.npy", "--threads", "0"], 2, "'--threads': 0 is not in the range"),
        ("wavernn", ["a.npy", "b.npy"], 2, "--out: expected a folder that exists, as there are 2"),
        ("wavernn", ["-", "-"], 2, "INPUT: expected - at most once"),
    ],
)
def test_bad_input(
    folder: Path, tmp_path: Path, model: str, words: list[str], status: int, message: str
) -> None:
    out = tmp_path / "a.wav"
    out.write_text("kept")
    backend = () if "--backend" in words else ("--backend", "graph")
    result = run(folder, model, *words, "--out", str(out), *backend)
    assert result.exit_code == status, result.output
    assert message in result.stderr
    assert status == 2 or len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert out.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [out]


def test_outputs_that_cannot_be(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "tone.wav"
    copy.write_bytes((folder / "tone.wav").read_bytes())
    for words, message in (
        (["a.npy", "other/a.npy", "--out", str(tmp_path)], "expected inputs with different names"),
        ([str(copy), "--out", str(copy)], "expected another file than the input"),
        ([str(copy), "a.npy", "--out", str(tmp_path)], "expected another file than the input"),
        (["-", "a.npy", "--out", str(tmp_path)], "since standard input has no name"),
        (["a.npy", "--out", str(tmp_path / "none" / "a.wav")], "in a folder that exists"),
        (["a.npy", "b.npy", "--out", "-"], "expected a folder that exists, as there are 2 inputs"),
        (["a.npy", "--out", ""], "--out: expected a name, got ''"),
        (["a.npy", "b.npy", "--out", ""], "--out: expected a name, got ''"),
        (
            ["a.npy", "--out", str(tmp_path / "a.mp3")],
            "--out: expected an ending of .wav, .flac, .raw, or --format, got",
        ),
        (["a.npy", "--out", "-", "--format", "flac"], "format flac: expected a regular file, got"),
        (
            ["a.npy", "--out", str(tmp_path / "a.flac"), "--subtype", "float"],
            "format flac: expected subtype pcm16 or pcm24, got float",
        ),
    ):
        result = run(folder, "wavernn", *words)
        assert (result.exit_code, result.stdout) == (2, ""), result.output
        assert message in " ".join(result.stderr.split())
    assert list(tmp_path.iterdir()) == [copy]
    assert copy.read_bytes() == (folder / "tone.wav").read_bytes()


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("speakers", (), "speaker: expected a number below 3, or one for each stream, got None"),
        ("speakers", ("--speaker", "3"), "speaker: expected numbers from 0 to 2, got 3"),
        ("wavernn", ("--fold", "9", "300"), "fold: "),
        ("wavenet", ("--threads", "4097"), "threads: expected at most 4096, got 4097"),
    ],
)
def test_what_suits_no_file_is_said_once(
    folder: Path, tmp_path: Path, model: str, options: tuple[str, ...], message: str
) -> None:
    result = run(folder, model, "a.npy", "b.npy", "--out", str(tmp_path), *options)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {message}")
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_generate_points_here(folder: Path, tmp_path: Path) -> None:
    words = ["generate", "--model", str(folder / "wavernn"), "--out", str(tmp_path / "a.wav")]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: --model: expected a WaveNet, got a WaveRNN; tfopt vocode makes audio with that\n"
    )
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be_written_to(folder: Path) -> None:
    """Nobody may put a file into /proc; root finds out when it tries."""
    result = run(folder, "wavernn", "a.npy", "--out", "/proc/a.wav", "--backend", "graph")
    if os.access("/proc", os.W_OK):
        assert result.exit_code == 1
        assert re.search(r"Error: .*a\.npy: \[Errno \d+\] .*/proc/", result.stderr)
    else:
        assert result.exit_code == 2
        assert "--out: expected a folder that can be written to, got /proc" in result.stderr


def test_a_full_disk(folder: Path) -> None:
    result = run(folder, "wavernn", "a.npy", "--out", "/dev/full", "--backend", "graph")
    assert result.exit_code == 1
    assert "a.npy: [Errno 28] No space left on device" in result.stderr
