"""WaveNets in the profiler: streams fitted to a backend's pace, and every sample judged."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_wavenet import FakeWavenet

from tfopt.profiler import audio, document, kinds, ladder, random_models, results
from tfopt.profiler.check import CheckReport, OutputDiffersError
from tfopt.profiler.check_samples import SampleChecker
from tfopt.profiler.environments import Local
from tfopt.profiler.kinds.wavenet import WavenetCourse, WavenetJudge, checker
from tfopt.profiler.plan import Plan
from tfopt.profiler.rates import Gauge
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.random_weights import random_weights
from tfopt.wavenet.reference import Reference, Stream

HERE = Local((sys.executable, str(Path(__file__).with_name("fake_workload.py"))))
PLAN = Plan(rounds=2, samples=32, takes=2, streams=3, call_cap_s=60.0, fill_s=0.0)
CONFIG = WavenetConfig(
    sample_rate=8000,
    residual_channels=6,
    gate_channels=5,
    skip_channels=7,
    end_channels=9,
    dilations=(1, 2, 4),
    input="one_hot",
    output="categorical",
    classes=16,
    biases=("conv", "end"),
)
MIXTURE = replace(
    CONFIG,
    input="scalar",
    output="logistic_mixture",
    classes=0,
    mixtures=3,
    local_channels=4,
    upsample_factors=(2, 3),
    global_classes=3,
    global_channels=2,
)


def stream(config: WavenetConfig, **changes: Any) -> audio.Stream:
    settings = {"number": 3, "seed": 5, "temperature": 1.0, "samples": 24}
    return audio.stream(**{**settings, "frames": -(-48 // config.hop_length), **changes})


def generated(config: WavenetConfig, item: audio.Stream) -> tuple[SampleChecker, list[float]]:
    """A checker, and what the reference generates."""
    reference = Reference(config, random_weights(config, 1))
    return SampleChecker(WavenetJudge(reference)), FakeWavenet(reference, "native").run([item])[
        0
    ].tolist()


@pytest.mark.parametrize("config", [CONFIG, MIXTURE], ids=["categorical", "mixture"])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_references_samples_are_right(config: WavenetConfig, temperature: float) -> None:
    item = stream(config, temperature=temperature)
    judge, right = generated(config, item)
    report = CheckReport()
    judge.check([item], [[right]], report)
    assert (report.compared, len(report.items), report.near_ties) == (24, 1, {})


@pytest.mark.parametrize("config", [CONFIG, MIXTURE], ids=["categorical", "mixture"])
def test_one_wrong_sample_is_found(config: WavenetConfig) -> None:
    item = stream(config)
    judge, right = generated(config, item)
    wrong = list(right)
    wrong[17] = (wrong[17] + 8) % 16 if config.classes else -wrong[17] + 0.1
    with pytest.raises(OutputDiffersError, match="the first is sample 17"):
        judge.check([item], [[wrong]], CheckReport())


@pytest.mark.parametrize("config", [CONFIG, MIXTURE], ids=["categorical", "mixture"])
def test_prompted_streams_are_judged_as_such(config: WavenetConfig) -> None:
    plain = stream(config)
    item = audio.prompted(config, plain, 20)
    judge, right = generated(config, item)
    other = {**item, "stream": 4}
    also_right = generated(config, other)[1]
    report = CheckReport()
    judge.check([item, other], [[right, also_right]], report)
    assert (report.compared, report.near_ties) == (48, {})
    with pytest.raises(OutputDiffersError):  # they do not go on from silence
        judge.check([plain], [[right]], CheckReport())
    with pytest.raises(OutputDiffersError):
        judge.check([audio.prompted(config, plain, 19)], [[right]], CheckReport())


def test_naive_alone_is_given_what_fills_its_receptive_field() -> None:
    course = WavenetCourse(MIXTURE, PLAN, seed=0)
    items = course.singles(0.0)
    assert course.adapted("graph") == course
    naive = course.adapted("naive")
    for item in naive.fitted(items, kinds.Pace([], 0.0, 1e-9, [])):
        prompt, frames = audio.prompt(item), audio.conditioning(4, item)
        assert prompt is not None
        assert len(prompt) == MIXTURE.receptive_field
        assert len(frames) * MIXTURE.hop_length >= len(prompt) - 1 + PLAN.samples


def test_beginnings_of_a_right_stream_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    item = stream(CONFIG)
    judge, right = generated(CONFIG, item)
    judge.check([item], [[right]], CheckReport())
    monkeypatch.setattr(Stream, "differences", lambda *_, **__: pytest.fail("judged twice"))
    report = CheckReport()
    judge.check([{**item, "samples": 8}], [[right[:8]], [right[:8]]], report)
    assert report.compared == 16


def test_near_ties_pass_are_recorded_and_what_follows_is_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A class beside the boundary is let through; the samples after it belong to another history."""
    item = stream(CONFIG, samples=40)
    judge, right = generated(CONFIG, item)
    differences = Stream.differences

    def tied(self: Stream, *arguments: Any, **named: Any) -> Any:
        gaps = differences(self, *arguments, **named)
        gaps[4] = 5e-5
        return gaps

    monkeypatch.setattr(Stream, "differences", tied)
    report = CheckReport()
    judge.check([item], [[right]], report)
    assert report.near_ties == {"stream 3 of seed 5 at temperature 1, sample 4": 5e-5}
    wrong = [*right[:30], (right[30] + 8) % 16, *right[31:]]
    with pytest.raises(OutputDiffersError, match="the first is sample 30"):
        judge.check([item], [[wrong]], CheckReport())


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        [None],
        [[]],
        [[None]],
        [[[1.0, 2.0]]],
        [[["a"] * 24]],
        [[[float("nan")] * 24]],
        [[[16] * 24]],
        [[[0.5] * 24]],
    ],
)
def test_nonsense_is_not_accepted(given: Any) -> None:
    item = stream(CONFIG)
    judge, _ = generated(CONFIG, item)
    with pytest.raises(OutputDiffersError):
        judge.check([item], given, CheckReport())


