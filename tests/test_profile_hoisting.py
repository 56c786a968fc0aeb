"""What hoisting buys a WaveRNN: measured with a made-up worker, shown, and drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure
from profiler_documents import assert_clean, texts
from test_profile_modes import HERE, Quiet, drawn, no_looking, printed, rung, swept, written
from test_profile_samples import CONFIG as WAVENET
from test_wavernn_cost import SMALL

from tfopt.profiler import modes, random_models
from tfopt.profiler.modes import hoisting, rungs
from tfopt.profiler.plan import QUICK
from tfopt.profiler.plots import hoisting as hoisting_plot
from tfopt.wavernn import cost
from tfopt.wavernn.presets import PRESETS

__all__ = ["drawn", "no_looking"]  # fixtures


def request(tmp_path: Path, *backends: str, **changes: Any) -> modes.Request:
    directory = random_models.write(tmp_path / "tiny", SMALL)
    asked = modes.Request(
        name="x",
        subject=modes.read_subject("tiny", directory),
        rungs=backends or ("graph", "xla", "native"),
        threads=1,
        plan=replace(QUICK, samples=16, fill_s=0.0, call_cap_s=60.0),
        folder=tmp_path,
        quick=True,
        environment=HERE,
    )
    return replace(asked, **changes)


def hoisted(times: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """A document about the small preset: for each backend the seconds of a sample before and after."""
    config = PRESETS["small"]
    made = swept("batch", {}, [])
    del made["sweep"], made["points"]
    made["model"] = {"name": "wavernn-small", "kind": "wavernn", "config": config.to_dict()}
    made["layers"] = hoisting.counted(config)
    made["backends"] = {
        name: {"before": rung(before), "after": rung(after)}
        for name, (before, after) in times.items()
    }
    return made


def test_both_ways_are_measured_in_turns_and_checked(tmp_path: Path, drawn: list[Figure]) -> None:
    reporter = Quiet()
    made = written(hoisting.measure(request(tmp_path, "graph", "native"), reporter))
    assert reporter.done == reporter.expected > 0
    assert list(made["backends"]) == ["graph"]
    for both in made["backends"]["graph"].values():
        assert both["check"]["outputs_compared"] > 0
        assert len(both["rounds"]) == QUICK.rounds
        assert both["single_units"] == 12  # whole frames of 6 in 16 samples
    for panel in hoisting.PANELS:
        assert [pair.backend for pair in hoisting.pairs(made, panel)] == ["graph"]
    layers = {layer.name: layer for layer in hoisting.layers(made)}
    assert layers["fc 1"].before == cost.before(SMALL)["fc 1"].operations
    assert layers["fc 1"].after == pytest.approx(cost.after(SMALL)["fc 1"].total.operations)
    assert "gru 2" in printed(hoisting.shown(made))
    hoisting_plot.draw(made)
    assert_clean(drawn[0])


def test_a_backend_that_is_wrong_before_hoisting_has_no_pair(tmp_path: Path) -> None:
    made = written(hoisting.measure(request(tmp_path), Quiet()))
    (reason,) = hoisting.without(made)
    assert reason.startswith("xla before hoisting refused: stream")
    assert [pair.backend for pair in hoisting.pairs(made, rungs.ALONE)] == ["graph"]
    assert reason[:40] in printed(hoisting.shown(made))


def test_what_was_found(drawn: list[Figure]) -> None:
    made = hoisted({"graph": (3e-4, 2e-4), "xla": (2e-5, 1.6e-5)})
    text = (
        "25% fewer operations wait for the sample before (41% of the fully connected layers'); "
        "graph 1.50×, xla 1.25× faster"
    )
    assert hoisting.finding(made) == text
    connected, whole = hoisting.sums(made)
    assert connected.fewer_waiting == pytest.approx(0.405, abs=0.001)
    assert 0 < connected.fewer < connected.fewer_waiting
    after = cost.after(PRESETS["small"]).values()
    assert whole.after == pytest.approx(sum(layer.total.operations for layer in after))
    hoisting_plot.draw(made)
    assert_clean(drawn[0])
    assert f"wavernn-small: {text}" in texts(drawn[0])
    assert "16.0 µs · 1.25×" in texts(drawn[0])


def test_only_a_wavernn_can_be_asked(tmp_path: Path) -> None:
    directory = random_models.write(tmp_path / "net", WAVENET)
    asked = request(tmp_path, subject=modes.read_subject("net", directory))
    with pytest.raises(ValueError, match="hoisting: expected a WaveRNN, got net, a WaveNet"):
        hoisting.measure(asked, Quiet())


def test_only_backends_that_exist_both_ways(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="backend: expected graph or xla with --hoisting, got nat"):
        hoisting.measure(request(tmp_path, "native"), Quiet())
