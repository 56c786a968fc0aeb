"""The pictures render whatever the results hold, and nothing in them overlaps or leaves the page."""

from __future__ import annotations

from typing import Any

import profiler_documents as documents
import pytest
from matplotlib.figure import Figure
from profiler_documents import assert_clean, texts

from tfopt.profiler import comparability, comparison, results
from tfopt.profiler.plots import comparison as comparison_plot
from tfopt.profiler.plots import ladder, style

SIX = {
    "naive": 0.05,
    "cached": 0.006,
    "graph": 0.002,
    "xla": 0.0007,
    "fused": 0.0004,
    "native": 0.00012,
}
LONG = "a-model-directory-with-a-very-long-name-that-says-everything-about-it-" + "x" * 60
REFUSED = documents.dropped(
    "refused", "12 of 256 words differ from the reference: " + "AA1 R " * 40
)
MODELS: dict[str, dict[str, Any]] = {
    "one backend": {"m": {"graph": 0.002}},
    "four": {"g2p_en-1.0.1": documents.LADDER},
    "three models of six": {"a": SIX, "b": SIX, LONG: SIX},
    "refused": {"m": {**SIX, "xla": REFUSED, "cached": documents.dropped("failed", "killed")}},
    "nothing left": {"m": {"graph": REFUSED}},
    "long names": {LONG: {"a-backend-with-quite-a-long-name" * 2: 0.1, "graph": 0.0001}},
    "unknown memory": {"m": {"graph": {**documents.rung(0.1), "peak_bytes": None}}},
    "dollars": {"$x^2$": {"graph": 0.1}},
    "extremes": {"m": {"naive": 100.0, "native": 1e-8}},
    "slow first call": {
        "m": {
            "xla": {
                **documents.rung(0.1),
                "cold_start": {"import_s": 1.0, "load_s": 0.01, "first_call_s": 900.0},
            }
        }
    },
}


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


def assert_png(content: bytes) -> None:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(content) > 10_000


@pytest.mark.parametrize("case", MODELS)
def test_a_run(drawn: list[Figure], case: str) -> None:
    assert_png(ladder.draw(documents.profile(MODELS[case])))
    assert_clean(drawn[0])


def test_the_title_says_the_finding(drawn: list[Figure]) -> None:
    ladder.draw(documents.profile())
    shown = texts(drawn[0])
    assert "g2p_en-1.0.1: 71× faster from naive to xla, same phonemes" in shown
    assert "Example CPU 3000 @ 2.70GHz · 2 threads · TensorFlow 2.21.0" in shown


QUICK = "quick run: figures mean little"


def headings(figure: Figure) -> list[str]:
    """The title, the subtitle and the sections' headings: what stands on the page, not in a panel."""
    return [text.get_text() for text in figure.texts if text.get_text()]


def test_a_quick_run_claims_nothing(drawn: list[Figure]) -> None:
    ladder.draw(documents.profile(settings__quick=True))
    title, subtitle, *others = headings(drawn[0])
    assert title == f"g2p_en-1.0.1: {QUICK}"
    assert subtitle.startswith(f"{QUICK} · Example CPU")
    assert not any("×" in text for text in others)
    ladder.draw(documents.profile({"a": SIX, "b": SIX}, settings__quick=True))
    title, subtitle, *others = headings(drawn[1])
    assert title == QUICK.capitalize()
    assert subtitle.startswith(QUICK)
    assert f"b: {QUICK}" in others
    assert not any("×" in text for text in others)


def test_a_quick_run_still_says_that_nothing_worked(drawn: list[Figure]) -> None:
    ladder.draw(documents.profile({"m": {"graph": REFUSED}}, settings__quick=True))
    assert headings(drawn[0])[0] == "m: no backend gave the reference's output"


