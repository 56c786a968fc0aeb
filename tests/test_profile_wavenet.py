"""`tfopt profile` with real WaveNets: the ladder, and what else is asked of one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fake_surroundings import MACHINE, SOFTWARE
from test_profile_samples import CONFIG, MIXTURE

from tfopt import models
from tfopt.cli import cli
from tfopt.profiler import random_models, results, surroundings

DESCRIBED = {"tfopt": {"version": "0"}, "machine": MACHINE, "software": SOFTWARE}
FILES = {"x.json", "x.png"}


def call(folder: Path, *arguments: str | Path) -> Result:
    always = ("--quick", "--threads", "1", "--samples", "16", "--out", str(folder), "--name", "x")
    return CliRunner().invoke(cli, ["profile", *map(str, arguments), *always])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config.json of a tiny WaveNet."""
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({"kind": "wavenet", **CONFIG.to_dict()}))
    return path


def read(folder: Path) -> dict[str, Any]:
    assert {path.name for path in folder.iterdir()} == FILES
    assert (folder / "x.png").read_bytes().startswith(b"\x89PNG")
    content: dict[str, Any] = json.loads((folder / "x.json").read_text())
    return content


def test_ladders(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two models in one run: classes; a conditioned mixture of logistics with speakers."""
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    folder = tmp_path / "out"
    mixture = random_models.write(tmp_path / "mixture", MIXTURE)
    given = ("--model", mixture, "--config", config)
    result = call(folder, *given, "--backend", "native", "--backend", "graph")
    assert result.exit_code == 0, result.output
    content, profile = read(folder), results.read(folder / "x.json")
    units = {name: model.unit for name, model in profile.models.items()}
    assert units == {"mixture": "sample", "tiny": "sample"}
    for name in ("mixture", "tiny"):
        model = profile.models[name]
        assert [backend for backend, _ in model.measured] == ["graph", "native"]
        assert model.sample_rate == 8000
        assert model.cost is not None
        for rung in content["models"][name]["backends"].values():
            assert rung["check"]["distinct_items"] >= 6  # greedy, drawn, alone, four together
            assert rung["check"]["outputs_compared"] > 50
            assert max(rung["check"]["near_ties"].values(), default=0) < 1e-4
    assert "real time" in result.output
    assert result.output.count("Bound:") == 2
    assert str(tmp_path) not in json.dumps(content)


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        (["--sweep", "layers", "--points", "2", "--backend", "native"], "tfopt-sweep"),
        (["--modules"], "tfopt-modules"),
    ],
)
def test_questions(
    tmp_path: Path,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    schema: str,
) -> None:
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    folder = tmp_path / "out"
    result = call(folder, *arguments, "--config", config)
    assert result.exit_code == 0, result.output
    content = read(folder)
    assert content["schema"] == schema
    assert content["model"]["name"] == "tiny"
    assert str(tmp_path) not in json.dumps(content)


def test_a_stream_with_conditioning_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    directory = random_models.write(tmp_path / "mixture", MIXTURE)
    folder = tmp_path / "out"
    result = call(folder, "--sweep", "memory", "--points", "0.02", "--model", directory)
    assert result.exit_code == 0, result.output
    content = read(folder)
    assert content["schema"] == "tfopt-memory"
    assert sum(look["samples"] for look in content["looks"]) >= 0.02 * 60 * 8000


WRONG_USE = [
    (["--wavenet", "huge"], "'huge' is not one of 'default', 'small'"),
    (["--sweep", "luck"], "'luck' is not one of 'layers', 'threads', 'batch', 'length', 'memory'"),
    (["--sweep", "batch", "--modules"], "one of --sweep, --modules, --realtime or --hoisting"),
    (["--points", "1"], "--points: expected --sweep with it"),
    (["--sweep", "batch", "--points", "1,many"], "expected numbers such as 2,4,8"),
    (["--config", "/nowhere.json"], "Invalid value for '--config': /nowhere.json: cannot read it"),
    (["--modules", "--wavenet", "small", "--wavenet", "default"], "expected one model with"),
]
FAILURES = [
    (["--sweep", "batch", "--points", "0.5"], "points: expected whole numbers above 0"),
    (["--sweep", "memory", "--points", "0"], "points: expected minutes above 0"),
    (["--modules", "--model", "g2p"], "kind: expected 'wavenet' or 'wavernn', got 'g2p'"),
    (["--hoisting", "--model", "g2p"], "kind: expected 'wavernn', got 'g2p'"),
    (["--sweep", "layers", "--model", "g2p"], "kind: expected 'wavenet', got 'g2p'"),
    (["--realtime", "--model", "g2p"], "kind: expected 'wavenet', got 'g2p'"),
]


@pytest.mark.parametrize(
    ("arguments", "problem", "status"),
    [(*case, 2) for case in WRONG_USE] + [(*case, 1) for case in FAILURES],
)
@pytest.mark.usefixtures("no_measuring")
def test_bad_input(tmp_path: Path, arguments: list[str], problem: str, status: int) -> None:
    g2p = models.find(models.names()[0])
    arguments = [str(g2p) + "/" if word == "g2p" else word for word in arguments]
    result = call(tmp_path / "out", *arguments)
    assert result.exit_code == status, result.output
    assert problem in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_two_configs_of_one_name(tmp_path: Path, config: Path) -> None:
    other = tmp_path / "other" / "tiny.json"
    other.parent.mkdir()
    other.write_text(json.dumps(replace(CONFIG, classes=32).to_dict()))
    result = call(tmp_path / "out", "--config", config, "--config", other)
    assert result.exit_code == 2
    assert "expected different names, got two called 'tiny'" in result.output
