"""The report of what `tfopt evaluate` writes: a chart and a table of each file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_pages as pages
from test_evaluation_results import AUDIO, G2P, UNCONDITIONAL, document

from tfopt.evaluation.results import Evaluation


def page_of(folder: Path, *made: dict[str, Any]) -> pages.Page:
    for number, one in enumerate(made):
        (folder / f"{number}.json").write_text(json.dumps(one))
    return pages.page(folder)


def test_the_page(tmp_path: Path) -> None:
    page = page_of(tmp_path, document(AUDIO), document(G2P))
    assert page.headings == ["Quality against speed"]
    assert "Negative log-likelihood, nats a sample, against samples a second" in page.text
    assert "3.0123 (+0.0123)" in page.text
    assert "Words wrong, against words a second in batches" in page.text
    first, second = page.charts
    assert [trace["name"] for trace in first["data"]] == ["dense", "pruned"]
    assert first["data"][0]["x"] == [10_000, 40_000]
    assert first["data"][0]["y"] == [3.0, 3.0123]
    assert "dense, auto (int8): 3.0123, 40,000 samples a second" in first["data"][0]["hovertext"]
    assert len(second["data"]) == 1
    plots = [div for div in page.all("div") if div.get("class") == "plot"]
    assert "dense in auto (int8) 3.0123" in str(plots[0]["aria-label"])


@pytest.mark.parametrize("text", [pages.HOSTILE])
def test_names_are_text(tmp_path: Path, text: str) -> None:
    row = replace(UNCONDITIONAL, model=text, compute_type=text)
    page = page_of(tmp_path, document(Evaluation("vocoder", text, (row,))))
    assert text in page.text
    assert not [element for element, _ in page.elements if element == "img"]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    page = page_of(tmp_path, document(AUDIO), {**document(AUDIO), "sort": "tea"})
    assert "1.json" in page.text
    assert "sort: expected one of vocoder, g2p, got 'tea'" in page.text
