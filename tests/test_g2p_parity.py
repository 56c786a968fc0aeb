"""Every backend says what the original implementations say."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import GOLDEN, REFERENCE, read_pronunciations

from tfopt import g2p
from tfopt.g2p import model as g2p_model
from tfopt.g2p import reference

MODELS = ("g2p_en-1.0.1", "g2p_en-2.1.0")


@cache
def load(model: str, backend: str) -> g2p_model.G2p:
    """A model on a backend, made once: `xla` compiles for a second."""
    return g2p.load(model, backend=backend)


def check(model: str, words: dict[str, list[str]], predicted: list[list[str]]) -> None:
    """At most one word in a thousand differs, and rounding explains each that does."""
    differing = [
        (word, phonemes)
        for (word, expected), phonemes in zip(words.items(), predicted, strict=True)
        if phonemes != expected
    ]
    net = reference.load(model)
    gaps = {word: net.difference(word, phonemes) for word, phonemes in differing}
    assert all(gap < reference.NEAR_TIE for gap in gaps.values()), gaps
    assert len(differing) <= len(words) / 1000, gaps


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("backend", g2p.BACKENDS)
def test_backend_equals_original_implementation(model: str, backend: str) -> None:
    words = read_pronunciations(GOLDEN / f"{model}.tsv")
    check(model, words, load(model, backend).predict(list(words)))


@pytest.mark.parametrize("model", MODELS)
def test_reference_equals_original_implementation(model: str) -> None:
    words = read_pronunciations(GOLDEN / f"{model}.tsv")
    check(model, words, reference.load(model).predict(list(words)))


@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the larger word lists are not beside this checkout"
)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("backend", g2p.BACKENDS)
def test_backend_equals_original_implementation_on_2000_words(model: str, backend: str) -> None:
    path = REFERENCE / "g2p_en" / f"words_{model.removeprefix('g2p_en-')}.tsv"
    words = read_pronunciations(path)
    assert len(words) == 2000
    if backend == "naive":  # slow: every tenth word
        words = dict(list(words.items())[::10])
    check(model, words, load(model, backend).predict(list(words)))


@pytest.mark.parametrize("model", MODELS)
def test_logits_equal_reference(model: str) -> None:
    words = read_pronunciations(GOLDEN / f"{model}.tsv")
    chosen = list(words)[:40]
    slow = reference.load(model)
    expected = [slow.logits(word, words[word]) for word in chosen]
    given = g2p.load(model).logits(chosen, [words[word] for word in chosen])
    for word, a, b in zip(chosen, expected, given, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(b, a, rtol=0, atol=1e-4 * np.abs(a).max(), err_msg=word)


def test_default_model_pronounces_aardvark() -> None:
    assert g2p.predict("aardvark") == [["AA1", "R", "D", "V", "AA2", "R", "K"]]


def test_golden_data_covers_the_limits() -> None:
    words = read_pronunciations(Path(GOLDEN / "g2p_en-1.0.1.tsv"))
    assert max(map(len, words)) > 20
    assert any("'" in word for word in words)
