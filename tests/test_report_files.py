"""What the report takes of each kind of file: figures that can be checked by hand, and no damaged one."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator
from typing import Any

import profiler_documents as documents
import pytest
import report_pages as pages

from tfopt.profiler.results import Profile
from tfopt.report import page, readers
from tfopt.report.benchmark_files import ErrorRates, Peers
from tfopt.report.comparison_file import Comparison
from tfopt.report.folder import Contents, File
from tfopt.report.question_files import Hoisting, Memory, Modules, Realtime, Sweep


def made(name: str) -> Any:
    """A document of each kind."""
    if name == "profile":
        return documents.make()
    if name == "layers":
        return pages.layers()
    if name == "hoisting":
        return pages.trimmed(pages.hoisting())
    if name == "wavernn_peers":
        return {"model": "wavernn-small", "samples": 550, "seconds": {"a": [1.0], "b": [2.0]}}
    if name == "comparison":
        return pages.compared(documents.make(), documents.make())
    found = pages.committed(name)
    # Of these every timing counts, and there are few.
    return found if name in ("wavenet_modules", "g2p_error_rate") else pages.trimmed(found)


KINDS = {
    "profile": Profile,
    "wavenet_types": Profile,
    "layers": Sweep,
    "wavenet_threads": Sweep,
    "wavenet_modules": Modules,
    "wavenet_memory": Memory,
    "wavenet_realtime": Realtime,
    "hoisting": Hoisting,
    "comparison": Comparison,
    "g2p_error_rate": ErrorRates,
    "g2p_en_numpy": Peers,
    "wavernn_peers": Peers,
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_told_by_its_schema(name: str) -> None:
    assert isinstance(readers.read(made(name), "a.json"), KINDS[name])


def test_an_unknown_schema_is_named_with_those_known() -> None:
    with pytest.raises(ValueError, match=r"a.json: schema: expected one of tfopt-profile, .* 'x'"):
        readers.read({"schema": "x"}, "a.json")
    with pytest.raises(ValueError, match=r"a.json: not a results file of tfopt: no schema"):
        readers.read("text", "a.json")


@pytest.mark.parametrize(
    "name", [name for name in KINDS if not name.startswith(("g2p", "wavernn_peers"))]
)
def test_another_version_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"a.json: schema_version: expected \d, got 7"):
        readers.read(made(name) | {"schema_version": 7}, "a.json")


WRONG: dict[str, list[tuple[tuple[Any, ...], Any, str]]] = {
    "profile": [
        (("machine", "memory_bytes"), 10**400, "machine.memory_bytes: expected a whole number"),
    ],
    "wavenet_types": [
        (("machine", "cpu", "caches", 1, "bytes"), 1e308, r"caches\[1\].bytes: expected a whole"),
        (("models", "wavenet-small", "cost", "bytes"), 1e-300, "bytes: expected .* 1e-18 or more"),
    ],
    "wavenet_threads": [
        (("sweep",), "memory", "sweep: expected one of layers, threads, batch, length"),
        (("points", 0, "x"), 0, r"points\[0\].x: expected a number above 0, got 0"),
        (
            ("points", 1, "backends", "xla", "rounds", 2, "singles", "latency_s", 0),
            -1,
            r"points\[1\].backends.xla.rounds\[2\].singles.latency_s: expected a time in seconds",
        ),
        (("points", 0, "backends", "xla", "status"), "odd", "expected one of ok, refused, failed"),
        (("model", "config", "kernel_size"), 0, "a.json: model: kernel_size: expected"),
        (("settings", "quick"), 1, "settings.quick: expected true or false, got 1"),
        (("settings", "rounds"), 10**400, "settings.rounds: expected a whole number"),
    ],
    "layers": [
        (("points", 0, "cost", "bytes"), None, r"points\[0\].cost.bytes: expected a number")
    ],
    "wavenet_modules": [
        (("modules",), ["input", "magic"], "modules: expected some of input, ahead"),
        (("seconds_per_step", 3, 0), [1.0], "seconds_per_step: expected 8 times a repeat"),
    ],
    "wavenet_memory": [(("looks",), [], "looks: expected at least one")],
    "wavenet_realtime": [
        (("calibration", 1, "measured", "rounds"), [], "calibration.*measured: expected a time"),
        (("rows", 2, "rates", "bytes_per_s"), [0], "bytes_per_s: expected numbers above 0"),
    ],
    "hoisting": [
        (("layers", 1, "before"), 0, r"layers\[1\].before: expected a number above 0, got 0"),
        (("layers", 1, "step"), -1, r"layers\[1\].step: expected a number above 0, got -1"),
        (("layers", 0, "odd"), 1, r"layers\[0\].odd: expected nothing of that name"),
        (("model", "kind"), "g2p", "model.kind: expected one of wavenet, wavernn, got 'g2p'"),
        (("model", "config", "bits"), 99, "a.json: model: bits: expected"),
        (("backends", "xla", "after", "status"), "odd", "xla.after.status: expected one of ok"),
    ],
    "comparison": [
        (("models", "g2p_en-1.0.1", 0, "rows", 1, "latency_s", "ratio"), -1, "ratio: expected"),
        (
            ("models", "g2p_en-1.0.1", 0, "rows", 1, "latency_s", "ratio"),
            1e-308,
            "latency_s.ratio: expected a number above 0, 1e-18 or more, got 1e-308",
        ),
        (
            ("models", "g2p_en-1.0.1", 0, "rows", 1, "latency_s", "low"),
            9.0,
            "low: expected a range",
        ),
        (("runs",), [], "runs: expected at least one"),
    ],
    "g2p_error_rate": [
        ((0, "words_wrong"), 5000, r"models\[0\].words_wrong: expected at most 2048, got 5000"),
        ((), [], "models: expected at least one"),
    ],
    "g2p_en_numpy": [(("seconds",), {"one": [1.0]}, "seconds: expected two programs or more")],
}


@pytest.mark.parametrize(
    ("name", "path", "value", "message"),
    [(name, *one) for name, some in WRONG.items() for one in some],
)
def test_what_is_wrong_is_named(name: str, path: tuple[Any, ...], value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        readers.read(changed(made(name), path, value), "a.json")


@pytest.mark.parametrize("name", KINDS)
def test_no_damage_gets_past_the_reader(name: str) -> None:
    """Whatever a file holds: either its reader says what is wrong, or all parts of the page can be made."""
    chance = random.Random(0)  # noqa: S311
    values: list[Any] = [None, "text", True, [], [1], {}, {"a": 1}]
    values += [-1, 0, 5e-324, 1e-308, 1e-18, 2**63 - 1, 1e308, 10**400, math.nan]
    document = made(name)
    shown = 0
    places = list(paths(document))
    for _ in range(60):
        path, value = chance.choice(places), chance.choice(values)
        content = changed(document, path, value)
        try:
            read = readers.read(content, "a.json")
        except (ValueError, ArithmeticError):
            continue
        contents = Contents([File("a.json", content, read)])
        shown += bool("".join(make(contents) for _, _, make in page.SECTIONS))
    assert shown


def paths(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document; of a list only its first and its last part."""
    yield path
    if isinstance(document, dict):
        for name, value in document.items():
            yield from paths(value, (*path, name))
    elif isinstance(document, list) and document:
        for place in {0, len(document) - 1}:
            yield from paths(document[place], (*path, place))


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy in which something else stands in one place."""
    if not path:
        return value
    document = copy.deepcopy(document)
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return document


def test_error_rates_are_shares() -> None:
    rates = readers.read(
        [{"model": "m", "words": 8, "words_wrong": 2, "phonemes": 40, "phoneme_errors": 0}],
        "a.json",
    )
    (one,) = rates.models
    assert (one.model, one.words, one.of_words, one.of_phonemes) == ("m", 8, 0.25, 0.0)


def test_peers_of_samples_name_their_model() -> None:
    peers = readers.read(made("wavernn_peers"), "a.json")
    assert (peers.unit, peers.count, peers.model) == ("samples", 550, "wavernn-small")
    assert peers.rates["b"].median == 275.0


def test_peers_are_rates_slowest_first() -> None:
    peers = readers.read(
        {"words": 100, "seconds": {"fast": [1.0, 2.0, 4.0], "slow": [10.0]}}, "a.json"
    )
    assert list(peers.rates) == ["slow", "fast"]
    assert peers.rates["fast"].median == 50.0
    assert peers.rates["fast"].low == 25.0
    assert peers.rates["fast"].high == 100.0
