"""Comparing runs: what belongs together, what may be compared, what is noise."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import profiler_documents as documents
import pytest
from click.testing import CliRunner, Result
from fake_surroundings import SOFTWARE
from rich.console import Console

from tfopt.cli import cli
from tfopt.profiler import comparability, comparison, comparison_table
from tfopt.profiler.results import Profile, parse

MODEL = "g2p_en-1.0.1"
TENSORFLOW = SOFTWARE["tensorflow"]
REBUILT = {"compiled_with": ["AVX", "AVX2", "FMA"], "not_compiled_with": []}
# One change a field, and what the user is told of it.
CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "cpu": (
        {"machine__cpu__model": "Other CPU"},
        "cpu: a: Example CPU 3000 @ 2.70GHz, b: Other CPU",
    ),
    "cpu-limit": (
        {"machine__cgroup__cpus": 1.5},
        "cpu-limit: a: 8 cores, b: 8 cores limited to 1.5",
    ),
    "memory-limit": (
        {"machine__cgroup__memory_bytes": 4 * 10**9},
        "memory-limit: a: none, b: 4 GB",
    ),
    "threads": ({"settings__threads": 1}, "threads: a: 2, b: 1"),
    "tensorflow": ({"software__tensorflow__version": "2.14.0"}, "tensorflow: a: 2.21.0, b: 2.14.0"),
    "tensorflow-build": (
        {"software__tensorflow__instruction_sets": REBUILT},
        "tensorflow-build: a: instruction_sets compiled_with AVX; not_compiled_with AVX2 FMA",
    ),
    "environment": (
        {"software__tensorflow__settings": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
        "environment: a: TF_ENABLE_ONEDNN_OPTS null, b: TF_ENABLE_ONEDNN_OPTS 0",
    ),
    "python": ({"software__python": "3.12.1"}, "python: a: 3.11.7, b: 3.12.1"),
    "numpy": ({"software__numpy": "1.26.4"}, "numpy: a: 2.1.0, b: 1.26.4"),
    "items": (
        {"models__g2p_en-1.0.1__items__sha256": "d" * 64},
        "items: a: aaaaaaaaaaaa, b: dddddddddddd",
    ),
    "batch": (
        {"models__g2p_en-1.0.1__items__batch": 64},
        "batch: a: g2p_en-1.0.1 asked for 1024, b: g2p_en-1.0.1 asked for 64",
    ),
    "weights": (
        {"models__g2p_en-1.0.1__weights_sha256": "e" * 64},
        "weights: a: bbbbbbbbbbbb, b: eeeeeeeeeeee",
    ),
}


def fields(*runs: Profile) -> list[str]:
    return [one.field for one in comparability.differences(runs, [MODEL])]


def test_every_field_is_covered() -> None:
    assert {*CHANGES, "all"} == set(comparability.FIELDS)


@pytest.mark.parametrize("field", CHANGES)
def test_a_difference_is_found_and_named(field: str) -> None:
    changes, text = CHANGES[field]
    runs = [documents.profile(), documents.profile(**changes)]
    found = comparability.differences(runs, [MODEL])
    assert [one.field for one in found] == [field]
    assert found[0].text(["a", "b"]).startswith(text)
    assert comparability.not_allowed(found, []) == found
    assert comparability.not_allowed(found, [field]) == []
    assert comparability.not_allowed(found, ["all"]) == []
    other = "threads" if field != "threads" else "cpu"
    assert comparability.not_allowed(found, [other]) == found


def test_other_words_timed_alone_are_a_difference() -> None:
    made = documents.make()
    made["models"][MODEL]["items"]["singles_sha256"] = "f" * 64
    found = comparability.differences([documents.profile(), parse(made, "x")], [MODEL])
    assert [one.field for one in found] == ["items"]


def on_cpu(model: str, flags: list[str], sets: list[str], **changes: Any) -> Profile:
    found = {"compiled_with": sets, "not_compiled_with": []}
    return documents.profile(
        machine__cpu__model=model,
        machine__cpu__instruction_sets=flags,
        software__tensorflow__instruction_sets=found,
        **changes,
    )


def test_one_build_on_two_cpus() -> None:
    """What is known of a build's instruction sets depends on the CPU; the rest of it does not."""
    small, large = on_cpu("A", ["avx"], ["AVX"]), on_cpu("B", ["avx", "fma"], ["AVX", "FMA"])
    assert fields(small, large) == ["cpu"]
    other = {"software__tensorflow__compiler": "GCC 13"}
    assert fields(small, on_cpu("B", ["avx"], ["AVX"], **other)) == ["cpu", "tensorflow-build"]
    rebuilt = on_cpu("B", ["avx", "fma"], ["AVX"])
    assert fields(small, large, rebuilt) == ["cpu", "tensorflow-build"]


