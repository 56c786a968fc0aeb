"""`tfopt report`: what the page says, that it loads nothing, and what happens to files that are not right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import profiler_documents as documents
import pytest
import report_pages as pages
import soundfile  # type: ignore[import-untyped]
from hatchling.builders.wheel import WheelBuilder

from tfopt.profiler import results
from tfopt.profiler.quantities import rate_text, ratio_text

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of each kind, as they were really measured, and audio."""
    folder = tmp_path_factory.mktemp("whole")
    pages.copy_committed(folder)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    soundfile.write(folder / "tone.wav", tone, 8000)
    (folder / "tone.txt").write_text("440 Hz, that is A4.\n")
    return folder


@pytest.fixture(scope="module")
def page(whole: Path) -> pages.Page:
    return pages.page(whole)


def test_the_page_shows_every_kind_of_file(page: pages.Page) -> None:
    headings = [
        *("What was gained", "The ladder", "Comparisons", "The bound on one core"),
        *("Time per module", "Hoisting", "Sweeps", "Real time", "Memory"),
        *("Quality against speed", "Audio", "Machines and versions"),
    ]
    assert page.headings == headings  # all files can be shown
    for name in pages.COMMITTED:
        assert f"{name}.json" in page.text
    assert "440 Hz, that is A4." in page.text
    assert "Le Paine et al. 2016" in page.text  # the sweep over layers, with its bound
    assert "phonemes wrong" in page.text
    assert "operations wait for the sample before" in page.text
    links = [a["href"] for a in page.all("a")]
    assert len(links) == len(headings)
    ids = {f"#{section['id']}" for section in page.all("section") if "id" in section}
    assert ids == set(links)


def test_the_headline_is_the_fastest_backend_against_naive(page: pages.Page) -> None:
    runs = [results.read(pages.RESULTS / f"{name}.json") for name in ("g2p_types", "wavenet_types")]
    for model in [model for run in runs for model in run.models.values()]:
        measured = dict(model.measured)
        name = min(measured, key=lambda rung: measured[rung].latency_s.median)
        fastest = measured[name]
        ratio = measured["naive"].latency_s.median / fastest.latency_s.median
        card = page.text[page.text.index(model.name) :][:400]
        assert f"{model.name} {ratio_text(ratio)} faster from naive to {name}" in card
        assert rate_text(max(one.throughput.median for one in measured.values())) in card
        if model.sample_rate:
            assert f"of what one core can do {model.of_bound(fastest):.0%}" in page.text


def test_every_chart_is_described_and_in_the_colours_of_the_page(page: pages.Page) -> None:
    plots = [div for div in page.all("div") if div.get("class") == "plot"]
    # Four models with two each, three comparisons of 2 + 2 + 1, two bounds, modules, hoisting, two sweeps of
    # two, memory, quality, audio.
    assert len(plots) == len(page.charts) == 8 + 5 + 2 + 1 + 1 + 4 + 1 + 1 + 1
    assert all(div["role"] == "img" and len(str(div["aria-label"])) > 40 for div in plots)
    text = json.dumps(page.charts)
    assert '"var(--native)"' in text
    defined = "".join(page.styles)
    for chart in page.charts:
        for name in {part.split(")")[0] for part in json.dumps(chart).split("var(--")[1:]}:
            assert defined.count(f"--{name}: #") == 2, name  # light, dark


def test_the_bound_and_the_noise_are_drawn(page: pages.Page) -> None:
    model = results.read(pages.RESULTS / "wavenet_types.json").models["wavenet-default"]
    assert model.cost is not None
    bound = model.cost.bound_s(ahead=False)
    chart = next(c for c in page.charts if bound in lines(c))
    figure = dict(model.measured)["graph"].latency_s
    (trace,) = [t for t in chart["data"] if t["marker"]["color"] == "var(--graph)"]
    assert trace["x"] == [figure.median]
    assert trace["error_x"]["array"] == [figure.high - figure.median]
    assert trace["error_x"]["arrayminus"] == [figure.median - figure.low]


def lines(chart: dict[str, Any]) -> list[float]:
    """Where a chart has lines over all rows."""
    return [shape["x0"] for shape in chart["layout"].get("shapes", [])]


def test_the_page_loads_nothing(whole: Path, page: pages.Page) -> None:
    (policy,) = [m["content"] for m in page.all("meta") if "http-equiv" in m]
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base"), tag
        for name in ("src", "srcset", "href", "poster", "action", "data", "background"):
            assert str(attributes.get(name, "#")).startswith(("#", "data:")), (tag, attributes)
    assert all("url(" not in style and "@import" not in style for style in page.styles)
    (audio,) = page.all("audio")
    assert str(audio["src"]).startswith("data:audio/flac;base64,")
    assert (whole / "report.html").stat().st_size < 6e6


