"""`tfopt profile --compute-type`: rungs of reduced precision, how they are judged, and their bound."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import profiler_documents as documents
import pytest
import report_pages as pages
from click.testing import CliRunner, Result
from fake_surroundings import MACHINE, SOFTWARE
from rich.table import Table
from test_profile_plots import drawn
from test_profile_samples import CONFIG, MIXTURE, generated, stream
from test_profile_worker import COMMAND, PLAN, Letters, course

from tfopt import model_directory, models, wavenet
from tfopt.cli import cli
from tfopt.profiler import ladder as measuring
from tfopt.profiler import random_models, results, rung_names, surroundings, table
from tfopt.profiler.check import LARGEST_DISTANCE, Checker, CheckReport, OutputDiffersError
from tfopt.profiler.environments import Local
from tfopt.profiler.modes import sweep
from tfopt.profiler.plots import ladder
from tfopt.wavenet import cost
from tfopt.wavenet.config import WavenetConfig

__all__ = ["drawn"]  # a fixture

DESCRIBED = {"tfopt": {"version": "0"}, "machine": MACHINE, "software": SOFTWARE}


def call(folder: Path, *arguments: str | Path) -> Result:
    always = ("--quick", "--threads", "1", "--samples", "64", "--out", str(folder), "--name", "x")
    return CliRunner().invoke(cli, ["profile", *map(str, arguments), *always])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config.json of a tiny WaveNet."""
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps({"kind": "wavenet", **CONFIG.to_dict()}))
    return path


def test_rungs() -> None:
    backends = ("graph", "native")
    assert rung_names.chosen(backends, (), None) == backends
    types = ("int8", "float32", "int8")
    assert rung_names.chosen(backends, types, None) == ("graph", "native int8", "native")
    assert [rung_names.split(name) for name in ("graph", "native", "native int8")] == [
        ("graph", "float32"),
        ("native", "float32"),
        ("native", "int8"),
    ]
    for other in ("xla int8", "native int9", pages.HOSTILE):
        assert rung_names.split(other) == (other, "float32")
        assert rung_names.is_exact(other)
    # A worker of an older tfopt knows no types.
    assert rung_names.as_asked("native") == {"backend": "native"}
    assert rung_names.as_asked("native int8") == {"backend": "native", "compute_type": "int8"}


def test_words_of_reduced_precision_may_differ_a_little() -> None:
    class Near(Letters):
        def difference(self, word: str, given: Any) -> float:
            return 0.1

    words = [f"word{n}" for n in range(20)]
    outputs = [list(word) for word in words]
    outputs[3] = ["x"]
    with pytest.raises(OutputDiffersError, match="1 of 20 words differ"):
        Checker(Near(), 1e-4).check(words, [outputs], CheckReport())
    report = CheckReport(exact=False)
    Checker(Near(), 1e-4).check(words, [outputs], report)
    assert report.as_json() == {
        "outputs_compared": 20,
        "distinct_items": 20,
        "near_ties": {},
        "different": 1,
        "mean_distance": 0.005,
    }
    report.expect_near()
    outputs[4:9] = [["x"]] * 5
    Checker(Near(), 1e-4).check(words, [outputs] * 2, report)
    with pytest.raises(OutputDiffersError, match=r"13 of 60 outputs differ .* by 0\.022 on"):
        report.expect_near()


@pytest.mark.parametrize(("gap", "status"), [(0.1, "ok"), (0.9, "refused")])
def test_the_mean_over_all_outputs_counts(gap: float, status: str) -> None:
    """The word of the first call comes out another, one of twenty that are compared about as often."""
    (first,) = course().first()

    class Near(Letters):
        def predict(self, words: Sequence[str]) -> list[list[str]]:
            return [["x"] if word == first else list(word) for word in words]

        def difference(self, word: str, given: Sequence[str]) -> float:
            return gap

    task = measuring.Task("made-up", "fake", "nowhere", ("native int8",), 1, course())
    checker = Checker(Near(), 1e-4)
    (rung,) = measuring.measure(task, PLAN, checker, environments=[Local(COMMAND)]).rungs
    assert rung.status == status, rung.reason
    assert rung.check.different > 1
    if status != "ok":
        assert f"{rung.check.different} of {rung.check.compared} outputs differ" in str(rung.reason)
        assert rung.rounds == []