def with_batches(**sizes: int) -> Profile:
    rungs = {name: {**documents.rung(0.1), "batch_items": size} for name, size in sizes.items()}
    return documents.profile({"m": rungs})


def test_smaller_batches_of_a_slow_backend_are_a_difference() -> None:
    runs = [with_batches(naive=512, graph=1024), with_batches(naive=256, graph=1024)]
    (found,) = comparability.differences(runs, ["m"])
    assert found.text(["a", "b"]) == "batch: a: m naive 512, b: m naive 256"
    assert comparability.not_allowed([found], []) == [found]
    assert comparability.not_allowed([found], ["batch"]) == []
    assert comparability.differences([runs[0], runs[0]], ["m"]) == []


def test_batches_of_different_backends_may_differ_and_say_so() -> None:
    runs = [with_batches(naive=512), with_batches(graph=1024)]
    assert comparability.differences(runs, ["m"]) == []
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(comparison_table.of(comparison.compare(["a", "b"], runs), "m"))
    text = console.export_text()
    assert text.count("(of 512)") == 1
    assert "(of 1,024)" not in text


def test_a_dropped_backend_has_no_batch_to_compare() -> None:
    bad = documents.profile({"m": {"naive": documents.dropped("failed", "why")}})
    assert comparability.differences([with_batches(naive=512), bad], ["m"]) == []


def test_what_may_differ() -> None:
    """Names, dates and the rounds are what one compares, or do not matter."""
    other = documents.profile(name="other", created="2030", settings__rounds=9)
    assert comparability.differences([documents.profile(), other], [MODEL]) == []


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ({"version": "9.9"}, "9.9"),
        ({"version": "1.0", "git_commit": "ab", "uncommitted_changes": False}, "1.0 ab"),
        ({"version": "1.0", "git_commit": "a", "uncommitted_changes": True}, "1.0 a with changes"),
    ],
)
def test_another_tfopt_is_named_and_not_refused(program: dict[str, Any], text: str) -> None:
    runs = [documents.profile(tfopt={"version": "1.0"}), documents.profile(tfopt=program)]
    (found,) = comparability.differences(runs, [MODEL])
    assert found.text(["a", "b"]) == f"tfopt: a: 1.0, b: {text}"
    assert comparability.not_allowed([found], []) == []


def test_the_third_run_counts_too() -> None:
    runs = [documents.profile(), documents.profile(), documents.profile(settings__threads=4)]
    assert [one.values for one in comparability.differences(runs, [MODEL])] == [("2", "2", "4")]


def test_ratios_and_noise() -> None:
    one = documents.profile({"m": {"graph": 0.002, "xla": 0.001}})
    two = documents.profile({"m": {"graph": 0.001, "xla": 0.00101}})
    compared = comparison.compare(["a", "b"], [one, two])
    assert compared.kind == comparison.BACKENDS
    graph, xla = compared.models["m"]
    assert (graph.name, xla.name) == ("graph", "xla")
    assert graph.rows[0].latency is None
    change = graph.rows[1].latency
    assert change is not None
    assert change.ratio == pytest.approx(2.0)
    assert (change.noise, change.verdict) == (False, "better")
    change = xla.rows[1].throughput
    assert change is not None
    assert change.ratio == pytest.approx(1 / 1.01)
    assert (change.noise, change.verdict) == (True, "within noise")


