"""WaveRNNs in the profiler: streams of whole frames, every sample judged, and real ones measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_surroundings import MACHINE, SOFTWARE
from fake_wavernn import FakeWavernn
from test_profile_hoisting import request
from test_profile_modes import Quiet, drawn, no_looking, printed, written
from test_profile_wavenet import call, read
from test_wavernn_cost import MIXTURE, SMALL, SPLIT

from tfopt.profiler import audio, random_models, results, surroundings
from tfopt.profiler.check import CheckReport, OutputDiffersError
from tfopt.profiler.check_samples import SampleChecker
from tfopt.profiler.kinds import Pace
from tfopt.profiler.kinds.wavernn import NAIVE_SAMPLES, WavernnCourse, WavernnJudge, describe
from tfopt.profiler.modes import memory, modules, realtime, rungs, sweep
from tfopt.profiler.plan import Plan
from tfopt.profiler.plots import modules as modules_plot
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.random_weights import random_weights
from tfopt.wavernn.reference import Reference

__all__ = ["drawn", "no_looking"]  # fixtures
DESCRIBED = {"tfopt": {"version": "0"}, "machine": MACHINE, "software": SOFTWARE}
PLAN = Plan(rounds=2, samples=32, takes=2, streams=3, call_cap_s=60.0, fill_s=0.0)
CONFIGS = pytest.mark.parametrize(
    "config", [SMALL, SPLIT, MIXTURE], ids=["categorical", "split", "mixture"]
)


def generated(config: WavernnConfig, item: audio.Stream) -> tuple[SampleChecker, list[float]]:
    """A checker, and what the reference generates."""
    reference = Reference(config, random_weights(config, 1))
    judge = SampleChecker(WavernnJudge(reference))
    return judge, FakeWavernn(reference, "native").run([item])[0].tolist()


@CONFIGS
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_right_samples_pass_and_one_wrong_one_is_found(
    config: WavernnConfig, temperature: float
) -> None:
    item = WavernnCourse(config, PLAN, seed=5).stream(3, temperature, 24)
    judge, right = generated(config, item)
    report = CheckReport()
    judge.check([item], [[right]], report)
    assert (report.compared, len(report.items), report.near_ties) == (24, 1, {})
    wrong = list(right)
    half = config.classes // 2
    wrong[17] = (wrong[17] + half) % config.classes if half else -wrong[17] + 0.1
    with pytest.raises(OutputDiffersError, match="the first is sample 17"):
        judge.check([item], [[wrong]], CheckReport())


def test_a_shorter_stream_is_judged_with_its_own_conditioning() -> None:
    """The last frame of a spectrogram sounds otherwise than the same frame with others behind it."""
    course = WavernnCourse(SMALL, PLAN, seed=5)
    judge, right = generated(SMALL, course.stream(3, 1.0, 24))
    judge.check([course.stream(3, 1.0, 24)], [[right]], CheckReport())
    short = course.stream(3, 1.0, 12)
    judge.check([short], [[generated(SMALL, short)[1]]], CheckReport())
    assert right[:12] != generated(SMALL, short)[1]
    with pytest.raises(OutputDiffersError):
        judge.check([short], [[right[:12]]], CheckReport())


def test_streams_are_whole_frames_and_those_of_naive_short() -> None:
    course = WavernnCourse(SMALL, PLAN, seed=0)
    calls: list[tuple[str, int]] = []

    def timing(command: str, items: list[Any]) -> float:
        assert all(item["samples"] == 6 * item["frames"] for item in items)
        calls.append((command, items[0]["samples"]))
        return 1e-6

    assert course.adapted("graph") == course
    pace = course.calibrate(timing)
    assert ("singles", 24) in calls
    assert {item["samples"] for item in course.fitted(course.singles(0.0), pace)} == {30}
    naive = course.adapted("naive")
    slow = Pace([], 0.0, 1e3, [])
    for items in (naive.first(), naive.fitted(course.singles(0.0), slow)):
        assert {item["samples"] for item in items} == {NAIVE_SAMPLES}
        assert {item["frames"] for item in items} == {-(-NAIVE_SAMPLES // 6)}
    assert course.digest(course.singles(0.0)) == naive.digest(naive.singles(0.0))


def test_sweeps(tmp_path: Path) -> None:
    asked = request(tmp_path, "naive", "native", points=(1.0, 2.0))
    made = written(sweep.measure("batch", asked, Quiet()))
    panel = sweep.lines(made)[rungs.TOGETHER]
    assert {name: [spot.x for spot in spots] for name, spots in panel.items()} == {
        "naive": [1, 2],
        "native": [1, 2],
    }
    assert "native" in printed(sweep.shown(made))


def test_questions_about_wavenets_are_refused(tmp_path: Path) -> None:
    asked = request(tmp_path, points=(2.0,))
    with pytest.raises(ValueError, match="sweep layers: expected a WaveNet, got tiny, a WaveRNN"):
        sweep.measure("layers", asked, Quiet())
    with pytest.raises(ValueError, match="realtime: expected a WaveNet, got tiny, a WaveRNN"):
        realtime.measure(asked, Quiet())


def test_modules_that_the_model_lacks_are_not_shown(tmp_path: Path, drawn: list[Any]) -> None:
    made = written(modules.measure(request(tmp_path, "native"), Quiet()))
    names = [part.name for part in modules.parts(made)]
    assert names == [name for name in made["modules"] if name != "fine"]
    assert modules.finding(made) == "a sample takes 46.0 µs, 22% of it: sampling"
    assert "fine" not in printed(modules.shown(made))
    modules_plot.draw(made)
    assert drawn


def test_memory(tmp_path: Path) -> None:
    made = written(memory.measure(request(tmp_path, points=(0.1,)), Quiet()))
    assert memory.series(made)[-1][0] >= 0.1


def test_a_config_in_words() -> None:
    assert describe(SMALL) == "2 GRUs of 3, 2 fc of 5, 8 outputs"
    assert describe(MIXTURE) == "1 GRU of 3, 1 fc of 5, 9 outputs"


def test_a_real_ladder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through TensorFlow: classes of 16 bits found again in audio, and naive's short streams."""
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    directory = random_models.write(tmp_path / "split", replace(SPLIT, bits=16))
    folder = tmp_path / "out"
    result = call(folder, "--model", directory, "--backend", "naive", "--backend", "native")
    assert result.exit_code == 0, result.output
    content, profile = read(folder), results.read(folder / "x.json")
    model = profile.models["split"]
    assert [backend for backend, _ in model.measured] == ["naive", "native"]
    found = content["models"]["split"]["backends"]
    assert found["naive"]["single_units"] == NAIVE_SAMPLES
    assert found["native"]["single_units"] == 12
    assert model.cost is not None
    assert "naive generates 64 samples" in model.note
    assert "naive generates 64 samples" in result.output


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        (["--hoisting", "--backend", "graph"], "tfopt-hoisting"),
        (["--modules"], "tfopt-modules"),
    ],
)
def test_real_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], schema: str
) -> None:
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    config = tmp_path / "tiny.json"
    config.write_text(json.dumps({"kind": "wavernn", **replace(SMALL, mu_law=True).to_dict()}))
    folder = tmp_path / "out"
    result = call(folder, *arguments, "--config", config)
    assert result.exit_code == 0, result.output
    content = read(folder)
    assert content["schema"] == schema
    assert content["model"]["kind"] == "wavernn"