@pytest.mark.parametrize("config", [CONFIG, MIXTURE], ids=["categorical", "mixture"])
def test_samples_of_reduced_precision_come_from_nearly_the_same_distribution(
    config: WavenetConfig,
) -> None:
    weights = wavenet.random_weights(config, 1)
    item = stream(config, samples=48)
    judge, right = generated(config, item)
    net = wavenet.Wavenet(config, weights, "native", compute_type="int8")
    from tfopt.profiler.workloads.wavenet import _Wavenet

    workload = _Wavenet(net, Path())
    (given,) = workload.outputs(workload.run([item]))
    report = CheckReport(exact=False)
    judge.check([item], [[given]], report)
    assert report.compared == 48
    assert 0 < report.distance / report.compared < LARGEST_DISTANCE / 2
    wrong = np.random.default_rng(0).permutation(right).tolist()
    report = CheckReport(exact=False)
    judge.check([item], [[wrong]], report)
    with pytest.raises(OutputDiffersError, match=r"outputs differ from the reference, by 0\.[1-9]"):
        report.expect_near()


def test_a_ladder_with_types(tmp_path: Path, config: Path) -> None:
    """Words and samples, in two types; and the bound of pruned weights."""
    folder, g2p = tmp_path / "out", models.names()[0]
    types = ("--compute-type", "float32", "int8")
    given = ("--model", g2p, "--config", config, "--density", "0.3", "--block", "8x4")
    result = call(folder, *given, "--backend", "native", *types)
    assert result.exit_code == 0, result.output
    content, profile = json.loads((folder / "x.json").read_text()), results.read(folder / "x.json")
    assert set(profile.models) == {g2p, "tiny-0.3-8x4"}
    for name, model in profile.models.items():
        assert [rung for rung, _ in model.measured] == ["native", "native int8"]
        exact, reduced = (measured for _, measured in model.measured)
        assert exact.agreement is None
        assert reduced.agreement is not None
        assert reduced.agreement > 0.5
        rungs = content["models"][name]["backends"]
        assert rungs["native int8"]["compute_type"] == "int8"
        assert rungs["native int8"]["check"]["mean_distance"] < LARGEST_DISTANCE
        assert "mean_distance" not in rungs["native"]["check"]
    tiny = profile.models["tiny-0.3-8x4"]
    assert tiny.cost is not None
    (rung, cost), *_ = reversed(tiny.rung_costs)
    assert rung == "native int8"
    assert cost.bytes < tiny.cost.bytes
    assert "native int8: " in result.output
    assert (folder / "x.png").read_bytes().startswith(b"\x89PNG")
    page = pages.page(folder)
    assert "native int8" in page.text
    assert "as float32" in page.text