def test_slower_is_worse() -> None:
    runs = [documents.profile({"m": {"graph": value}}) for value in (0.001, 0.003)]
    change = comparison.compare(["a", "b"], runs).models["m"][0].rows[1].throughput
    assert change is not None
    assert (round(change.ratio, 3), change.verdict) == (0.333, "worse")


def test_too_few_rounds() -> None:
    few = documents.rung(0.001, drift=(1.0, 1.01))
    runs = [documents.profile({"m": {"graph": value}}) for value in (few, 0.1)]
    change = comparison.compare(["a", "b"], runs).models["m"][0].rows[1].latency
    assert change is not None
    assert (change.noise, change.verdict) == (None, "too few rounds")


def test_single_backends_form_a_ladder() -> None:
    runs = [documents.profile({"m": {b: t}}) for b, t in documents.LADDER.items()]
    compared = comparison.compare(list("abcd"), runs)
    assert compared.kind == comparison.LADDER
    (group,) = compared.models["m"]
    assert [row.entry.backend for row in group.rows] == ["naive", "cached", "graph", "xla"]
    assert group.rows[3].latency is not None
    assert group.rows[3].latency.ratio == pytest.approx(0.05 / 0.0007)


def test_only_what_all_share_is_compared() -> None:
    one = documents.profile({"m": documents.LADDER, "n": documents.LADDER})
    two = documents.profile({"n": {"graph": 0.1, "xla": 0.1}})
    compared = comparison.compare(["a", "b"], [one, two])
    assert list(compared.models) == ["n"]
    assert [group.name for group in compared.models["n"]] == ["graph", "xla"]


def test_a_dropped_backend_has_no_ratio() -> None:
    bad = documents.dropped("refused", "why")
    for values in ([bad, 0.1], [0.1, bad]):
        runs = [documents.profile({"m": {"graph": value}}) for value in values]
        compared = comparison.compare(["a", "b"], runs)
        assert [row.latency for row in compared.models["m"][0].rows] == [None, None]
        assert "why" in json.dumps(comparison.as_json(compared))


def test_nothing_in_common() -> None:
    runs = [documents.profile({name: {"graph": 0.1}}) for name in "mn"]
    with pytest.raises(ValueError, match="no model in common: a has m; b has n"):
        comparison.compare(["a", "b"], runs)
    runs = [
        documents.profile({"m": {"naive": 0.1, "cached": 0.1}}),
        documents.profile({"m": {"graph": 0.1}}),
    ]
    with pytest.raises(ValueError, match=r"share a backend or hold one each.*a has naive, cached"):
        comparison.compare(["a", "b"], runs)


