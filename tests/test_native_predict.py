"""`tfopt-native predict` against `tfopt predict`: the same words, and the same phonemes."""

from __future__ import annotations

import random
import subprocess
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import random_weights, tiny_config, write_model
from native_program import PROGRAM, expect_program, peak_memory, rejected, run

import tfopt
from tfopt.cli import cli
from tfopt.g2p.text import split
from tfopt.pack import pack
from tfopt.profiler import words as word_lists

expect_program()

MODELS = ("g2p_en-1.0.1", "g2p_en-2.1.0")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the published models, packed, and a small one of each architecture."""
    directory = tmp_path_factory.mktemp("native")
    for name in MODELS:
        pack(name, directory / f"{name}.tfopt")
    for architecture in ("gru", "attention_gru"):
        config = tiny_config(architecture, max_graphemes=7)
        write_model(directory / architecture, config, random_weights(config))
        pack(directory / architecture, directory / f"{architecture}.tfopt")
    return directory


def expected(model: str | Path, *arguments: str) -> str:
    """What `tfopt predict` prints."""
    result = CliRunner().invoke(cli, ["predict", "--model", str(model), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", MODELS)
def test_2048_words(folder: Path, tmp_path: Path, name: str) -> None:
    words = word_lists.builtin().words
    assert len(words) == 2048
    text = "".join(f"{word}\n" for word in words)
    (tmp_path / "words.txt").write_text(text)
    printed = run("predict", folder / f"{name}.tfopt", text=text).stdout.decode()
    assert printed == expected(name, "--file", str(tmp_path / "words.txt"))
    assert (
        printed
        == run("predict", folder / f"{name}.tfopt", "--threads", 2, text=text).stdout.decode()
    )
    assert printed == run("predict", folder / f"{name}.tfopt", *words).stdout.decode()


TEXTS = (
    "Hello, world! I don't have 250 well-known friends.",
    "'Tis the café\u0301 ROCK\u2019N\u2019ROLL naïve Ångström İstanbul ß ﬁsh ａｂｃ",
    "abcdefgabcdefg a bad cab, faced a dead egg; BEEF cafe!",
    "12 ½ ² Ⅷ ١٢٣ snake_case a\u00adb a\u200db \u0301a ... \u00a0 \U0001f600 \u1112\u1161\u11ab 日本語",
    "\ufeffbom \u2028line\u2029end\u0085next a\tb\rc\x00d",
)


@pytest.mark.parametrize("model", ["gru", "attention_gru", *MODELS])
def test_texts(folder: Path, model: str) -> None:
    directory = model if model in MODELS else folder / model
    for text in TEXTS:
        wanted = expected(directory, "--", text)
        assert run("predict", folder / f"{model}.tfopt", text=text).stdout.decode() == wanted
        assert run("predict", folder / f"{model}.tfopt", "-", text=text).stdout.decode() == wanted
        if "\0" not in text:
            assert run("predict", folder / f"{model}.tfopt", "--", text).stdout.decode() == wanted


def words_found(folder: Path, text: str) -> list[str]:
    printed = run("predict", folder / "gru.tfopt", text=text).stdout.decode()
    return [line.split("\t")[0] for line in printed.split("\n")[:-1]]


def test_every_code_point(folder: Path) -> None:
    """Which are part of a word, and what each composes with; but for those that one side does not know."""
    surrogates, later = range(0xD800, 0xE000), range(0x2EBF0, 0x2EE5E)  # Unicode 15.1
    known = [
        chr(code)
        for code in range(0x110000)
        if code not in surrogates and code not in later and unicodedata.category(chr(code)) != "Cn"
    ]
    assert len(known) > 140_000
    for pattern in ("1{}2\n", "1{}\u0301\n", "e{}\u0323\n", "\u1100{}\u11a8 "):
        text = "".join(pattern.format(character) for character in known)
        assert words_found(folder, text) == split(text)


def test_random_marks(folder: Path) -> None:
    """Long runs of letters, accents and Hangul, which are put in order and composed."""
    marks = [chr(code) for code in range(0x300, 0x370)]
    others = [*"aeo'’ \n-", "\u1100", "\u1161", "\u11a8", "\u0958", "\U0001d15e", "ệ", "\u05b8"]
    draw = random.Random(1)  # noqa: S311
    text = "".join(draw.choice(draw.choice((marks, others))) for _ in range(50_000))
    assert words_found(folder, text) == split(text)


def test_lines_are_answered_as_they_come(folder: Path) -> None:
    with subprocess.Popen(
        [PROGRAM, "predict", folder / "gru.tfopt"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for line in ("bad\n", "cab egg\n"):
            program.stdin.write(line.encode())
            program.stdin.flush()
            for word in line.split():
                assert program.stdout.readline().startswith(f"{word}\t".encode())
        rest, _ = program.communicate(b"the end")
    assert [line.split(b"\t")[0] for line in rest.splitlines()] == [b"the", b"end"]
    assert program.returncode == 0


def test_a_line_as_long_as_a_book(folder: Path) -> None:
    text = "bad cab\u0301 'egg' " * 20_000
    assert words_found(folder, text) == split(text)


def test_memory_stays_flat(folder: Path, tmp_path: Path) -> None:
    peaks = []
    for lines in (20_000, 400_000):
        (tmp_path / "text").write_text("bad egg 12\n" * lines)
        peaks.append(peak_memory("predict", folder / "gru.tfopt", source=tmp_path / "text"))
    assert peaks[1] < peaks[0] + 2**20, peaks


def test_nothing(folder: Path) -> None:
    for text in ("", "\n", " -- "):
        assert run("predict", folder / "gru.tfopt", text=text).stdout == b""


def test_the_model_may_come_through_a_pipe(folder: Path) -> None:
    packed = folder / "gru.tfopt"
    piped = run("predict", "/dev/stdin", "bad", text=packed.read_bytes())
    assert piped.stdout == run("predict", packed, "bad").stdout


def test_standard_input_is_one_thing(folder: Path) -> None:
    """The model or text, and text or none."""
    packed = folder / "gru.tfopt"
    for model in ("-", "/dev/stdin"):
        assert run("predict", model, "bad", text=packed.read_bytes()).stdout
        for words in ((), ("-",)):
            message = rejected("predict", model, *words, text=packed.read_bytes())
            assert "WORD: expected words, since standard input is the model, got none" in message
    message = rejected("predict", packed, "-", "bad", text="egg")
    assert "WORD: expected words, or - alone for standard input, got both" in message


def test_what_is_not_utf8(folder: Path) -> None:
    message = rejected("predict", folder / "gru.tfopt", text=b"bad\negg \xff\n")
    assert "standard input, behind byte 0: expected UTF-8, got byte 255 behind byte 8" in message
    done = subprocess.run(
        [PROGRAM.encode(), b"predict", bytes(folder / "gru.tfopt"), b"\xff"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"WORD: expected UTF-8, got byte 255" in done.stderr


def test_what_cannot_be_written(folder: Path) -> None:
    """Is no fault of the words."""
    for words in ("bad", "-"):
        with open("/dev/full", "wb") as full:  # noqa: PTH123
            done = subprocess.run(
                [PROGRAM, "predict", folder / "gru.tfopt", words],
                input=b"bad\n",
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr.startswith(b"tfopt-native: standard output: cannot write it: No space")


def test_a_word_without_end(folder: Path) -> None:
    message = rejected("predict", folder / "gru.tfopt", text="a" * 2**21)
    assert "expected words of at most 1048576 bytes" in message


def test_another_kind_of_model(tmp_path: Path) -> None:
    from wavenet_models import write

    pack(write(tmp_path / "plain", "plain"), tmp_path / "a.tfopt")
    message = rejected("predict", tmp_path / "a.tfopt", "word")
    assert "expected a packed g2p, got a wavenet" in message


def test_version() -> None:
    assert run("--version").stdout.decode() == f"tfopt-native {tfopt.__version__}\n"