def test_modules_of_a_type(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    folder = tmp_path / "out"
    result = call(folder, "--modules", "--compute-type", "int8", "--config", config)
    assert result.exit_code == 0, result.output
    content = json.loads((folder / "x.json").read_text())
    assert content["backend"] == "native int8"
    wide = 2 * CONFIG.gate_channels * CONFIG.residual_channels * len(CONFIG.dilations)
    assert content["bytes_ahead"]["convolution"] == wide + 4 * 3 * 2 * CONFIG.gate_channels
    assert "native int8" in pages.page(folder).text


def test_sweeps_of_a_type(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    folder = tmp_path / "out"
    types = ("--backend", "native", "--compute-type", "float32", "bfloat16")
    result = call(folder, "--sweep", "batch", "--points", "1,2", *types, "--config", config)
    assert result.exit_code == 0, result.output
    content = json.loads((folder / "x.json").read_text())
    assert list(content["points"][0]["backends"]) == ["native", "native bfloat16"]
    assert "native bfloat16" in pages.page(folder).text


WRONG_USE = [
    (["--compute-type", "auto"], "'auto' is not one of 'float32', 'bfloat16', 'int16', 'int8'", 2),
    (["--density", "0"], "0.0 is not in the range 0<x<=1", 2),
    (["--block", "8x4"], "--block: expected --density with it", 2),
    (["--density", "0.1", "--model", "g2p"], "--density: expected --wavenet, --wavernn or", 2),
    (
        ["--compute-type", "int8", "--backend", "graph", "--wavenet", "small"],
        "wavenet-small: compute_type: expected the backend 'native' among those measured, got int8",
        1,
    ),
    (
        ["--compute-type", "int8_static", "--wavenet", "small"],
        "wavenet-small: compute_type: expected a model with calibrated input scales",
        1,
    ),
    (
        ["--modules", "--wavenet", "small", "--compute-type", "int8", "bfloat16"],
        "compute_type: expected one with modules, got int8, bfloat16",
        1,
    ),
    (
        ["--hoisting", "--wavernn", "small", "--compute-type", "int8"],
        "compute_type: expected float32 with hoisting, got int8",
        1,
    ),
]


@pytest.mark.parametrize(("arguments", "problem", "status"), WRONG_USE)
@pytest.mark.usefixtures("no_measuring")
def test_bad_input(tmp_path: Path, arguments: list[str], problem: str, status: int) -> None:
    name = models.names()[0]
    result = call(tmp_path / "out", *(name if word == "g2p" else word for word in arguments))
    assert result.exit_code == status, result.output
    assert problem in " ".join(result.output.split())


def test_density_prunes_random_weights(tmp_path: Path) -> None:
    pruned = random_models.Pruning(0.25, "16x1")
    directory = random_models.write(tmp_path / "tiny", CONFIG, pruned=pruned)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
    _, weights = wavenet.config.read(directory)
    # One block of a kernel of 5 inputs and 7 outputs for each input.
    assert [bool(row.any()) for row in weights["layers.0.skip.kernel"]].count(True) == 1
    assert model_directory.read_settings(directory)["kind"] == "wavenet"


@pytest.mark.parametrize("question", [["--sweep", "layers", "--points", "1,2"], ["--realtime"]])
def test_models_that_a_question_makes_are_pruned_too(
    tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch, question: list[str]
) -> None:
    """Every directory that a worker is asked to load has lost blocks."""
    monkeypatch.setattr(surroundings, "look", lambda reporter, environments: [DESCRIBED])
    zeros = {}
    measure = measuring.measure

    def watched(task: measuring.Task, *arguments: Any, **named: Any) -> measuring.Ladder:
        _, weights = wavenet.config.read(Path(task.directory))
        zeros[Path(task.directory).name] = float((weights["layers.0.skip.kernel"] == 0).mean())
        return measure(task, *arguments, **named)

    monkeypatch.setattr(measuring, "measure", watched)
    folder = tmp_path / "out"
    pruned = ("--config", config, "--density", "0.25", "--block", "16x1")
    result = call(folder, *question, "--backend", "native", *pruned)
    assert result.exit_code == 0, result.output
    assert len(zeros) == (2 if "--sweep" in question else 5)
    assert min(zeros.values()) > 0.5
    content = json.loads((folder / "x.json").read_text())
    assert content["settings"]["pruned"] == {"density": 0.25, "block": "16x1"}
    if "--sweep" in question:
        assert sweep.bounds(content) == []
    else:
        own, *grid = content["rows"]
        dense = [cost.total(WavenetConfig.from_dict(row["config"], "x")) for row in grid]
        assert all(
            row["bytes_ahead"] < work.bytes_ahead / 2 for row, work in zip(grid, dense, strict=True)
        )
        assert own["name"] == "tiny-0.25-16x1"


def audio_with_types() -> dict[str, Any]:
    """Samples of a ladder: in int8 they are read from a quarter of the bytes."""
    rungs = {
        name: documents.rung(0.01 / factor)
        for name, factor in {"graph": 1, "native": 10, "native int8": 40}.items()
    }
    cost = {
        "parameters": 1000,
        "operations": 2000,
        "bytes": 4e5,
        "bytes_ahead": 3e5,
        "bytes_per_s": [1e9] * 5,
        "operations_per_s": [1e9] * 5,
        "reason": None,
    }
    rungs["native int8"] |= {
        "cost": {**cost, "bytes": 1e5, "bytes_ahead": 1e5, "bytes_per_s": [2e9] * 5}
    }
    rungs["native int8"]["check"] |= {"different": 60, "mean_distance": 0.001}
    made = documents.make({"wavenet": rungs})
    made["models"]["wavenet"] |= {"unit": "sample", "sample_rate": 16_000, "cost": cost}
    return made


def test_each_rung_has_its_bound(drawn: list[Any]) -> None:
    model = results.parse(audio_with_types(), "x").models["wavenet"]
    by_name = dict(model.measured)
    assert model.of_bound(by_name["native"]) == pytest.approx(4e5 / 1e9 / 1e-3)
    # Whatever is computed: nobody measured how fast that is.
    assert model.of_bound(by_name["native int8"]) == pytest.approx(1e5 / 2e9 / 2.5e-4)
    assert by_name["native int8"].agreement == 0.8
    ladder.draw(results.parse(audio_with_types(), "x"))
    shown = documents.texts(drawn[0])
    documents.assert_clean(drawn[0])
    assert "dashed: bound of each; dotted: real time, 62.5 µs" in shown
    assert "wavenet: 40× faster from graph to native int8" in shown
    assert "same samples" not in shown
    assert "As float32" in table.legend(results.parse(audio_with_types(), "x"))


def test_a_rung_whose_own_cost_was_not_measured_has_no_bound(
    tmp_path: Path, drawn: list[Any]
) -> None:
    """That of dense float32 is not its own: it would be four times as much."""
    made = audio_with_types()
    unmeasured = {"bytes_per_s": [], "operations_per_s": [], "reason": "no library"}
    made["models"]["wavenet"]["backends"]["native int8"]["cost"] |= unmeasured
    model = results.parse(made, "x").models["wavenet"]
    by_name = dict(model.measured)
    assert model.of_bound(by_name["native"]) == pytest.approx(4e5 / 1e9 / 1e-3)
    assert model.of_bound(by_name["native int8"]) is None
    assert model.rung_costs == []
    speed = table.of(model).renderables[0]
    assert isinstance(speed, Table)
    of_bound, faster = (list(column.cells)[-1] for column in speed.columns[4:6])
    assert (of_bound, faster) == ("", "40×")
    ladder.draw(results.parse(made, "x"))
    assert "dashed: bound of each; dotted: real time, 62.5 µs" in documents.texts(drawn[0])
    latency = pages.page(pages.write(tmp_path / "results", run=made)).charts[0]
    dashed = [
        shape["x0"] for shape in latency["layout"]["shapes"] if shape["line"]["dash"] == "dash"
    ]
    assert dashed == pytest.approx([4e-4, 4e-4])


def test_the_page_shows_types(tmp_path: Path) -> None:
    page = pages.page(pages.write(tmp_path / "results", run=audio_with_types()))
    assert "of its samples are those of float32 80%" in page.text
    assert (
        "Dashed: the bound, one core reading a sample's weights as this row has them." in page.text
    )
    latency = page.charts[0]
    dashed = [
        shape["x0"] for shape in latency["layout"]["shapes"] if shape["line"]["dash"] == "dash"
    ]
    assert dashed == pytest.approx([4e-4, 4e-4, 5e-5])
    assert latency["data"][2]["marker"]["color"] == "var(--native-int8)"


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        ("check", {"outputs_compared": 300, "different": 301}, "check.different: expected at most"),
        ("cost", {"parameters": 1}, "cost.bytes_per_s is missing"),
    ],
)
def test_a_damaged_file_is_named(place: str, value: Any, problem: str) -> None:
    made = audio_with_types()
    made["models"]["wavenet"]["backends"]["native int8"][place] = value
    with pytest.raises(ValueError, match=r"^x: models\.wavenet\.backends\.native int8\.") as caught:
        results.parse(made, "x")
    assert problem in str(caught.value)
