"""Word lists: the one that comes with the package, and the user's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tfopt.profiler import words
from tfopt.profiler.plan import QUICK, Plan


def test_builtin() -> None:
    built_in = words.builtin()
    assert len(built_in.words) == len(set(built_in.words)) == 2048
    assert all(re.fullmatch("[a-z]+", word) for word in built_in.words)


def test_the_order_depends_on_the_seed_alone() -> None:
    built_in = words.builtin()
    assert built_in.shuffled(3) == built_in.shuffled(3)
    assert built_in.shuffled(3) != built_in.shuffled(4)
    assert sorted(built_in.shuffled(3)) == sorted(built_in.words)


def test_user_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("# comment\n\n  Hello \ndon't\nworld\n")
    assert words.read(file) == words.WordList("mine.txt", ("Hello", "don't", "world"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "found no words"),
        (b"# only a comment\n", "found no words"),
        (b"fine\nice cream\n", "line 2: expected one word"),
        (b"42\n", "line 1"),
        (b"\xff\xfe\n", "UTF-8"),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=problem) as error:
        words.read(file)
    assert "bad.txt" in str(error.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot read it: No such file"):
        words.read(tmp_path / "none.txt")


def test_cycled() -> None:
    assert words.cycled(["a", "b"], 5) == ["a", "b", "a", "b", "a"]
    assert words.cycled(["a", "b"], 1) == ["a"]


def test_plan_gives_slow_rungs_less_to_do() -> None:
    plan = Plan(words=64, batch=1024, words_cap_s=8.0, batch_cap_s=4.0, fill_s=0.4, repeats_cap=5)
    assert plan.fitted_words(0.05) == 64  # 3.2 s
    assert plan.fitted_words(0.25) == 32
    assert plan.fitted_words(100.0) == 8
    assert plan.fitted_batch(0.001) == 1024
    assert plan.fitted_batch(0.005) == 512
    assert plan.fitted_batch(10.0) == 64
    assert plan.repeats(0.1) == 4
    assert plan.repeats(0.0001) == 5
    assert plan.repeats(3.0) == 1


def test_a_small_batch_stays_as_asked_for() -> None:
    assert Plan(batch=100).fitted_batch(100.0) == 100
    assert Plan(words=2).fitted_words(100.0) == 2


def test_default_plans() -> None:
    assert Plan().rounds >= 5
    assert Plan().check >= 200
    assert QUICK.check >= 200