def test_conditioning_of_a_shorter_stream_is_the_same() -> None:
    long, short = stream(MIXTURE, samples=48), stream(MIXTURE, samples=6)
    frames, same = audio.conditioning(4, long), audio.conditioning(4, short)
    assert frames.shape == (8, 4)
    np.testing.assert_array_equal(frames, same)
    assert audio.conditioning(0, long).shape == (8, 0)
    assert audio.speaker(MIXTURE, long) == 0
    assert audio.speaker(CONFIG, long) is None


def timing(seconds_per_sample: float, calls: list[tuple[str, int, int]]) -> kinds.Timing:
    def run(command: str, items: kinds.Items) -> float:
        calls.append((command, len(items), items[0]["samples"]))
        return seconds_per_sample * int(items[0]["samples"])

    return run


@pytest.mark.parametrize(
    ("seconds_per_sample", "alone", "together"),
    [(1e-6, 4096, 512), (0.05, 16, 16), (10.0, 4, 4)],
)
def test_slow_backends_generate_less(seconds_per_sample: float, alone: int, together: int) -> None:
    plan = Plan(samples=4096, call_cap_s=1.0)
    course = WavenetCourse(CONFIG, plan, seed=0)
    calls: list[tuple[str, int, int]] = []
    pace = course.calibrate(timing(seconds_per_sample, calls))
    assert pace.unit_s == pytest.approx(seconds_per_sample)
    items = course.fitted(course.singles(pace.unit_s), pace)
    assert [item["samples"] for item in items] == [alone] * plan.takes
    assert [item["samples"] for item in pace.batch] == [together] * plan.streams
    assert max(samples for command, _, samples in calls if command == "singles") >= alone


def test_a_backend_that_is_slow_to_start_is_not_taken_for_a_slow_one() -> None:
    """A call that costs a second whatever its length, as a backend with fixed chunks has it."""
    course = WavenetCourse(CONFIG, Plan(samples=1024, call_cap_s=1.5), seed=0)
    pace = course.calibrate(lambda command, items: 1.0)
    assert course.fitted(course.singles(0.0), pace)[0]["samples"] == 1024


