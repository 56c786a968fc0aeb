"""Results files: what is computed from them, what is refused, and how they are written."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import profiler_documents as documents
import pytest
from rich.console import Console

from tfopt.profiler import output, quantities, results, table


def test_figures_by_hand() -> None:
    rung = documents.rung(0.01, drift=(1.0, 2.0))
    rung["rounds"][0]["singles"] = {"latency_s": [0.1, 0.2, 0.3], "wall_s": 0.6, "cpu_s": 0.9}
    rung["rounds"][1]["singles"] = {"latency_s": [0.2, 0.4, 0.5], "wall_s": 1.4, "cpu_s": 1.1}
    rung["rounds"][0]["batches"] = [{"wall_s": 2.0, "cpu_s": 3.0}, {"wall_s": 4.0, "cpu_s": 5.0}]
    rung["rounds"][1]["batches"] = [{"wall_s": 1.0, "cpu_s": 2.0}]
    measured = documents.profile({"m": {"graph": rung}}).models["m"].measured[0][1]
    assert measured.latency_s.median == 0.25
    assert measured.latency_s.middles == (0.2, 0.4)
    assert measured.latency_p95_s == pytest.approx(0.475)  # 0.75 of the way from 0.4 to 0.5
    assert measured.throughput.middles == (384.0, 1024.0)  # 1024 items in 2 s and 4 s; in 1 s
    assert measured.throughput.median == 512.0
    assert measured.cold_start_s == 2.5
    assert measured.cpu_single == 1.0
    assert measured.cpu_batch == pytest.approx(10 / 7)


def test_a_dropped_backend_has_no_figures() -> None:
    made = documents.make({"m": {"naive": 0.05, "xla": documents.dropped("refused", "why")}})
    entry = results.parse(made, "x").models["m"].entry("xla")
    assert entry == results.Entry("xla", "refused", "why", None)


def damaged(path: str, value: Any) -> dict[str, Any]:
    """A document in which one value is replaced, or deleted if it is `...`."""
    made = documents.make()
    *parents, last = path.split("/")
    place: Any = made
    for parent in parents:
        place = place[int(parent)] if isinstance(place, list) else place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return made


GRAPH = "models/g2p_en-1.0.1/backends/graph"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("schema", "other", "not a results file"),
        ("schema", ..., "schema is missing"),
        ("schema_version", 99, "schema_version: expected 2, got 99"),
        ("machine", ..., "machine is missing"),
        ("machine/cpu/model", 3, "machine.cpu.model: expected a text, got 3"),
        ("machine/cgroup", [], "machine.cgroup: expected an object"),
        ("machine/cgroup/cpus", [1], "machine.cgroup.cpus: expected a number above 0, got [1]"),
        ("machine/cgroup/cpus", "two", "machine.cgroup.cpus: expected a number above 0, got 'two'"),
        (
            "machine/cgroup/cpus",
            math.inf,
            "machine.cgroup.cpus: expected a number above 0, got inf",
        ),
        ("machine/cgroup/cpus", 10**400, "machine.cgroup.cpus: expected a number above 0"),
        ("machine/cgroup/memory_bytes", "x", "machine.cgroup.memory_bytes: expected a whole"),
        ("machine/cores/affinity", None, "machine.cores.affinity: expected a whole number"),
        ("machine/cores/affinity", {}, "machine.cores.affinity: expected a whole number"),
        ("machine/cpu/instruction_sets", [1], "cpu.instruction_sets: expected a list of texts"),
        ("software/tensorflow/settings", "x", "tensorflow.settings: expected an object, got 'x'"),
        ("software/tensorflow/settings", {"A": [1]}, "settings.A: expected a text, got [1]"),
        ("software/tensorflow/compiler", None, "tensorflow.compiler: expected a text, got None"),
        ("software/tensorflow/compile_flags", "-O3", "compile_flags: expected a list, got '-O3'"),
        ("software/tensorflow/instruction_sets", [], "instruction_sets: expected an object"),
        ("settings/quick", "no", "settings.quick: expected true or false, got 'no'"),
        ("models/g2p_en-1.0.1/items/batch", 10**400, "items.batch: expected a whole number"),
        ("software/tensorflow/version", ..., "software.tensorflow.version is missing"),
        ("settings/threads", 0, "settings.threads: expected a whole number, 1 or more, got 0"),
        ("settings/threads", True, "settings.threads: expected a whole number"),
        ("models", {}, "models: expected at least one"),
        ("models/g2p_en-1.0.1/weights_sha256", ..., "weights_sha256 is missing"),
        (f"{GRAPH}/status", "fine", "graph.status: expected one of ok, refused, failed"),
        (f"{GRAPH}/rounds", [], "graph.rounds: expected at least one"),
        (f"{GRAPH}/rounds/0/singles/latency_s", [], "rounds[0].singles.latency_s: expected at"),
        (f"{GRAPH}/rounds/1/singles/latency_s", [0.1, -1], "rounds[1].singles.latency_s"),
        (f"{GRAPH}/rounds/1/singles/latency_s", ["1"], "expected a time in seconds, got '1'"),
        (f"{GRAPH}/rounds/0/batches/0/wall_s", 0, "batches[0].wall_s: expected a time"),
        (f"{GRAPH}/rounds/0/batches/0/wall_s", math.nan, "batches[0].wall_s: expected a time"),
        (f"{GRAPH}/cold_start", None, "graph.cold_start: expected an object, got None"),
        (f"{GRAPH}/peak_bytes", -5, "graph.peak_bytes"),
    ],
)
def test_damaged_files(tmp_path: Path, path: str, value: Any, problem: str) -> None:
    file = documents.write(tmp_path / "bad.json", damaged(path, value))
    with pytest.raises(ValueError, match=r"bad\.json") as error:
        results.read(file)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"\xff\xfe", b"[1, 2]", b"null", b'{"schema": ', b"[" * 100_000]
)
def test_files_that_are_something_else(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.json"):
        results.read(file)


def test_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    whole = json.dumps(documents.make())
    file.write_text(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="cut short"):
        results.read(file)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot read it: No such file"):
        results.read(tmp_path / "none.json")


def test_json_is_compact_and_the_same() -> None:
    made = documents.make()
    text = output.as_json(made)
    assert json.loads(text) == made
    assert b'"instruction_sets": ["avx2", "fma"]' in text.replace(b"[ ", b"[").replace(b" ]", b"]")
    assert text.count(b"\n") < 600


def test_brackets_in_texts_survive() -> None:
    made = {"reason": "a [ b,\n  c ] d", "values": ["[x,  y]", "z"]}
    assert json.loads(output.as_json(made)) == made


def test_writing_replaces_whole_files(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    output.write(target, b"old")
    output.write(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../a", "a b", "a.json", "x" * 101, "-a"])
def test_bad_names(name: str) -> None:
    with pytest.raises(ValueError, match="expected a plain file name"):
        output.check_name(name)


@pytest.mark.parametrize("name", ["profile", "tf-2.14", "graph_loop", "c++"])
def test_good_names(name: str) -> None:
    assert output.check_name(name) == name


def test_default_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_RESULTS", "/somewhere")
    assert output.default_folder() == Path("/somewhere")
    monkeypatch.delenv("TFOPT_RESULTS")
    assert output.default_folder() == Path("results")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0489, "48.9 ms"),
        (0.000612, "612 µs"),
        (1.5, "1.50 s"),
        (0.9996, "1000 ms"),
        (2e-6, "2.00 µs"),
    ],
)
def test_seconds(seconds: float, text: str) -> None:
    assert quantities.seconds_text(seconds) == text


def test_numbers() -> None:
    assert quantities.rate_text(9534.9) == "9,530"
    assert quantities.rate_text(123456.0) == "123,000"
    assert quantities.rate_text(0.5) == "0.50"
    assert quantities.ratio_text(41.3) == "41×"
    assert quantities.ratio_text(3.44) == "3.4×"
    assert quantities.ratio_text(1.016) == "1.02×"
    assert quantities.bytes_text(633_618_432) == "634 MB"
    assert quantities.bytes_text(None) == "-"


def printed(profile: results.Profile) -> str:
    console = Console(width=130, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    with console.file:
        for model in profile.models.values():
            console.print(table.of(model))
        console.print(table.legend(profile))
    return console.export_text()


def test_table() -> None:
    text = printed(documents.profile())
    assert "50.0 ms ±2%" in text
    assert "71×" in text
    assert "2 threads, 5 rounds" in text
    assert "Quick" not in text
    assert "Quick run: figures mean little." in printed(documents.profile(settings__quick=True))


def test_table_of_dropped_backends() -> None:
    small = {**documents.rung(0.05), "batch_items": 512}
    text = printed(
        documents.profile(
            {"m": {"naive": small, "xla": documents.dropped("refused", "3 of 256 [words] differ")}}
        )
    )
    assert "xla refused: 3 of 256 [words] differ" in text
    assert "(of 512)" in text
    only = printed(documents.profile({"m": {"xla": documents.dropped("failed", "why")}}))
    assert "xla failed: why" in only


def test_table_of_samples() -> None:
    """A tenth of a millisecond for a sample: 10,000 a second, half of what 20 kHz needs."""
    rung = {**documents.rung(0.1), "single_units": 1000, "batch_items": 4, "batch_units": 10}
    made = documents.make({"net": {"native": rung}})
    made["models"]["net"] |= {"kind": "wavenet", "unit": "sample", "sample_rate": 20_000}
    made["models"]["net"]["items"]["batch"] = 4
    text = printed(results.parse(made, "x"))
    assert "one stream" in text
    assert "10,000" in text
    assert "0.50×" in text
    assert "of bound" not in text
    made["models"]["net"]["cost"] = {
        "parameters": 1000,
        "operations": 2000,
        "bytes": 4000.0,
        "bytes_ahead": 3000.0,
        "bytes_per_s": [8e7, 8e7],
        "operations_per_s": [1e12, 1e12],
    }
    text = printed(results.parse(made, "x"))
    assert "50%" in text
    assert "Bound: 20,000 samples/s, in blocks 26,700" in text
    made["models"]["net"]["cost"]["bytes_ahead"] = 4000.0  # as of a WaveRNN: there is but one bound
    text = printed(results.parse(made, "x"))
    assert "Bound: 20,000 samples/s." in text
    assert "in blocks" not in text
