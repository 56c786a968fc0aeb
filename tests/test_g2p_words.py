"""What `predict` makes of texts, lists of words, and characters that no model knows."""

from __future__ import annotations

import collections
from pathlib import Path

import numpy as np
import pytest
from conftest import tiny_config
from hypothesis import given
from hypothesis import strategies as st

from tfopt import g2p
from tfopt.g2p import batches
from tfopt.g2p.text import as_words, split
from tfopt.g2p.vocabulary import pad

VOCABULARY = tiny_config("gru").vocabulary  # ? = 0, $ = 1, a = 2, b = 3, …


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \t\n ", []),
        ("one", ["one"]),
        ("Hello, world!", ["Hello", "world"]),
        ("a  b\nc", ["a", "b", "c"]),
        ("don't 'quote' the dogs' rock'n'roll", ["don't", "quote", "the", "dogs", "rock'n'roll"]),
        ("it’s", ["it’s"]),
        ("well-known", ["well", "known"]),
        ("snake_case", ["snake", "case"]),
        ("3.5 mp3", ["3", "5", "mp3"]),
        ("naïve cafe\u0301", ["naïve", "café"]),
        ("привет, мир", ["привет", "мир"]),
    ],
)
def test_split(text: str, words: list[str]) -> None:
    assert split(text) == words


@given(st.lists(st.text("abcXYZ'é9", min_size=1).map(lambda w: w.strip("'") or "a")))
def test_split_finds_words_between_spaces(words: list[str]) -> None:
    words = [word.replace("''", "'").replace("''", "'") for word in words]
    assert [w for word in words for w in split(word)] == split(" ".join(words))


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("abc", [2, 3, 4, 1]),
        ("ABC", [2, 3, 4, 1]),
        ("aéÉg", [2, 6, 6, 8, 1]),
        ("e\u0301", [6, 1]),  # a letter and a combining accent
        ("a'b", [2, 0, 3, 1]),
        ("a9z", [2, 0, 0, 1]),
        ("a\U0001f600", [2, 0, 1]),
        ("a\ud800", [2, 0, 1]),  # half of a surrogate pair
        ("", []),
        ("42", []),
        ("'", []),
        ("привет", []),
    ],
)
def test_encode(word: str, ids: list[int]) -> None:
    assert VOCABULARY.encode(word).tolist() == ids


def test_encode_cuts_long_words_with_their_end_mark() -> None:
    vocabulary = tiny_config("gru", max_graphemes=3).vocabulary
    assert vocabulary.encode("ab").tolist() == [2, 3, 1]
    assert vocabulary.encode("abc").tolist() == [2, 3, 4]
    assert vocabulary.encode("abcdefg").tolist() == [2, 3, 4]


def test_decode_stops_at_the_end_mark() -> None:
    assert VOCABULARY.decode([2, 3, 1, 4]) == ["A", "B"]
    assert VOCABULARY.decode([1]) == []
    assert VOCABULARY.decode([2, 2]) == ["A", "A"]


@pytest.mark.parametrize("max_graphemes", [0, 1, 4])
@given(st.lists(st.text("abzBé'9\u0301\ud800 \U0001f600я", max_size=6), max_size=8))
def test_words_together_are_encoded_as_each_alone(max_graphemes: int, words: list[str]) -> None:
    vocabulary = tiny_config("gru", max_graphemes=max_graphemes).vocabulary
    encoded = batches.encode(vocabulary, words)
    alone = [vocabulary.encode(word).tolist() for word in words]
    ids, lengths = encoded.padded(np.arange(len(words)))
    assert [row[:length] for row, length in zip(ids.tolist(), lengths, strict=True)] == alone
    assert not any(any(row[length:]) for row, length in zip(ids, lengths, strict=True))


@given(st.lists(st.integers(0, 200), max_size=30), st.integers(1, 8))
def test_batches_are_of_similar_length_and_bounded(lengths: list[int], size: int) -> None:
    starts = np.zeros(len(lengths), np.intp)
    encoded = batches.EncodedWords(np.zeros(200, np.int32), starts, np.array(lengths, np.intp))
    parts = [part.tolist() for part in encoded.batches(size)]
    taken = [lengths[word] for part in parts for word in part]
    assert taken == sorted(length for length in lengths if length)
    for part in parts:
        assert 1 <= len(part) <= size
        graphemes = len(part) * max(lengths[word] for word in part)
        assert len(part) == 1 or graphemes <= size * batches.GRAPHEMES


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), max_size=8))
def test_rows_together_are_decoded_as_each_alone(rows: list[list[int]]) -> None:
    ids = np.array(rows, np.int32).reshape([-1, 5])
    assert batches.decode(VOCABULARY, ids) == [VOCABULARY.decode(row) for row in rows]


