"""Every backend against the slow reference, on small random models of awkward sizes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import random_weights, tiny_config, write_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfopt import g2p
from tfopt.g2p import model as g2p_model
from tfopt.g2p import reference
from tfopt.g2p.backends import BACKENDS

SIZES = [
    {"hidden": 1, "embedding": 1},
    {"hidden": 7, "embedding": 2},
    {"hidden": 17, "embedding": 33},
    {"max_phonemes": 1},
    {"max_graphemes": 1},
    {"max_graphemes": 4},
]
# XLA compiles every model for seconds: those that differ most.
BACKENDS_AND_SIZES = [
    (backend, size)
    for backend in g2p.BACKENDS
    for size in (SIZES if backend != "xla" else SIZES[2:4])
]


def assert_same(slow: reference.Reference, words: list[str], given: list[list[str]]) -> None:
    """Equal, but for near-ties."""
    gaps = {w: slow.difference(w, p) for w, p in zip(words, given, strict=True)}
    assert all(gap < reference.NEAR_TIE for gap in gaps.values()), gaps


def test_public_names_are_the_backends() -> None:
    assert tuple(BACKENDS) == g2p.BACKENDS


@pytest.mark.parametrize(("backend", "size"), BACKENDS_AND_SIZES, ids=str)
def test_odd_sizes(tmp_path: Path, architecture: str, backend: str, size: dict[str, int]) -> None:
    if architecture == "attention_gru":
        size = {**size, "embedding": 0}
    config = tiny_config(architecture, **size)
    directory = write_model(tmp_path / "model", config, random_weights(config, seed=len(str(size))))
    words = ["a", "bad", "gag", "fee", "cabbage", "b", "abcdefgabcdefgabcdefg", "bad"]
    given = g2p.load(directory, backend=backend).predict(words)
    assert_same(reference.load(directory), words, given)


@pytest.mark.parametrize("backend", g2p.BACKENDS)
@pytest.mark.parametrize("count", [0, 1, 2, 9, 127, 128, 129, 300])
def test_batches_of_any_size_keep_their_order(architecture: str, backend: str, count: int) -> None:
    random = np.random.default_rng(count)
    words = [
        "".join(random.choice(list("abcdefg"), size)) for size in random.integers(1, 12, count)
    ]
    net, slow = _tiny_pair(architecture, backend)
    together = net.predict(words)
    assert len(together) == count
    assert_same(slow, words, together)


def test_native_takes_more_words_than_fit_one_call(tiny_model: Path) -> None:
    random = np.random.default_rng(1)
    sizes = random.integers(1, 9, 2 * 8192 + 5)
    words = ["".join(random.choice(list("abcdefg"), size)) for size in sizes]
    net = g2p.load(tiny_model, backend="native")
    together = net.predict(words)
    chosen = range(0, len(words), 41)
    # Each word has the same bits in any company, so not even near-ties may differ.
    assert [together[i] for i in chosen] == [net.predict([words[i]])[0] for i in chosen]
    some = [words[i] for i in chosen][:100]
    assert_same(reference.load(tiny_model), some, [together[i] for i in chosen][:100])


def test_native_builds_no_network(tiny_model: Path) -> None:
    net = g2p.load(tiny_model, backend="native")
    net.predict(["bad", "cabbage"])
    assert "network" not in vars(net._model)
    net.logits(["bad"], [["A"]])
    assert "network" in vars(net._model)


@pytest.mark.parametrize("backend", g2p.BACKENDS)
def test_a_very_long_word(tiny_model: Path, backend: str) -> None:
    words = ["abc" * 700, "a"]
    given = g2p.load(tiny_model, backend=backend).predict(words)
    assert_same(reference.load(tiny_model), words, given)


@pytest.mark.parametrize("backend", g2p.BACKENDS)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(words=st.lists(st.text("abcdefg'éX9 \t", max_size=9), max_size=12))
def test_any_words(backend: str, words: list[str]) -> None:
    words = ["".join(word.split()) for word in words]
    net, slow = _tiny_pair("attention_gru", backend)
    given = net.predict(words)
    assert_same(slow, words, given)
    for word, phonemes in zip(words, given, strict=True):
        assert not phonemes or set(word) & set("abcdefgé")


@cache
def _tiny_pair(architecture: str, backend: str) -> tuple[g2p_model.G2p, reference.Reference]:
    """Made once for all words, since most of the time goes into its graphs."""
    config = tiny_config(architecture)
    weights = random_weights(config, seed=3)
    return g2p_model.G2p(config, weights, backend), reference.Reference(config, weights)


@pytest.mark.parametrize("size", [{}, {"hidden": 17}], ids=str)
def test_logits(tmp_path: Path, architecture: str, size: dict[str, int]) -> None:
    config = tiny_config(architecture, **size)
    directory = write_model(tmp_path / "model", config, random_weights(config))
    net, slow = g2p.load(directory), reference.load(directory)
    words, fed = ["bad", "a", "cabbage"], [["A", "B"], [], ["C"] * 20]
    for word, phonemes, rows in zip(words, fed, net.logits(words, fed), strict=True):
        expected = slow.logits(word, phonemes)
        assert rows.shape == (len(phonemes) + 1, 6)
        np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_logits_of_nothing(tiny_model: Path) -> None:
    assert g2p.load(tiny_model).logits([], []) == []


@pytest.mark.parametrize(
    ("words", "phonemes", "message"),
    [
        (["a"], [], "phonemes: expected one sequence"),
        ("a", [["A"]], "phonemes: expected one sequence"),
        (["a"], None, "phonemes: expected one sequence"),
        (["a"], [None], "phonemes: expected one sequence"),
        (["a"], ["A"], "phonemes: expected one sequence"),
        (["9"], [["A"]], "words: expected letters"),
        (["a"], [["Q"]], "phonemes: expected symbols of the model's vocabulary, got \\['Q'\\]"),
    ],
)
def test_logits_reject(
    tiny_model: Path, words: list[str], phonemes: list[list[str]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        g2p.load(tiny_model).logits(words, phonemes)


@pytest.mark.parametrize("backend", g2p.BACKENDS)
def test_many_threads_at_a_time(tiny_model: Path, backend: str) -> None:
    net = g2p.load(tiny_model, backend=backend)
    words = ["bad", "cabbage", "a", "gag", "fee"] * 5
    expected = net.predict(words)
    results: dict[int, list[list[str]]] = {}
    threads = [
        threading.Thread(target=lambda i=i: results.update({i: net.predict(words)}))
        for i in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(results[i] == expected for i in range(6))


def test_xla_compiles_once_for_all_lengths(architecture: str, tmp_path: Path) -> None:
    """A batch of one and a batch of up to 32: two compilations, whatever the lengths of the words."""
    config = tiny_config(architecture)
    directory = write_model(tmp_path / "model", config, random_weights(config))
    script = f"""
from pathlib import Path
from tfopt import g2p
net = g2p.load(Path({str(directory)!r}), backend="xla")
for size in range(1, 30):
    net.predict(["a" * size])
    net.predict(["b" * (size + i % 3) for i in range(9 + size % 20)])
"""
    environment = {**os.environ, "XLA_FLAGS": f"--xla_dump_to={tmp_path / 'dump'}"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    compiled = {path.name.split(".")[0] for path in (tmp_path / "dump").glob("module_*")}
    assert len(compiled) == 2, compiled


def test_difference_tells_a_wrong_answer(tiny_model: Path) -> None:
    slow = reference.load(tiny_model)
    (right,) = slow.predict(["cabbage"])
    assert slow.difference("cabbage", right) == 0
    wrong = ["A" if right[0] != "A" else "B", *right[1:]]
    assert slow.difference("cabbage", wrong) > reference.NEAR_TIE
    assert slow.difference("cabbage", right[:-1]) > reference.NEAR_TIE
    assert slow.difference("cabbage", [*right, "A"]) > reference.NEAR_TIE
    assert slow.difference("cabbage", ["not a phoneme"]) == float("inf")