def test_a_comparison_with_a_quick_run_claims_nothing(drawn: list[Figure]) -> None:
    runs = [
        documents.profile({"m": {"graph": latency}}, settings__quick=quick)
        for latency, quick in ((0.1, False), (0.05, True))
    ]
    compare(*runs, labels=("a", "b"))
    title, subtitle, *_ = headings(drawn[0])
    assert title == f"m: b against a: {QUICK}"
    assert subtitle.startswith(f"{QUICK} · Example CPU")


def test_a_smaller_batch_is_named(drawn: list[Figure]) -> None:
    slow = {**documents.rung(0.05), "batch_items": 512}
    faster = {**documents.rung(0.01), "batch_items": 256}
    ladder.draw(documents.profile({"m": {"naive": slow, "cached": faster, "graph": 0.001}}))
    assert_clean(drawn[0])
    shown = texts(drawn[0])
    assert (shown.count("(of 512)"), shown.count("(of 256)")) == (1, 1)
    assert "(of 1,024)" not in shown


def test_no_promise_when_a_backend_was_refused(drawn: list[Figure]) -> None:
    ladder.draw(documents.profile({"m": {**documents.LADDER, "cached": REFUSED}}))
    shown = texts(drawn[0])
    assert "m: 71× faster from naive to xla" in shown
    assert "same phonemes" not in shown
    assert "refused: 12 of 256 words differ" in shown


def test_a_cpu_limit_is_named(drawn: list[Figure]) -> None:
    ladder.draw(documents.profile(machine__cgroup__cpus=1.5, settings__threads=1))
    assert "1 thread · limited to 1.5 CPUs" in texts(drawn[0])


def compare(*runs: Any, labels: tuple[str, ...]) -> bytes:
    models = comparison.common_models(labels, runs)
    found = comparability.differences(runs, models)
    return comparison_plot.draw(comparison.compare(labels, runs, found))


def test_a_comparison_by_backend(drawn: list[Figure]) -> None:
    faster = {**documents.LADDER, "graph": 0.001}
    one, two = documents.profile(), documents.profile({"g2p_en-1.0.1": faster}, settings__threads=1)
    assert_png(compare(one, two, labels=("before", "after")))
    assert_clean(drawn[0])
    shown = texts(drawn[0])
    title = (
        "g2p_en-1.0.1: after against before: latency graph 2.0×, others within the noise; "
        "throughput graph 2.0×, others within the noise"
    )
    assert title in shown
    assert "Not the same in all runs: threads: before: 2, after: 1" in shown
    assert "1.00× ≈" in shown


def test_a_comparison_of_builds(drawn: list[Figure]) -> None:
    """What is compared is said in full, in as many lines as it takes, and is no warning."""
    flags = {"compiled_with": [f"SET{number}" for number in range(40)], "not_compiled_with": []}
    names = ["g2p_en-1.0.1", "g2p_en-2.1.0"]
    runs = [
        documents.profile(dict.fromkeys(names, documents.LADDER), **changes)
        for changes in ({}, {"software__tensorflow__instruction_sets": flags})
    ]
    found = comparability.differences(runs, names)
    subject = ("tensorflow", "tensorflow-build")
    compared = comparison.compare(("stock", LONG), runs, found, subject)
    assert_png(comparison_plot.draw(compared))
    assert_clean(drawn[0])
    shown = texts(drawn[0])
    assert "Compared: tensorflow-build: stock: instruction_sets" in shown
    assert "SET39; not_compiled_with none." in shown.replace("\n", " ")
    assert "Not the same in all runs" not in shown
    assert "g2p_en-1.0.1: latency within the noise" in shown


