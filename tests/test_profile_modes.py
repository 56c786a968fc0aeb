"""Sweeps, modules, real time and memory: measured with a made-up worker, shown, and drawn."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_surroundings import MACHINE, SOFTWARE
from matplotlib.figure import Figure
from profiler_documents import assert_clean, texts
from rich.console import Console
from test_profile_samples import CONFIG

from tfopt.profiler import modes, output, random_models
from tfopt.profiler.environments import Local
from tfopt.profiler.modes import memory, modules, realtime, rungs, sweep
from tfopt.profiler.plan import QUICK
from tfopt.profiler.plots import memory as memory_plot
from tfopt.profiler.plots import modules as modules_plot
from tfopt.profiler.plots import realtime as realtime_plot
from tfopt.profiler.plots import style
from tfopt.profiler.plots import sweep as sweep_plot
from tfopt.wavenet import cost
from tfopt.wavenet.config import WavenetConfig

HERE = Local((sys.executable, str(Path(__file__).with_name("fake_workload.py"))))


class Quiet:
    """Takes reports and keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.expected = self.done = 0

    def begin(self, text: str, steps: int) -> None:
        assert self.done == self.expected, f"before {text}"
        self.expected, self.done = steps, 0

    def step(self, text: str) -> None:
        self.done += 1

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are drawn, kept for looking at their parts."""
    figures: list[Figure] = []
    png = style.png

    def keep(figure: Figure) -> bytes:
        figures.append(figure)
        return png(figure)

    monkeypatch.setattr(style, "png", keep)
    return figures


@pytest.fixture(autouse=True)
def no_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking takes a second."""
    monkeypatch.setattr("tfopt.profiler.machine.busy_percent", lambda: 0.0)


def request(tmp_path: Path, *backends: str, **changes: Any) -> modes.Request:
    directory = random_models.write(tmp_path / "tiny", CONFIG)
    asked = modes.Request(
        name="x",
        subject=modes.read_subject("tiny", directory),
        rungs=backends or ("naive", "native"),
        threads=2,
        plan=replace(QUICK, samples=16, fill_s=0.0, call_cap_s=60.0),
        folder=tmp_path,
        quick=True,
        environment=HERE,
    )
    return replace(asked, **changes)


def written(made: dict[str, Any]) -> dict[str, Any]:
    """The document as it is read back from its file."""
    content: dict[str, Any] = json.loads(output.as_json(made))
    return content


def printed(shown: Any) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(shown)
    return console.export_text()


@pytest.mark.parametrize("axis", sweep.AXES)
def test_sweeps(tmp_path: Path, drawn: list[Figure], axis: str) -> None:
    reporter = Quiet()
    made = written(sweep.measure(axis, request(tmp_path), reporter))
    assert reporter.done == reporter.expected > 0
    assert reporter.warnings == []
    places = list(sweep.AXES[axis].quick_points)
    assert [point["x"] for point in made["points"]] == places
    panels = sweep.lines(made)
    wanted = {"batch": {rungs.TOGETHER}, "threads": {rungs.ALONE, rungs.TOGETHER}}
    assert set(panels) == wanted.get(axis, {rungs.ALONE})
    for by_backend in panels.values():
        assert list(by_backend) == ["naive", "native"]
        assert [spot.x for spot in by_backend["native"]] == places
    for point in made["points"]:
        assert point["backends"]["native"]["check"]["outputs_compared"] > 0
        assert len(point["cost"]["bytes_per_s"]) == QUICK.rounds
    assert bool(sweep.bounds(made)) == (axis == "layers")
    assert "naive" in printed(sweep.shown(made))
    assert sweep_plot.draw(made).startswith(b"\x89PNG")
    assert_clean(drawn[0])
    assert "tiny: quick run: figures mean little" in texts(drawn[0])


def test_the_sweep_over_layers_makes_two_blocks(tmp_path: Path) -> None:
    asked = request(tmp_path, "native", points=(3.0,))
    made = sweep.measure("layers", asked, Quiet())
    (point,) = made["points"]
    expected = int(cost.total(replace(CONFIG, dilations=(1, 2, 4, 1, 2, 4))).bytes)
    assert point["cost"]["footprint"] == expected


def test_a_refused_backend_is_named_and_the_others_are_drawn(
    tmp_path: Path, drawn: list[Figure]
) -> None:
    made = written(
        sweep.measure("length", request(tmp_path, "xla", "native", points=(16,)), Quiet())
    )
    (reason,) = sweep.without(made)
    assert reason.startswith("length 16: xla refused: stream")
    assert list(sweep.lines(made)[rungs.ALONE]) == ["native"]
    assert reason[:40] in printed(sweep.shown(made))
    sweep_plot.draw(made)
    assert_clean(drawn[0])


def test_a_sweep_without_any_figures(tmp_path: Path) -> None:
    made = written(sweep.measure("length", request(tmp_path, "xla", points=(16,)), Quiet()))
    assert sweep.finding(made) == "no backend gave the reference's samples"
    assert sweep_plot.draw(made).startswith(b"\x89PNG")


