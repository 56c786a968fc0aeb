"""`tfopt report`: which of several runs stands for a model, and what the page claims of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import profiler_documents as documents
import pytest
import report_pages as pages

from tfopt.report import ladders
from tfopt.report.folder import read


def test_a_quick_run_claims_nothing(tmp_path: Path) -> None:
    made = documents.make(settings__quick=True)
    text = pages.page(pages.write(tmp_path / "results", run=made)).text
    assert "Quick run: figures mean little" in text
    assert "faster from" not in text


def test_a_whole_run_counts_for_more_than_a_quick_one(tmp_path: Path) -> None:
    quick = documents.make(settings__quick=True)
    whole = documents.make({"g2p_en-1.0.1": {"naive": 0.05, "xla": 0.01}})
    text = pages.page(pages.write(tmp_path / "results", a=quick, b=whole)).text
    assert "5.0× faster from naive to xla" in text


# From the one that stands for its model to the one that does so last.
RUNS: dict[str, dict[str, Any]] = {
    "newest": {"created": "2026-03-02T10:00:00+00:00"},
    "older": {"created": "2026-03-01T10:00:00+00:00"},
    "fewer": {"created": "2026-03-03T10:00:00+00:00"},
    "quick": {"created": "2026-03-03T10:00:00+00:00", "settings__quick": True},
    "environment": {"environment": {"tensorflow": "tensorflow-cpu==2.14.0"}},
    "quick_environment": {"environment": {"image": "made:1"}, "settings__quick": True},
}


@pytest.mark.parametrize("first", range(len(RUNS)))
def test_which_run_stands_for_a_model(tmp_path: Path, first: int) -> None:
    two = {"g2p_en-1.0.1": {name: documents.LADDER[name] for name in ("naive", "xla")}}
    names = list(RUNS)[first:]
    folder = tmp_path / "results"
    for place, name in enumerate(reversed(names)):  # the last by name is the first to be chosen
        made = documents.make(two if name == "fewer" else None, **RUNS[name])
        pages.write(folder, **{f"{place}_{name}": made})
    found = [ladder.file.name for ladder in ladders.of(read(folder))]
    assert [name[2:] for name in found] == [f"{name}.json" for name in names]


def test_models_are_in_the_order_of_the_runs_that_stand_for_them(tmp_path: Path) -> None:
    compared = documents.make({"b": documents.LADDER}, environment={"image": "made:1"})
    own = documents.make({"a": documents.LADDER, "b": documents.LADDER})
    contents = read(pages.write(tmp_path / "results", a_compared=compared, own=own))
    assert [ladder.model.name for ladder in ladders.best(contents)] == ["a", "b"]


@pytest.mark.parametrize(
    ("drift", "message"),
    [((0.5, 1.0, 1.5, 1.2), "within the noise"), ((1.0, 1.01), "fewer than 4 rounds")],
)
def test_what_the_noise_can_explain_is_no_gain(
    tmp_path: Path, drift: tuple[float, ...], message: str
) -> None:
    rungs = {"naive": documents.rung(0.05, drift), "xla": documents.rung(0.045, drift)}
    made = documents.make({"g2p_en-1.0.1": rungs})
    text = pages.page(pages.write(tmp_path / "results", run=made)).text
    assert f"No difference shown xla against naive: 1.11×, {message}" in text


def test_comparisons_say_what_is_noise(tmp_path: Path) -> None:
    old = documents.make()
    new = documents.make({"g2p_en-1.0.1": documents.LADDER | {"naive": 0.0495, "xla": 0.00035}})
    made = pages.compared(old, new)
    made["allowed_differences"] = [
        {"field": "tensorflow-build", "values": ["AVX", "AVX2"]},
        {"field": "cpu", "values": ["one", "other"]},
    ]
    made["subject"] = ["tensorflow-build"]
    page = pages.page(pages.write(tmp_path / "results", compare=made))
    assert "new against old" in page.text
    assert "1.01× within noise" in page.text
    assert "2.0× better" in page.text
    assert "Compared: tensorflow-build: old: AVX, new: AVX2." in page.text
    assert "Not the same in all runs: cpu: old: one, new: other" in page.text
    latency = page.charts[0]
    hollow = [trace["marker"]["color"] == "var(--paper)" for trace in latency["data"]]
    assert hollow == [True, True, True, False]


def test_other_runs_of_a_model_are_folded(tmp_path: Path) -> None:
    less = documents.make({"g2p_en-1.0.1": {"naive": 0.05, "xla": 0.01}})
    page = pages.page(pages.write(tmp_path / "results", a=less, b=documents.make()))
    assert "g2p_en-1.0.1 in a.json" in page.text
    assert page.text.count("faster from naive to xla") == 1


def test_the_bound_is_drawn_once_a_model_and_told_of_every_run(tmp_path: Path) -> None:
    made = pages.committed("wavenet_types")
    page = pages.page(pages.write(tmp_path / "results", a=made, b=made))
    drawn = [div["aria-label"] for div in page.all("div") if "of the bound" in str(div)]
    assert [str(label).split(",")[0] for label in drawn] == ["wavenet-default", "wavenet-small"]
    # Each of two runs has weights in float32 and in three other types, with a bound of their own.
    assert page.text.count("894,208") == 2 * 4


def test_machines_that_differ_are_told_apart(tmp_path: Path) -> None:
    other = documents.make(machine__cpu__model="Other CPU", software__numpy="1.26.4")
    folder = pages.write(tmp_path / "results", a=documents.make(), b=documents.make(), c=other)
    text = pages.page(folder).text
    assert "Not all files were measured on the same kind of machine" in text
    model = documents.make()["machine"]["cpu"]["model"]
    assert f"CPU : {model} (a.json, b.json); Other CPU (c.json)" in text
    assert "NumPy : 2.1.0 (a.json, b.json); 1.26.4 (c.json)" in text
    assert "Python :" not in text
    (folder / "c.json").unlink()
    assert "were measured on the same kind of machine, with the same" in pages.page(folder).text


def test_backends_without_figures_say_why(tmp_path: Path) -> None:
    rungs = documents.LADDER | {"native": documents.dropped("refused", "says B, not A")}
    text = pages.page(pages.write(tmp_path / "results", run=documents.make({"m": rungs}))).text
    assert "native refused: says B, not A" in text
    nothing = {name: documents.dropped("failed", "no library") for name in ("naive", "native")}
    made = documents.make({"m": nothing})
    text = pages.page(pages.write(tmp_path / "results", run=made)).text
    assert "naive failed: no library" in text