def test_the_same_streams_have_the_same_digest_whatever_their_length() -> None:
    course = WavenetCourse(CONFIG, PLAN, seed=0)
    items = course.singles(0.0)
    shorter = [{**item, "samples": 4} for item in items]
    assert course.digest(items) == course.digest(shorter)
    assert course.digest(items) != WavenetCourse(CONFIG, PLAN, seed=1).digest(
        WavenetCourse(CONFIG, PLAN, seed=1).singles(0.0)
    )


def test_a_whole_ladder(tmp_path: Path) -> None:
    directory = random_models.write(tmp_path / "tiny", CONFIG)
    course = WavenetCourse(CONFIG, PLAN, seed=0)
    task = ladder.Task("tiny", "wavenet", str(directory), ("naive", "xla", "native"), 1, course)
    with Gauge(HERE, seconds=0.0) as gauge:
        measured = ladder.measure(
            task,
            PLAN,
            checker(directory),
            environments=[HERE],
            between=lambda: gauge.measure(10_000),
        )
        rates = gauge.rates(10_000)
    assert len(rates["bytes_per_s"]) == len(rates["operations_per_s"]) == PLAN.rounds
    rungs = {rung.name: rung for rung in measured.rungs}
    assert (rungs["naive"].status, rungs["native"].status) == ("ok", "ok")
    assert rungs["xla"].status == "refused"
    assert "the first is sample 8" in str(rungs["xla"].reason)
    naive = rungs["naive"]
    assert (naive.single_units, naive.batch_units, naive.batch_items) == (32, 4, 3)
    assert all(len(one["singles"]["latency_s"]) == PLAN.takes for one in naive.rounds)
    model = kinds.Model("sample", ("naive",), course, {"sample_rate": 8000})
    part = document.model("wavenet", model, "hash", measured, {})
    assert part["sample_rate"] == 8000
    assert part["backends"]["naive"]["check"]["outputs_compared"] > 100


def test_without_the_ops_there_is_a_reason_and_no_rates() -> None:
    program = "import json\nwhile input(): print(json.dumps({'error': 'no library'}), flush=True)"
    with Gauge(Local([sys.executable, "-c", program])) as gauge:
        gauge.measure(1000)
        gauge.measure(1000)
    assert gauge.rates(1000) == {
        "bytes_per_s": [],
        "operations_per_s": [],
        "reason": "no library",
    }


def test_figures_count_samples() -> None:
    """Three calls of 100 samples in 10 ms each; a batch of 4 streams of 50 samples in 20 ms."""
    import profiler_documents as documents

    rung = documents.rung(0.01, drift=(1.0,))
    rung["rounds"][0] = {
        "singles": {"latency_s": [0.01] * 3, "wall_s": 0.03, "cpu_s": 0.03},
        "batches": [{"wall_s": 0.02, "cpu_s": 0.02}],
    }
    rung |= {"single_units": 100, "batch_units": 50, "batch_items": 4}
    made = documents.make({"net": {"native": rung}})
    made["models"]["net"] |= {
        "unit": "sample",
        "sample_rate": 20_000,
        "cost": {
            "parameters": 10,
            "operations": 1000,
            "bytes": 4000.0,
            "bytes_ahead": 2000.0,
            "bytes_per_s": [8e7, 1e8, 9e7],
            "operations_per_s": [1e9, 1e9, 1e9],
            "reason": None,
        },
    }
    model = results.parse(made, "x").models["net"]
    measured = model.measured[0][1]
    assert measured.latency_s.median == pytest.approx(1e-4)
    assert measured.throughput.median == pytest.approx(10_000)
    assert model.real_time(measured) == pytest.approx(0.5)
    assert model.cost is not None
    assert model.cost.bound_s(ahead=False) == pytest.approx(4000 / 9e7)
    assert model.of_bound(measured) == pytest.approx(4000 / 9e7 / 1e-4)