def slower_batches(latency_s: float, factor: float) -> dict[str, Any]:
    rung = documents.rung(latency_s)
    for one in rung["rounds"]:
        one["batches"][0]["wall_s"] *= factor
    return rung


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"graph": 0.1}, "latency within the noise"),
        ({"graph": slower_batches(0.1, 16.0)}, "latency within the noise; throughput 16× lower"),
        ({"graph": slower_batches(0.05, 2.0)}, "latency 2.0× shorter"),
        ({"graph": 0.3}, "latency 3.0× longer; throughput 3.0× lower"),
        ({"graph": documents.rung(0.1, drift=(1.0, 1.0))}, ""),
    ],
)
def test_the_finding_names_both_quantities(second: dict[str, Any], said: str) -> None:
    runs = [documents.profile({"m": {"graph": 0.1}}), documents.profile({"m": second})]
    compared = comparison.compare(("a", "b"), runs)
    found = comparison_plot.finding(compared, compared.models["m"])
    assert found == (f"b against a: {said}" if said else "too few rounds to tell b from a")


def test_the_finding_over_several_backends() -> None:
    runs = [
        documents.profile({"m": {"graph": a, "xla": b}})
        for a, b in ((0.1, 0.1), (0.05, 0.02), (0.2, 0.02))
    ]
    for run, said in (
        (1, "latency 2.0× to 5.0× shorter; throughput 2.0× to 5.0× higher"),
        (2, "latency graph 0.50×, xla 5.0×; throughput graph 0.50×, xla 5.0×"),
    ):
        compared = comparison.compare(("a", "b"), [runs[0], runs[run]])
        assert comparison_plot.finding(compared, compared.models["m"]) == f"b against a: {said}"


def test_smaller_batches_are_named(drawn: list[Figure]) -> None:
    small = {**documents.rung(0.05), "batch_items": 512}
    runs = [documents.profile({"m": {"naive": small}}), documents.profile({"m": {"graph": 0.1}})]
    compare(*runs, labels=("a", "b"))
    assert_clean(drawn[0])
    assert texts(drawn[0]).count("(of 512)") == 1
    assert "(of 1,024)" not in texts(drawn[0])


def test_a_comparison_of_single_backends(drawn: list[Figure]) -> None:
    runs = [documents.profile({"a": {b: t}, "b": {b: 2 * t}}) for b, t in documents.LADDER.items()]
    assert_png(compare(*runs, labels=("initial", "cached", "graph_loop", LONG)))
    assert_clean(drawn[0])
    assert "initial (naive)" in texts(drawn[0])


def test_a_comparison_with_nothing_to_compare(drawn: list[Figure]) -> None:
    runs = [documents.profile({"m": {"graph": REFUSED}}), documents.profile({"m": {"graph": 0.1}})]
    assert_png(compare(*runs, labels=("one", "two")))
    assert_clean(drawn[0])


def audio(*, cost: bool) -> dict[str, Any]:
    """The document of a WaveNet's ladder."""
    rungs = {
        name: {**documents.rung(1000 * seconds), "single_units": 1000, "batch_items": 16}
        for name, seconds in SIX.items()
    }
    made = documents.make({"wavenet-default": rungs})
    model = made["models"]["wavenet-default"]
    model |= {"kind": "wavenet", "unit": "sample", "sample_rate": 24_000}
    model["items"]["batch"] = 16
    rates = [3e10, 3.1e10] if cost else []
    model["cost"] = {
        "parameters": 894_208,
        "operations": 1_734_464,
        "bytes": 3.48e6,
        "bytes_ahead": 2.97e6,
        "bytes_per_s": rates,
        "operations_per_s": rates,
        "reason": None if cost else "no library",
    }
    return made


@pytest.mark.parametrize("cost", [True, False])
def test_a_ladder_of_samples(drawn: list[Figure], cost: bool) -> None:
    profile = results.parse(audio(cost=cost), "x")
    assert_png(ladder.draw(profile))
    assert_clean(drawn[0])
    shown = texts(drawn[0])
    assert "wavenet-default: 417× faster from naive to native, same samples" in shown
    assert "One sample of one stream" in shown
    assert ("dashed: bound, 114 µs; dotted: real time, 41.7 µs" in shown) == cost
    assert "dotted: real time, 41.7 µs" in shown
