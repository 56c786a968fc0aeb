"""CMUdict's split."""

from __future__ import annotations

import hashlib

from tfopt.evaluation import pronunciations
from training.g2p import dictionary
from training.g2p.held_out import PATH


def test_words_go_where_their_hash_says() -> None:
    assert int(hashlib.sha256(b"hello").hexdigest()[:8], 16) % 100 == dictionary.hundredth("hello")
    listed = {f"w{n}": [["W"], ["V"]] for n in range(20_000)}
    training, validation, held_out = dictionary.split(listed)
    assert training.keys() | validation.keys() | held_out.keys() == listed.keys()
    assert len(training) + len(validation) + len(held_out) == len(listed)
    assert all(dictionary.hundredth(word) < 10 for word in held_out)
    assert all(10 <= dictionary.hundredth(word) < 12 for word in validation)
    # Three standard deviations of a binomial distribution of 20,000.
    assert abs(len(held_out) - 2000) < 130
    assert abs(len(validation) - 400) < 60


def test_the_list_is_of_such_words() -> None:
    lines = PATH.read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if line and not line.startswith("#")]
    assert f"{len(words):,} words" in lines[0]
    assert len(set(words)) == len(words)
    assert all(dictionary.hundredth(word) < 10 for word in words)


def test_text_is_in_the_dictionarys_format() -> None:
    listed = {"either": [["IY1", "DH", "ER0"], ["AY1", "DH", "ER0"]], "a": [["AH0"]]}
    assert dictionary.text(listed) == "either IY1 DH ER0\neither(2) AY1 DH ER0\na AH0\n"
    assert pronunciations.parse(dictionary.text(listed), "text") == listed