def test_the_same_folder_gives_the_same_page(whole: Path, page: pages.Page, tmp_path: Path) -> None:
    other = tmp_path / "new" / "other.html"
    done = pages.report(whole, "--out", str(other))
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Wrote {other} (")
    assert other.read_bytes() == (whole / "report.html").read_bytes()


def test_neither_tensorflow_nor_matplotlib_is_needed(whole: Path, tmp_path: Path) -> None:
    """The report is read where nothing is measured."""
    script = (
        "import sys; sys.modules.update(tensorflow=None, matplotlib=None); from tfopt.cli import main; "
        "main(sys.argv[1:])"
    )
    command = [
        sys.executable,
        "-c",
        script,
        "report",
        str(whole),
        "--out",
        str(tmp_path / "r.html"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "r.html").is_file()


def test_without_plotly_the_command_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['plotly'] = None; from tfopt.cli import main; main(['report'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "Error: the report needs plotly: pip install 'tfopt[report]'\n"


def test_without_soundfile_only_audio_is_left_out(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    done = pages.report(whole, "--out", str(tmp_path / "r.html"))
    assert done.exit_code == 0
    assert "Not shown: tone.wav: audio needs soundfile: pip install 'tfopt[audio]'" in done.output


def test_the_wheel_holds_what_the_page_is_made_of() -> None:
    files = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {f"tfopt/report/page.{kind}" for kind in ("html", "css", "js")} <= files


def test_texts_of_files_are_texts_on_the_page(tmp_path: Path) -> None:
    folder = pages.write(tmp_path / "results", **pages.hostile())
    name = "<img src=x onerror=alert(3)>"
    soundfile.write(folder / f"{name}.wav", np.zeros(100), 8000)
    (folder / f"{name}.txt").write_text(pages.HOSTILE)
    page = pages.page(folder)
    assert page.text.count(" ".join(pages.HOSTILE.split())) > 20
    assert name in page.text
    assert not page.all("img")
    # The theme, Plotly, the page's own, and the charts' data.
    assert len(page.all("script")) == 3 + len(page.charts)
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    # Plotly reads tags in texts, so that none may reach it.
    for chart in page.charts:
        for text in texts(chart):
            assert "<" not in text.replace("<b>", "").replace("</b>", "")


def texts(made: Any) -> list[str]:
    """All strings in a chart."""
    if isinstance(made, dict):
        made = list(made.values())
    if isinstance(made, list):
        return [text for part in made for text in texts(part)]
    return [made] if isinstance(made, str) else []


def test_half_a_surrogate_pair_does_not_stop_the_page(tmp_path: Path) -> None:
    made = documents.make({"half \ud800": documents.LADDER})
    page = pages.page(pages.write(tmp_path / "results", run=made))
    assert "half ?" in page.text


def test_files_that_cannot_be_shown_are_named(tmp_path: Path) -> None:
    folder = pages.write(tmp_path / "results", good=documents.make(), other={"some": "settings"})
    text = json.dumps(documents.make())
    (folder / "short.json").write_text(text[: len(text) // 2])
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    (folder / "deep.json").write_text("[" * 100_000)
    pages.write(folder, old=documents.make(schema_version=1))
    made = documents.make()
    del made["models"]["g2p_en-1.0.1"]["unit"]
    pages.write(folder, lacks=made)
    pages.write(folder, huge=documents.make(machine__memory_bytes=10**400))
    made = pages.compared(documents.make(), documents.make())
    made["models"]["g2p_en-1.0.1"][0]["rows"][1]["latency_s"]["ratio"] = 1e-308
    pages.write(folder, tiny=made)
    (folder / "noise.wav").write_bytes(b"RIFF....")
    (folder / "notes.md").write_text("not a result")
    done = pages.report(folder)
    assert done.exit_code == 0
    page = pages.Page(folder / "report.html")
    reasons = {
        "binary.json": "not JSON, or cut short: 'utf-8' codec",
        "deep.json": "not JSON, or cut short: ",
        "huge.json": "machine.memory_bytes: expected a whole number, 1 or more, got 1000",
        "lacks.json": "models.g2p_en-1.0.1.unit is missing",
        "noise.wav": "cannot read it as audio: ",
        "old.json": "schema_version: expected 2, got 1",
        "other.json": "not a results file of tfopt: no schema",
        "short.json": "not JSON, or cut short: ",
        "tiny.json": "models.g2p_en-1.0.1[0].rows[1].latency_s.ratio: expected a number above 0, 1e-18",
    }
    for name, reason in reasons.items():
        assert f"Not shown: {name}: {reason}" in done.output
        assert f"{name} : {reason}" in page.text
    assert "notes.md" not in page.text
    assert "25× faster" not in page.text
    assert "71× faster from naive to xla" in page.text


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "got none of these"),
        ({"a.json": "{"}, "got a.json: not JSON, or cut short"),
    ],
)
def test_a_folder_without_results_is_an_error(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = pages.report(tmp_path)
    assert done.exit_code == 1
    assert f"Error: {tmp_path}: expected results of `tfopt profile`" in done.output
    assert message in done.output
    assert not (tmp_path / "report.html").exists()


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    done = pages.report(tmp_path / "none")
    assert done.exit_code == 1
    assert "none': No such file or directory" in done.output
    assert not (tmp_path / "none").exists()


def test_the_page_replaces_no_result(tmp_path: Path) -> None:
    folder = pages.write(tmp_path / "results", run=documents.make())
    before = (folder / "run.json").read_bytes()
    done = pages.report(folder, "--out", str(folder / "run.json"))
    assert done.exit_code == 2
    assert "'--out': expected a name that ends in .html" in done.output
    assert (folder / "run.json").read_bytes() == before


def test_a_page_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    folder = pages.write(tmp_path / "results", run=documents.make())
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.html").mkdir()
    for out, message in {"file/r.html": "expected a folder", "folder.html": "is a folder"}.items():
        done = pages.report(folder, "--out", str(tmp_path / out))
        assert done.exit_code == 2, done.output
        assert message in done.output
