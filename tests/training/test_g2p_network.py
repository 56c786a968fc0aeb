"""The network that is trained computes what tfopt computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import random_weights
from keras import ops
from numpy.typing import NDArray

from tfopt import g2p, model_directory
from tfopt.g2p.reference import Reference
from training.g2p import exporting, symbols
from training.g2p.network import PADDING, AttentionGru
from training.quantization import ROUNDINGS

WORDS = {
    "a": ["AH0"],
    "cat": ["K", "AE1", "T"],
    "don't": ["D", "OW1", "N", "T"],
    "tomatoes": ["T", "AH0", "M", "EY1", "T", "OW2", "Z"],
}
CONFIG = symbols.config(hidden=19)


def logits(model: AttentionGru, words: dict[str, list[str]]) -> dict[str, NDArray[np.float32]]:
    """Of each word one row for each phoneme fed: the start mark and those of its pronunciation."""
    vocabulary = CONFIG.vocabulary
    longest = 1 + max(len(phonemes) for phonemes in words.values())
    graphemes = np.full((len(words), 1 + max(map(len, words))), PADDING, np.int32)
    phonemes = np.full((len(words), longest), vocabulary.start_phoneme, np.int32)
    for row, (word, said) in enumerate(words.items()):
        graphemes[row, : len(word) + 1] = vocabulary.encode(word)
        phonemes[row, 1 : len(said) + 1] = vocabulary.phoneme_ids(said)
    rows = ops.convert_to_numpy(model({"graphemes": graphemes, "phonemes": phonemes}))
    return {
        word: row[: len(said) + 1] for row, (word, said) in zip(rows, words.items(), strict=True)
    }


def test_logits_are_those_of_the_reference(tmp_path: Path) -> None:
    model = AttentionGru(CONFIG)
    model.set_tensors(random_weights(CONFIG))
    exporting.export(
        CONFIG,
        model.get_tensors(),
        tmp_path / "model",
        command="python -m training g2p",
        trained=1,
        validated=1,
        held_out={word: [said] for word, said in WORDS.items()},
        notice="notice",
    )
    config, weights = g2p.config.read(tmp_path / "model")
    reference = Reference(config, weights)
    for word, rows in logits(model, WORDS).items():
        expected = reference.logits(word, WORDS[word])
        # float32 sums of some dozen products, some dozen steps deep
        np.testing.assert_allclose(rows, expected, atol=1e-5 * np.abs(expected).max(), err_msg=word)
    assert reference.predict(["don\u2019t"]) == reference.predict(["don't"])
    card = model_directory.read_card(tmp_path / "model")
    assert "python -m training g2p" in card
    assert "notice" in card


def test_rounding_is_that_of_the_engine() -> None:
    weights = random_weights(CONFIG)
    words = list(WORDS) + [
        "".join(np.random.default_rng(i).choice(list("etaoins"), 8)) for i in range(60)
    ]
    said = g2p.G2p(CONFIG, weights, "native", compute_type="int8").predict(words)
    apart = {}
    for name in ("int8", "none"):
        model = AttentionGru(CONFIG, rounding=ROUNDINGS[name])
        model.set_tensors(weights)
        rows = logits(model, dict(zip(words, said, strict=True)))
        gaps = []
        for word, phonemes in zip(words, said, strict=True):
            steps = rows[word][: len(phonemes)]
            chosen = steps[np.arange(len(phonemes)), CONFIG.vocabulary.phoneme_ids(phonemes)]
            gaps.append(((steps.max(1) - chosen) / np.abs(steps).max(1)).max(initial=0))
        apart[name] = np.array(gaps)
    # Where a number lies on the border of two integers, the order of a sum decides on the integer.
    assert (apart["int8"] < 1e-3).all(), apart["int8"]
    assert (apart["none"] > 1e-3).any(), "float32 says the same: the test sees no rounding"


@pytest.mark.parametrize("rounding", ["none", "int8"])
def test_padding_changes_nothing(rounding: str) -> None:
    model = AttentionGru(CONFIG, rounding=ROUNDINGS[rounding])
    model.set_tensors(random_weights(CONFIG))
    together = logits(model, WORDS)
    for word, phonemes in WORDS.items():
        alone = logits(model, {word: phonemes})[word]
        np.testing.assert_allclose(together[word], alone, atol=1e-5 * np.abs(alone).max())