def test_labels() -> None:
    paths = [Path("x/initial.json"), Path("x/xla.json")]
    assert comparison.unique_labels(paths) == ["initial", "xla"]
    paths = [Path("x/profile.json"), Path("y/profile.json")]
    assert comparison.unique_labels(paths) == ["x/profile", "y/profile"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["compare", *map(str, arguments)])


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two comparable files, and `results` as a folder that may be written to."""
    monkeypatch.setenv("TFOPT_RESULTS", str(tmp_path / "results"))
    faster = documents.make({MODEL: {**documents.LADDER, "graph": 0.001}})
    return [
        documents.write(tmp_path / "before.json", documents.make()),
        documents.write(tmp_path / "after.json", faster),
    ]


def test_command(files: list[Path], tmp_path: Path) -> None:
    result = run(*files)
    assert result.exit_code == 0, result.output
    assert "within noise" in result.output
    assert "2.0×" in result.output
    folder = tmp_path / "results"
    assert (folder / "compare.png").read_bytes().startswith(b"\x89PNG")
    written = json.loads((folder / "compare.json").read_text())
    assert written["kind"] == "backends"
    rows = {group["group"]: group["rows"] for group in written["models"][MODEL]}
    assert rows["graph"][1]["latency_s"]["ratio"] == pytest.approx(2.0)
    assert rows["naive"][1]["throughput"]["verdict"] == "within noise"
    assert str(tmp_path) not in json.dumps(written)


def test_command_names_the_quick_runs(files: list[Path], tmp_path: Path) -> None:
    assert "Quick run" not in run(*files).output
    quick = documents.write(tmp_path / "short.json", documents.make(settings__quick=True))
    assert "Quick run: figures mean little: short" in run(*files, quick).output


@pytest.mark.parametrize("out", ["ladder", "tf-2.14"])
def test_command_out_is_a_name(files: list[Path], tmp_path: Path, out: str) -> None:
    assert run(*files, "--out", out).exit_code == 0
    assert {path.name for path in (tmp_path / "results").iterdir()} == {f"{out}.png", f"{out}.json"}


def test_command_out_is_a_path(files: list[Path], tmp_path: Path) -> None:
    assert run(*files, "--out", tmp_path / "new" / "a.b.png").exit_code == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"a.b.png", "a.b.json"}


def test_command_refuses_incomparable_runs(files: list[Path], tmp_path: Path) -> None:
    changed = documents.make(settings__threads=1, software__python="3.13.0")
    other = documents.write(tmp_path / "other.json", changed)
    result = run(files[0], other)
    assert result.exit_code == 2
    assert "threads: before: 2, other: 1" in result.output
    assert "python: before: 3.11.7, other: 3.13.0" in result.output
    assert "--allow threads --allow python" in result.output
    assert not (tmp_path / "results" / "compare.json").exists()
    assert run(files[0], other, "--allow", "threads").exit_code == 2
    for allowed in (["--allow", "threads", "--allow", "python"], ["--allow", "all"]):
        result = run(files[0], other, *allowed)
        assert result.exit_code == 0, result.output
        assert "Not the same in all runs: threads: before: 2, other: 1" in result.output
    written = json.loads((tmp_path / "results" / "compare.json").read_text())
    assert [one["field"] for one in written["allowed_differences"]] == ["threads", "python"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("not json", "not a results file, or cut short"),
        ("{}", "bad.json: schema is missing"),
        (json.dumps(documents.make())[:-500], "cut short"),
        (json.dumps(documents.make(schema_version=3)), "schema_version: expected 2, got 3"),
        (
            json.dumps(documents.make(machine__cgroup__cpus=[1])),
            "bad.json: machine.cgroup.cpus: expected a number above 0, got [1]",
        ),
        (json.dumps(documents.make({"other": {"graph": 0.1}})), "no model in common"),
    ],
)
def test_command_with_a_bad_file(
    files: list[Path], tmp_path: Path, content: str, problem: str
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    result = run(files[0], bad)
    assert result.exit_code == 2
    assert problem in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_command_called_wrongly(files: list[Path], tmp_path: Path) -> None:
    cases: list[tuple[tuple[str | Path, ...], str]] = [
        ((), "expected two or more, got 0"),
        ((files[0],), "expected two or more, got 1"),
        ((files[0], files[0]), "got one twice"),
        ((*files, "--allow", "luck"), "'luck' is not one of"),
        ((files[0], tmp_path / "none.json"), "cannot read it: No such file"),
        ((*files, "--out", "a/b"), "expected a plain file name"),
        ((*files, "--out", files[0].with_suffix(".png")), "not one of the inputs"),
        ((*files, "--out", files[0] / "x.png"), "expected a folder that can be written to"),
    ]
    for arguments, problem in cases:
        result = run(*arguments)
        assert result.exit_code == 2, result.output
        assert problem in " ".join(result.output.split())


def test_command_without_matplotlib(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run(*files)
    assert result.exit_code == 1
    assert "pip install 'tfopt[profile]'" in result.output


def test_help() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert "Example: tfopt compare" in result.output