@pytest.mark.parametrize("given", [(0.0,), (2.5,), (4.0, -1.0)])
def test_bad_points(tmp_path: Path, given: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="points: expected whole numbers above 0 for batch, got"):
        sweep.measure("batch", request(tmp_path, points=given), Quiet())


def rung(seconds: float, samples: int = 100) -> dict[str, Any]:
    rounds = [{"singles": {"latency_s": [seconds * samples] * 3}} for _ in range(5)]
    return {"status": "ok", "reason": None, "single_units": samples, "rounds": rounds}


def swept(axis: str, times: dict[str, list[float]], places: list[int]) -> dict[str, Any]:
    """A sweep's document: for each backend the seconds of a sample at each place."""
    return {
        "name": "x",
        "sweep": axis,
        "settings": {"threads": 1, "quick": False},
        "machine": MACHINE,
        "software": SOFTWARE,
        "model": {"name": "net", "config": CONFIG.to_dict()},
        "points": [
            {
                "x": x,
                "cost": {
                    "operations": 1000,
                    "bytes": 4e5,
                    "bytes_per_s": [1e11],
                    "operations_per_s": [1e11],
                },
                "backends": {name: rung(values[n]) for name, values in times.items()},
            }
            for n, x in enumerate(places)
        ],
    }


FIGURE_3 = {
    "naive": [1e-3 * 2**layers for layers in range(2, 15, 2)],
    "cached": [1e-3 + 1e-4 * layers for layers in range(2, 15, 2)],
    "graph": [4e-4 + 1e-5 * layers for layers in range(2, 15, 2)],
    "xla": [3.9e-4 + 1e-5 * layers for layers in range(2, 15, 2)],
    "fused": [3.8e-4 + 1e-5 * layers for layers in range(2, 15, 2)],
    "native": [5e-6 + 1e-6 * layers for layers in range(2, 15, 2)],
}


def test_the_figure_of_the_paper(drawn: list[Figure]) -> None:
    made = swept("layers", FIGURE_3, list(range(2, 15, 2)))
    text = "with 14 layers in a block native makes a sample in 19.0 µs, 862,316× faster than naive"
    assert sweep.finding(made) == text
    assert [seconds for _, seconds in sweep.bounds(made)] == pytest.approx([4e-6] * 7)
    sweep_plot.draw(made)
    assert_clean(drawn[0])
    assert f"net: {text}" in texts(drawn[0])
    assert "bound" in texts(drawn[0]).splitlines()


@pytest.mark.parametrize(
    ("axis", "places", "text"),
    [
        (
            "threads",
            [1, 2],
            "native needs 10.0 µs for a sample with 1 thread, 5.00 µs with 2 (2.0×)",
        ),
        (
            "length",
            [4, 64],
            "native needs 10.0 µs for a sample with 100 samples a call",
        ),
    ],
)
def test_what_a_sweep_found(axis: str, places: list[int], text: str) -> None:
    times = {"naive": [1e-3, 1e-3], "native": [1e-5, 5e-6]}
    assert sweep.finding(swept(axis, times, places)) == text


def test_modules(tmp_path: Path, drawn: list[Figure]) -> None:
    made = written(modules.measure(request(tmp_path), Quiet()))
    parts = modules.parts(made)
    assert [part.name for part in parts] == list(cost.MODULES)
    assert [part.seconds.median for part in parts] == pytest.approx([n * 1e-6 for n in range(1, 9)])
    assert sum(part.share for part in parts) == pytest.approx(1.0)
    assert modules.finding(made) == "a sample takes 36.0 µs, 22% of it: sampling"
    skip = next(part for part in parts if part.name == "skip")
    assert skip.bytes == 4 * 3 * 5 * 7
    assert skip.bytes_per_s == pytest.approx(420 / 6e-6)
    assert "70.0 MB/s" in printed(modules.shown(made))
    modules_plot.draw(made)
    assert_clean(drawn[0])


@pytest.mark.parametrize("given", [None, [], [[1.0]], [[1e-6] * 7]])
def test_modules_that_are_not_what_was_expected(given: Any) -> None:
    with pytest.raises(ValueError, match="modules: expected 8 times a repeat"):
        modules.checked(given, cost.MODULES)


def test_memory(tmp_path: Path, drawn: list[Figure]) -> None:
    made = written(memory.measure(request(tmp_path, points=(0.1,)), Quiet()))
    series = memory.series(made)
    assert series[-1][0] >= 0.1
    assert memory.growth(made) == 0.0
    assert "+0.0 MB since the first 10% of them" in printed(memory.shown(made))
    memory_plot.draw(made)
    assert_clean(drawn[0])


