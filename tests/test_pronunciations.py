"""Dictionaries in CMUdict's format, and counting errors against them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfopt.evaluation import pronunciations
from tfopt.evaluation.pronunciations import Errors, count, distance, without_stress

SYMBOLS = st.lists(st.sampled_from("ABC"), max_size=6)


def slow_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """The fewest edits, by trying each of them."""

    @cache
    def of(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return len(a) - i + len(b) - j
        edits = 1 + min(of(i + 1, j), of(i, j + 1), of(i + 1, j + 1))
        return min(edits, of(i + 1, j + 1)) if a[i] == b[j] else edits

    return of(0, 0)


@given(SYMBOLS, SYMBOLS)
@settings(deadline=None, max_examples=300)
def test_the_distance_is_the_fewest_edits(a: list[str], b: list[str]) -> None:
    assert distance(a, b) == slow_distance(a, b) == distance(b, a)


def test_distances_by_hand() -> None:
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3
    assert distance("abc", "abc") == 0


def test_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "some.dict"
    path.write_text(
        ";;; an old release's notice\n"
        "\n"
        "READ  R EH1 D\n"
        "READ(1)  R IY1 D\n"
        "aalborg AO1 L B AO0 R G # place, danish\n"
        "aalborg(2) AA1 L B AO0 R G\n"
        "read(3) R IY0 D\n"
        "#HASH-MARK  HH AE1 SH\n"
    )
    assert pronunciations.read(path) == {
        "read": [["R", "EH1", "D"], ["R", "IY1", "D"], ["R", "IY0", "D"]],
        "aalborg": [["AO1", "L", "B", "AO0", "R", "G"], ["AA1", "L", "B", "AO0", "R", "G"]],
        "#hash-mark": [["HH", "AE1", "SH"]],
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected words with phonemes in CMUdict's format, found none"),
        (b";;; nothing\n\n", "found none"),
        (b"cat K AE1 T\ndog\n", "line 2: expected a word and its phonemes, got 'dog'"),
        (b"dog # no phonemes\n", "line 1: expected a word and its phonemes"),
        (b"cat \xff\n", "expected UTF-8 text"),
    ],
)
def test_damaged_dictionaries(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.dict"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        pronunciations.read(path)
    assert str(path) in str(caught.value)


def test_no_dictionary(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot read it: No such file"):
        pronunciations.read(tmp_path / "none.dict")


def test_the_nearest_pronunciation_counts() -> None:
    listed = {
        "read": [["R", "EH1", "D"], ["R", "IY1", "D"]],
        "cat": [["K", "AE1", "T"]],
        "a": [["AH0"], ["EY1"]],
    }
    said = [("read", ["R", "IY1", "D"]), ("cat", ["K", "AE0", "T", "S"]), ("a", [])]
    assert count(listed, said) == Errors(3, 2, 3 + 3 + 1, 0 + 2 + 1)
    assert count(listed, said, stress=False) == Errors(3, 2, 7, 0 + 1 + 1)
    errors = count(listed, [("cat", ["K", "AE2", "T"])])
    assert errors.of_words == 1
    assert errors.of_phonemes == pytest.approx(1 / 3)
    assert count(listed, [("cat", ["K", "AE2", "T"])], stress=False).of_words == 0


def test_stress() -> None:
    assert without_stress(["HH", "AH0", "L", "OW1"]) == ["HH", "AH", "L", "OW"]