def test_pad() -> None:
    ids, lengths = pad([np.array([5], np.int32), np.array([6, 7, 8], np.int32)])
    assert ids.tolist() == [[5, 0, 0], [6, 7, 8]]
    assert lengths.tolist() == [1, 3]


def test_words_are_told_from_texts() -> None:
    assert as_words("a b") == ["a", "b"]
    assert as_words(["a.", " b "]) == ["a.", "b"]
    assert as_words(("a", "b")) == ["a", "b"]
    assert as_words(collections.deque(["a"])) == ["a"]
    assert as_words(["", "a"]) == ["", "a"]
    assert as_words(["", "\n"]) == ["", ""]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (None, "words: expected a string or a sequence of strings, got NoneType"),
        (3, "words: expected a string or a sequence of strings, got int"),
        (b"word", "words: expected a string or a sequence of strings, got bytes"),
        (bytearray(b"word"), "words: expected a string or a sequence of strings, got bytearray"),
        ({"a"}, "words: expected a string or a sequence of strings, got set"),
        (["a", 3], r"words\[1\]: expected a string, got int"),
        (["a", None], r"words\[1\]: expected a string, got NoneType"),
        (["two words"], r"words\[0\]: expected one word, got 'two words'"),
    ],
)
def test_predict_rejects(words: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        g2p.predict(words)  # type: ignore[arg-type]


def test_predict_states_what_happens_to_each_kind_of_character() -> None:
    net = g2p.load("g2p_en-2.1.0")
    (word,) = net.predict("cafe")
    assert net.predict("CAFE café cafe\u0301 Cafe!") == [word] * 4
    assert net.predict("don't") == net.predict(["don’t"]) == net.predict(["don9t"])
    assert net.predict("I have 250") == [*net.predict("I have"), []]
    assert net.predict(["", "!", "word", "250", "мир"]) == [[], [], *net.predict("word"), [], []]
    assert net.predict("well-known.") == net.predict(["well", "known"])
    assert net.predict(["a.m"]) == net.predict(["a'm"]) != net.predict(["am"])
    assert net.predict("") == net.predict([]) == []


def test_words_beyond_the_limit() -> None:
    limited = g2p.load("g2p_en-1.0.1")
    word = "antidisestablishmentarianism"
    assert limited.predict(word) == limited.predict(word[:20]) != limited.predict(word[:19])
    unlimited = g2p.load("g2p_en-2.1.0")
    assert unlimited.predict(word) != unlimited.predict(word[:20])
    for net in (limited, unlimited):
        assert max(len(phonemes) for phonemes in net.predict(["la" * 60, "x" * 60])) <= 20


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"model": "nonesuch"},
            ValueError,
            "'nonesuch' is not installed .*see tfopt download",
        ),
        ({"model": "./nonesuch"}, ValueError, "nonesuch' is not a model directory"),
        ({"model": Path("nonesuch")}, ValueError, "nonesuch' is not a model directory"),
        ({"model": 3}, ValueError, "model: expected a name or a path, got int"),
        (
            {"backend": "fast"},
            ValueError,
            "backend: expected one of naive, cached, graph, xla, fused, native, got 'fast'",
        ),
        ({"threads": 0}, ValueError, "threads: expected a positive integer, got 0"),
        ({"threads": "2"}, ValueError, "threads: expected a positive integer, got '2'"),
        ({"threads": True}, ValueError, "threads: expected a positive integer, got True"),
    ],
)
def test_load_rejects(arguments: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        g2p.load(**arguments)  # type: ignore[arg-type]


def test_a_directory_named_without_a_slash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ValueError, match=r"'mine' is not installed .*the directory is \./mine: a path"
    ):
        g2p.load("mine")


def test_missing_weights_name_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFOPT_MODELS", str(tmp_path / "empty"))
    with pytest.raises(ValueError, match=r"get it with: tfopt download g2p_en-2\.1\.0"):
        g2p.load()