def test_memory_that_grows_shows_it(drawn: list[Figure]) -> None:
    """800 looks at a second of audio each: 500 MB at first, 600 from the tenth part on, 1 MB a look."""
    made = swept("layers", {}, [])
    del made["sweep"]
    made |= {"backend": "native"}
    made["looks"] = [
        {"samples": 8000, "resident_bytes": (500 + 100 * (n >= 80) + n) * 10**6} for n in range(800)
    ]
    assert memory.growth(made) == pytest.approx(719)
    assert memory.finding(made) == (
        "1,399 MB held after 13.3 minutes of audio, +719.0 MB since the first 10% of them"
    )
    memory_plot.draw(made)
    assert_clean(drawn[0])
    for look in made["looks"]:
        look["resident_bytes"] = None
    assert memory.growth(made) is None
    memory_plot.draw(made)


def test_real_time(tmp_path: Path, drawn: list[Figure]) -> None:
    made = written(realtime.measure(request(tmp_path), Quiet()))
    assert made["backend"] == "native"
    own, *grid = realtime.sizes(made)
    assert own.name == "tiny"
    assert own.measured is not None
    assert [size.measured is not None for size in grid] == [True, False]
    assert all(size.predicted_s > 0 for size in grid)
    assert "tiny" in printed(realtime.shown(made))
    realtime_plot.draw(made)
    assert_clean(drawn[0])


def sized(seconds: float | None, layers: int, gate: int) -> dict[str, Any]:
    config = replace(CONFIG, dilations=(1,) * layers, gate_channels=gate)
    return {
        "name": f"{layers}-{gate}",
        "config": config.to_dict(),
        "rates": {"bytes_per_s": [1e9], "operations_per_s": [1e12]},
        "measured": None if seconds is None else rung(seconds),
    }


def true_seconds(layers: int, gate: int) -> float:
    """5 µs a sample, 1 µs a layer, 10 ns an exponential, and the bytes at 1 GB/s."""
    config = replace(CONFIG, dilations=(1,) * layers, gate_channels=gate)
    work = cost.total(config)
    return 5e-6 + 1e-6 * layers + 1e-8 * work.functions + work.bytes_ahead / 1e9


def test_the_prediction_finds_what_is_spent_beside_the_weights() -> None:
    tiny = [(1, 8), (40, 8), (40, 64)]
    made = swept("layers", {}, [])
    made["backend"] = "native"
    made["calibration"] = [sized(true_seconds(*one), *one) for one in tiny]
    made["rows"] = [sized(2 * true_seconds(20, 30), 20, 30), sized(None, 30, 5)]
    assert realtime.overheads(made) == pytest.approx([5e-6, 1e-6, 1e-8])
    measured, unmeasured = realtime.sizes(made)
    assert measured.predicted_s == pytest.approx(true_seconds(20, 30))
    assert measured.error == pytest.approx(1.0)  # twice the samples per second that were measured
    assert unmeasured.predicted_s == pytest.approx(true_seconds(30, 5))
    assert unmeasured.error is None
    assert "real time on one core" in realtime.finding(made)


def test_the_whole_grid_fits_its_picture(drawn: list[Figure]) -> None:
    made = swept("layers", {}, [])
    del made["sweep"]
    tiny = [(1, 8), (40, 8), (40, 64)]
    made["backend"] = "native"
    made["calibration"] = [sized(true_seconds(*one), *one) for one in tiny]
    made["rows"] = [sized(true_seconds(20, 30), 20, 30)] * 19
    made["rows"][0] = {**made["rows"][0], "name": "a-model-with-a-very-long-name-" * 4}
    realtime_plot.draw(made)
    assert_clean(drawn[0])


def test_real_time_needs_the_rates(tmp_path: Path) -> None:
    asked = request(tmp_path, environment=Local((*HERE.command, "rates=no")))
    with pytest.raises(RuntimeError, match="rates cannot be measured: RuntimeError: no library"):
        realtime.measure(asked, Quiet())


def test_config_files(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"kind": "wavenet", **CONFIG.to_dict()}))
    assert random_models.read_config(path) == CONFIG
    path.write_text(json.dumps(CONFIG.to_dict()))
    assert random_models.read_config(path) == CONFIG
    for content, problem in [
        ("[1]", "expected a JSON object, got list"),
        ("{", "not a JSON file"),
        ('{"kind": "g2p"}', "kind: expected 'wavenet' or 'wavernn', got 'g2p'"),
        ("{}", "missing settings"),
    ]:
        path.write_text(content)
        with pytest.raises(ValueError, match=problem):
            random_models.read_config(path)
    with pytest.raises(ValueError, match="cannot read it"):
        random_models.read_config(tmp_path / "none.json")


def test_random_models_are_equal_for_equal_seeds(tmp_path: Path) -> None:
    asked = request(tmp_path)
    first = asked.made("one", CONFIG)
    assert asked.made("one", CONFIG) == first
    again = random_models.write(tmp_path / "two", CONFIG)
    file = "model.safetensors"
    assert (first.directory / file).read_bytes() == (again / file).read_bytes()
    assert isinstance(modes.read_subject("two", again).config, WavenetConfig)
