"""The exported SavedModel: strings in, strings out, without tfopt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from tfopt import g2p

WORDS = [
    *("aardvark", "Speech", "café", "e\u0301clair", "don't", "don’t", " padded ", "x"),
    *(
        "\u00a0a\u00a0",
        "\u3000a",
        "\u001ca\u001f",
        "\u0085a",
        "\u2028a",
        "\ufeffa",
        "a\u200b",
        "ǅ",
        "İ",
    ),
    *("", "250", "!", "мир", "\U0001f600", "antidisestablishmentarianism", "l" * 90),
]


@pytest.fixture(scope="module", params=["g2p_en-1.0.1", "g2p_en-2.1.0"])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[g2p.G2p, Path]:
    net = g2p.load(request.param)
    directory = tmp_path_factory.mktemp("export") / "saved"
    net.export(directory)
    return net, directory


def as_lists(phonemes: object, lengths: object) -> list[list[str]]:
    """The signature's two outputs as `predict` gives them; what is behind a word's end is empty."""
    rows = [[item.decode() for item in row] for row in phonemes.tolist()]  # type: ignore[attr-defined]
    sizes = lengths.tolist()  # type: ignore[attr-defined]
    assert all(not any(row[size:]) for row, size in zip(rows, sizes, strict=True))
    return [row[:size] for row, size in zip(rows, sizes, strict=True)]


def test_signature_equals_predict(exported: tuple[g2p.G2p, Path]) -> None:
    net, directory = exported
    loaded = tf.saved_model.load(str(directory))
    for name in ("serve", "serving_default"):
        result = loaded.signatures[name](words=tf.constant(WORDS))
        given = as_lists(result["phonemes"].numpy(), result["lengths"].numpy())
        assert given == net.predict(WORDS)


@pytest.mark.parametrize("words", [[], ["aardvark"], [""]])
def test_small_batches(exported: tuple[g2p.G2p, Path], words: list[str]) -> None:
    net, directory = exported
    serve = tf.saved_model.load(str(directory)).signatures["serve"]
    result = serve(words=tf.constant(words, tf.string, [len(words)]))
    assert as_lists(result["phonemes"].numpy(), result["lengths"].numpy()) == net.predict(words)


def test_bytes_that_are_not_utf8_are_unknown(exported: tuple[g2p.G2p, Path]) -> None:
    net, directory = exported
    serve = tf.saved_model.load(str(directory)).signatures["serve"]
    result = serve(words=tf.constant([b"don\xfft"]))
    assert as_lists(result["phonemes"].numpy(), result["lengths"].numpy()) == net.predict(["don't"])


def test_session_without_tfopt(exported: tuple[g2p.G2p, Path]) -> None:
    net, directory = exported
    script = """
import sys, tensorflow as tf
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], sys.argv[1])
    signature = meta.signature_def["serve"]
    phonemes, lengths = session.run(
        [signature.outputs["phonemes"].name, signature.outputs["lengths"].name],
        {signature.inputs["words"].name: ["aardvark", "Speech"]},
    )
assert "tfopt" not in sys.modules
for row, length in zip(phonemes, lengths):
    print(*(phoneme.decode() for phoneme in row[:length]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(directory)], capture_output=True, text=True, check=True
    )
    assert [line.split() for line in done.stdout.splitlines()] == net.predict("aardvark Speech")


def test_existing_directory_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine")
    net = g2p.load()
    with pytest.raises(ValueError, match="kept: already exists"):
        net.export(kept)
    with pytest.raises(ValueError, match=r"kept: expected a directory with saved_model\.pb"):
        net.export(kept, replace=True)
    assert (kept / "file").read_text() == "mine"
    net.export(tmp_path / "saved")
    net.export(tmp_path / "saved", replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "saved"]
    assert tf.saved_model.contains_saved_model(str(tmp_path / "saved"))
