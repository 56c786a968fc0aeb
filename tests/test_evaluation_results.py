"""What an evaluation says: its file, read back; its table; its picture."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tfopt.evaluation import metrics, plot, results, table
from tfopt.evaluation.results import Evaluation, Row

FLOAT32 = Row(
    model="dense",
    compute_type="float32",
    computed_in="float32",
    density=1.0,
    file_bytes=2_000_000,
    memory_bytes=1_900_000,
    sample_rate=20_000,
    qualities={"nats_per_sample": 3.0, "log_spectral_distance_db": 12.5},
    speeds={"samples_per_s": (10_000.0, 11_000.0, 9_000.0)},
)
INT8 = replace(
    FLOAT32,
    compute_type="auto",
    computed_in="int8",
    qualities={"nats_per_sample": 3.0123, "log_spectral_distance_db": 12.75},
    speeds={"samples_per_s": (40_000.0,)},
)
UNCONDITIONAL = replace(
    FLOAT32, model="pruned", density=0.1, qualities={"nats_per_sample": 2.5}, sample_rate=8000
)
AUDIO = Evaluation(metrics.VOCODER, "2 recordings, 3.0 s", (FLOAT32, INT8, UNCONDITIONAL))
G2P = Evaluation(
    metrics.G2P,
    "10 words",
    (
        replace(
            FLOAT32,
            sample_rate=None,
            qualities=dict.fromkeys((m.name for m in metrics.SORTS["g2p"].qualities), 0.0),
            speeds={"words_per_s": (100.0,), "words_per_s_alone": (10.0,)},
        ),
    ),
)
HEADER = {"schema": results.SCHEMA, "schema_version": results.SCHEMA_VERSION}


def document(evaluation: Evaluation = AUDIO) -> dict[str, Any]:
    return {**HEADER, **copy.deepcopy(results.as_json(evaluation))}


@pytest.mark.parametrize("evaluation", [AUDIO, G2P])
def test_a_file_is_read_back(evaluation: Evaluation) -> None:
    assert results.parse(document(evaluation), "a.json") == evaluation


def test_losses_are_against_the_same_model_in_float32() -> None:
    assert AUDIO.loss(FLOAT32) == 0
    assert AUDIO.loss(INT8) == pytest.approx(0.0123)
    assert AUDIO.loss(UNCONDITIONAL) == 0
    alone = Evaluation(metrics.VOCODER, "", (INT8,))
    assert alone.loss(INT8) is None


def changed(*path: Any, to: Any) -> dict[str, Any]:
    made = document()
    place: Any = made
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return made


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (changed("schema_version", to=99), "schema_version: expected 1, got 99"),
        (changed("sort", to="tea"), "sort: expected one of vocoder, g2p, got 'tea'"),
        (changed("rows", to=[]), "rows: expected at least one"),
        (changed("rows", 0, "density", to=1.5), r"rows\[0\].density: expected at most 1, got 1.5"),
        (changed("rows", 1, "qualities", to={}), "nats_per_sample is missing"),
        (changed("rows", 1, "qualities", "nats_per_sample", to="x"), "expected a number, got 'x'"),
        (changed("rows", 1, "qualities", "smell", to=1), "smell: expected nothing of that name"),
        (changed("rows", 2, "speeds", "samples_per_s", to=[]), "expected numbers above 0"),
        (changed("rows", 2, "speeds", "samples_per_s", to=[0]), "expected numbers above 0, got 0"),
        (changed("rows", 2, "speeds", to={}), "samples_per_s is missing"),
    ],
)
def test_damaged_files(made: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        results.parse(made, "a.json")
    assert str(caught.value).startswith("a.json: ")


def test_the_table() -> None:
    console = Console(width=150)
    with console.capture() as capture:
        console.print(table.of(AUDIO))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert "dense" in lines
    assert "float32 100% 3.0000 12.50 dB 10,000 ±10% 0.50× 2.00 MB 1.90 MB" in lines
    assert "auto (int8) 100% 3.0123 (+0.0123) 12.75 dB 40,000 ±0% 2.00× 2.00 MB 1.90 MB" in lines
    assert lines.index("dense") < lines.index("pruned")
    assert "float32 10% 2.5000 - 10,000 ±10% 1.25× 2.00 MB 1.90 MB" in lines


def test_markdown() -> None:
    text = table.markdown(AUDIO, "a | b")
    lines = text.splitlines()
    assert lines[0] == r"# a \| b"
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert {line.count("|") for line in rows} == {10}
    assert "| dense | auto (int8) | 100% | 3.0123 (+0.0123) | 12.75 dB |" in text
    assert "On 2 recordings, 3.0 s." in lines[-1]


def test_a_loss_that_rounds_to_nothing_has_no_sign() -> None:
    near = replace(INT8, qualities={"nats_per_sample": 3.0 - 1e-9})
    text = table.markdown(Evaluation(metrics.VOCODER, "", (FLOAT32, near)), "a")
    assert "3.0000 (0.0000)" in text


def test_the_finding() -> None:
    assert plot.finding(AUDIO) == (
        "dense, auto (int8) is 4.0× as fast as dense, float32; "
        "negative log-likelihood, nats a sample: 3.0000 → 3.0123"
    )
    assert plot.finding(G2P) == "dense, float32: words wrong 0.00%"


@pytest.mark.parametrize(
    "evaluation",
    [AUDIO, G2P, replace(AUDIO, rows=(UNCONDITIONAL,)), replace(AUDIO, rows=(FLOAT32,) * 40)],
)
def test_the_picture_can_be_drawn(evaluation: Evaluation) -> None:
    """Also of one point, of points without a spread, and of so many that names have no room."""
    assert plot.draw(evaluation, "a CPU").startswith(b"\x89PNG")
