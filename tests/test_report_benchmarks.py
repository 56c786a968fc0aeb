"""The report of what `benchmarks/kernels/run.py` and `benchmarks/quantization_study.py` write."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import benchmark_documents as benchmarks
import pytest
import report_pages as pages
from conftest import random_weights, tiny_config

from tfopt.model_kinds import Model
from tfopt.report import block_files, kernel_files, study_files


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return benchmarks.kernels(tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    return benchmarks.study()


@pytest.fixture(scope="module")
def blocks() -> dict[str, Any]:
    config = tiny_config("attention_gru", hidden=32)
    return benchmarks.blocks(Model("g2p", config.to_dict(), config, random_weights(config)))


def changed(made: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """The document with another value in a place."""
    result = copy.deepcopy(made)
    *parents, last = path
    place: Any = result
    for parent in parents:
        place = place[parent]
    place[last] = to
    return result


def test_kernels_are_compared_within_a_run(kernels: dict[str, Any]) -> None:
    found = kernel_files.read(kernels, "kernels.json")
    assert found.libraries == ["Eigen", "oneDNN"]
    assert found.types == ["float32", "int8"]
    assert len(found.products) == 6
    product = found.products[0]
    assert (product.type, product.model, product.size) == ("float32", "WaveNet default", "128x64")
    assert found.own(product).median == pytest.approx(1e-6)
    eigen, onednn = found.of(product, "Eigen"), found.of(product, "oneDNN")
    assert eigen is not None
    assert onednn is not None
    assert eigen.function == "by columns"
    assert eigen.gain.ratio == pytest.approx(1.2)
    assert onednn.gain.ratio == pytest.approx(0.9)
    # It could not be timed in int8.
    assert found.of(found.products[-1], "oneDNN") is None


def test_a_library_is_ahead_only_beyond_the_noise(kernels: dict[str, Any]) -> None:
    four = copy.deepcopy(kernels)
    for run in four["runs"]:
        for timing in run["timings"]:
            if "seconds" in timing:
                timing["seconds"].append(timing["seconds"][0])
    behind = kernel_files.behind(kernel_files.read(four, "x").comparisons)
    assert {(one.library, one.product.type) for one in behind} == {("oneDNN", "float32")}
    # Three repetitions are too few to claim anything.
    assert not kernel_files.behind(kernel_files.read(kernels, "x").comparisons)


def test_the_page(tmp_path: Path, kernels: dict[str, Any], study: dict[str, Any]) -> None:
    page = pages.page(pages.write(tmp_path / "results", kernels=kernels, study=study))
    assert page.headings == [
        "Caching and quantization",
        "Kernels against libraries",
        "Machines and versions",
    ]
    assert "tfopt is faster in 6 of 9 pairs" in page.text
    assert "1.20× ?" in page.text
    assert "mkl: not found; it needs mkl-devel." in page.text
    assert "wavenet-small" in page.text
    # Without a cache and cached, for one and two CPUs; and a chart for each type of kernels.
    assert len(page.charts) == 4 + 2
    cached, float32 = page.charts[1], page.charts[4]
    assert cached["data"][2]["marker"]["color"] == "var(--native-int8)"
    assert [trace.get("name") for trace in float32["data"]] == ["Eigen", None, "oneDNN", None]
    assert float32["data"][1]["x"] == pytest.approx([1.2, 1.2, 1.2])
    keys = [cell.get("data-key") for cell in page.all("td")]
    assert keys.count("0.9") == 2  # as float32, of int8


def test_a_study_says_what_one_sample_takes(study: dict[str, Any]) -> None:
    read = study_files.read(study, "study.json")
    first, last = read.rows[0], read.rows[-1]
    seconds = sorted(study["rows"][0]["cached"]["seconds"])[1]
    assert first.cached.seconds.median == pytest.approx(seconds / 4000)
    assert first.generate is not None
    assert first.generate.seconds.median == pytest.approx(seconds / 20)
    assert (first.conversion, last.generate) == (None, None)
    assert [text for text, _ in last.cells()][:2] == ["-", "-"]
    assert len(last.cells()) == len(study_files.HEADINGS)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("rows",), [], "rows: expected at least one"),
        (("rows", 0, "cached", "seconds"), [-1.0], "rows[0].cached.seconds: expected a time"),
        (("rows", 0, "cached", "cpu_seconds"), [], "rows[0].cached.cpu_seconds: expected 3 times"),
        (("rows", 0, "as_float32"), 1.5, "rows[0].as_float32: expected at most 1"),
        (("samples", "cached"), 0, "samples.cached: expected a whole number, 1 or more"),
    ],
)
def test_a_damaged_study_is_named(
    study: dict[str, Any], path: tuple[Any, ...], value: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=r"^study\.json: ") as caught:
        study_files.read(changed(study, *path, to=value), "study.json")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("runs",), [], "runs: expected at least one"),
        (
            ("runs", 0, "timings", 0, "seconds"),
            [0.0],
            "runs[0].timings[0].seconds: expected a time",
        ),
        (("runs", 0, "timings", 0, "type"), 8, "runs[0].timings[0].type: expected a text"),
        (("missing",), [], "missing: expected an object"),
    ],
)
def test_damaged_kernels_are_named(
    kernels: dict[str, Any], path: tuple[Any, ...], value: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=r"^kernels\.json: ") as caught:
        kernel_files.read(changed(kernels, *path, to=value), "kernels.json")
    assert problem in str(caught.value)


def test_nothing_to_compare_is_an_error(kernels: dict[str, Any]) -> None:
    alone = copy.deepcopy(kernels)
    for run in alone["runs"]:
        run["timings"] = [one for one in run["timings"] if one["library"] == "tfopt"]
    with pytest.raises(ValueError, match="runs: expected a product that tfopt and a library"):
        kernel_files.read(alone, "kernels.json")


def test_shapes_of_blocks(tmp_path: Path, blocks: dict[str, Any]) -> None:
    found = block_files.read(blocks, "block_shapes.json")
    assert (found.types, found.models) == (["float32", "int8"], ["mine"])
    times = {row.block: row.time for row in found.rows}
    assert times == pytest.approx({"16x1": 1.0, "8x1": 1.5, "32x1": None, "8x4": 1.0, "16x4": 0.75})
    kept = {row.block: row.kept["mine"] for row in found.rows}
    # The smaller the blocks, the more is left.
    assert 0.2 < kept["16x4"] < kept["8x4"] < kept["8x1"] < 1

    page = pages.page(pages.write(tmp_path / "results", block_shapes=blocks))
    assert page.headings[0] == "Shapes of sparse blocks"
    assert len(page.charts) == 2
    assert page.charts[0]["data"][0]["x"] == pytest.approx([1.0, 1.5])
    assert page.charts[1]["data"][0]["text"] == ["8x4", "16x4"]
    keys = [cell.get("data-key") for cell in page.all("td")]
    assert "0.75" in keys


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("rows",), [], "rows: expected at least one"),
        (("rows", 0, "density"), 1.5, "rows[0].density: expected at most 1, got 1.5"),
        (("rows", 0, "time"), 0.0, "rows[0].time: expected"),
        (("rows", 1, "kept"), {"other": 0.5}, "rows[1].kept: expected ['mine'], got ['other']"),
        (("rows", 0, "kept"), {}, "rows[0].kept: expected at least one model, got 'none'"),
        (("rows", 0, "kept", "mine"), "much", "rows[0].kept.mine: expected"),
    ],
)
def test_damaged_shapes_of_blocks_are_named(
    blocks: dict[str, Any], path: tuple[Any, ...], value: Any, problem: str
) -> None:
    with pytest.raises(ValueError, match=r"^block_shapes\.json: ") as caught:
        block_files.read(changed(blocks, *path, to=value), "block_shapes.json")
    assert problem in str(caught.value)


def test_names_are_text(
    tmp_path: Path, kernels: dict[str, Any], study: dict[str, Any], blocks: dict[str, Any]
) -> None:
    hostile = changed(kernels, "missing", to={pages.HOSTILE: pages.HOSTILE})
    for run in hostile["runs"]:
        for timing in run["timings"]:
            timing["model"] = pages.HOSTILE
            if timing["library"] != "tfopt":
                timing["library"] = pages.HOSTILE
    named = changed(changed(study, "model", to=pages.HOSTILE), "rows", 0, "name", to=pages.HOSTILE)
    shapes = copy.deepcopy(blocks)
    for row in shapes["rows"]:
        row |= {"type": pages.HOSTILE, "block": pages.HOSTILE, "kept": {pages.HOSTILE: 0.5}}
    page = pages.page(
        pages.write(tmp_path / "results", kernels=hostile, study=named, block_shapes=shapes)
    )
    assert pages.HOSTILE in page.text
    assert not page.all("img")


def test_the_scripts_table_and_picture(kernels: dict[str, Any], study: dict[str, Any]) -> None:
    found = kernel_files.read(kernels, "x")
    lines = benchmarks.script("kernels/run.py").table(found).splitlines()
    assert lines[0] == "| type | model | matrix | tfopt, µs | Eigen | oneDNN |"
    assert lines[2] == "| float32 | WaveNet default | 128x64 | 1.00 | 1.20 | 0.90 |"
    assert lines[-1].endswith("| 1.20 |  |")
    assert benchmarks.script("kernels/plot.py").draw(found, "A CPU").startswith(b"\x89PNG")
    table = benchmarks.script("quantization_study.py").table(study_files.read(study, "x"))
    assert table.row_count == 6
