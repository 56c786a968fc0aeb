"""Paths of commands: an empty one, as of a variable that is not set, is one clear error."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tfopt.cli import COMMANDS, cli
from tfopt.cli.paths import PATH, PATH_OR_STANDARD

EMPTY = [
    ("compare files", ["compare", "", "other.json"]),
    ("convert source", ["convert", "g2p-en", "", "--out", "made"]),
    ("convert --out", ["convert", "g2p-en", "source.whl", "--out", ""]),
    ("convert --config", ["convert", "ibab-wavenet", "source", "--out", "made", "--config", ""]),
    ("evaluate data", ["evaluate", "model", ""]),
    ("evaluate --out", ["evaluate", "model", "data", "--out", ""]),
    ("export --out", ["export", "--out", ""]),
    ("generate --prompt", ["generate", "--model", "a", "--out", "a.wav", "--prompt", ""]),
    ("generate --conditioning", ["generate", "--model", "a", "--conditioning", ""]),
    ("generate --out", ["generate", "--model", "a", "--seconds", "1", "--out", ""]),
    ("inspect-tensorflow wheel", ["inspect-tensorflow", ""]),
    ("inspect-tensorflow --json", ["inspect-tensorflow", "--json", ""]),
    ("pack --out", ["pack", "g2p_en-2.1.0", "--out", ""]),
    ("predict --out", ["predict", "word", "--out", ""]),
    ("profile --config", ["profile", "--config", ""]),
    ("profile --words-file", ["profile", "--words-file", ""]),
    ("profile --out", ["profile", "--out", ""]),
    ("prune --out", ["prune", "model", "--density", "0.5", "--out", ""]),
    ("quantize --calibrate", ["quantize", "model", "--calibrate", "", "--out", "made"]),
    ("quantize --out", ["quantize", "model", "--calibrate", "data", "--out", ""]),
    ("report folder", ["report", ""]),
    ("report --out", ["report", "--out", ""]),
    ("vocode inputs", ["vocode", "--model", "a", "mel.npy", "", "--out", "a.wav"]),
    ("vocode --out", ["vocode", "--model", "a", "mel.npy", "--out", ""]),
]


@pytest.mark.parametrize(("what", "words"), EMPTY, ids=[what for what, _ in EMPTY])
def test_an_empty_path(
    what: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, words)
    assert (result.exit_code, result.stdout) == (2, "")
    line = result.stderr.splitlines()[-1]
    assert re.fullmatch(r"Error: Invalid value for '[^']+': expected a path, got ''", line)
    option = what.split()[1]
    assert f"'{option}'" in line or not option.startswith("-")
    assert not list(tmp_path.iterdir())


def test_every_path_of_every_command_is_tried() -> None:
    commands = {name: cli.get_command(click.Context(cli), name) for name in COMMANDS}
    found = {
        f"{name} {parameter.opts[0]}"
        for name, command in commands.items()
        if command is not None
        for parameter in command.params
        if isinstance(parameter.type, click.Path)
    }
    assert found == {what for what, _ in EMPTY}


@pytest.mark.parametrize("kind", [PATH, PATH_OR_STANDARD], ids=["PATH", "PATH_OR_STANDARD"])
def test_a_path_that_cannot_be_read_is_left_to_the_command(
    kind: click.Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What modes say does not bind root, as whom tests may run.
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.R_OK)
    assert kind.convert(str(tmp_path), None, None) == kind.coerce_path_result(str(tmp_path))
