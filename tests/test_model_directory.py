"""Model directories: what is read back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import random_weights, tiny_config, write_model
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from tfopt import g2p, model_directory, models
from tfopt.g2p import reference
from tfopt.g2p.config import G2pConfig


def edit_config(directory: Path, **changes: Any) -> None:
    path = directory / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in config.items() if v != "REMOVE"}))


def edit_weights(directory: Path, **changes: Any) -> None:
    path = directory / "model.safetensors"
    weights = load_file(path) | {k.replace("__", "."): v for k, v in changes.items()}
    save_file({k: v for k, v in weights.items() if v is not None}, path)


def test_round_trip(tmp_path: Path, architecture: str) -> None:
    config = tiny_config(architecture)
    weights = random_weights(config)
    loaded = reference.load(write_model(tmp_path / "model", config, weights))
    assert loaded.config == config
    assert loaded.weights.keys() == weights.keys()
    assert all(np.array_equal(loaded.weights[name], weights[name]) for name in weights)
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_others_can_read_it(tmp_path: Path) -> None:
    config = tiny_config("gru")
    directory = write_model(tmp_path / "model", config, random_weights(config))
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in [directory, *directory.iterdir()])


def test_an_existing_directory_is_replaced_only_when_asked(tmp_path: Path) -> None:
    config = tiny_config("gru")
    directory = write_model(tmp_path / "model", config, random_weights(config))
    before = model_directory.weights_hash(directory)
    other = random_weights(config, seed=9)
    with pytest.raises(ValueError, match="already exists"):
        write_model(directory, config, other)
    assert model_directory.weights_hash(directory) == before
    model_directory.write(
        directory, kind="g2p", config=config.to_dict(), weights=other, card="", replace=True
    )
    assert model_directory.weights_hash(directory) != before
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_only_a_model_directory_is_replaced(tmp_path: Path) -> None:
    config = tiny_config("gru")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("kept")
    (tmp_path / "file").write_text("kept")
    (tmp_path / "empty").mkdir()
    for name in ("mine", "file"):
        with pytest.raises(ValueError, match=f"{name}: expected a directory with config.json"):
            model_directory.write(
                tmp_path / name,
                kind="g2p",
                config=config.to_dict(),
                weights=random_weights(config),
                card="",
                replace=True,
            )
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "kept"
    assert (tmp_path / "file").read_text() == "kept"
    model_directory.write(
        tmp_path / "empty", kind="g2p", config=config.to_dict(), weights={}, card="", replace=True
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file", "mine"]


def test_a_failed_replacement_brings_the_old_one_back(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "file").write_text("kept")
    with pytest.raises(FileNotFoundError):
        model_directory.put_in_place(tmp_path / "nonesuch", old)
    assert (old / "file").read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    """The error names the directory that was asked for."""
    (tmp_path / "file").write_text("")
    wanted = tmp_path / "file" / "model"
    with pytest.raises(OSError, match=r"exists|Not a directory") as caught:
        model_directory.write(wanted, kind="g2p", config={}, weights={}, card="")
    assert caught.value.filename == str(wanted)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    config = tiny_config("gru")
    with pytest.raises(SafetensorError):
        write_model(tmp_path / "model", config, {"weights": "not an array"})  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []


BAD_CONFIGS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "wavenet"}, "kind: expected 'g2p', got 'wavenet'"),
    ({"kind": "REMOVE"}, "kind: expected 'g2p', got None"),
    ({"hidden": "REMOVE"}, r"missing settings \['hidden'\]"),
    ({"colour": 3}, r"settings not known \['colour'\]"),
    ({"architecture": "lstm"}, "architecture: expected .*got 'lstm'"),
    ({"graphemes": "abc"}, "graphemes: expected a list, got 'abc'"),
    ({"graphemes": ["a", "a"]}, "graphemes: expected no symbol twice"),
    ({"graphemes": []}, "graphemes: expected a list of non-empty strings"),
    ({"phonemes": [1, 2]}, "phonemes: expected a list of non-empty strings"),
    ({"end_phoneme": "Q"}, "end_phoneme: expected a phoneme, got 'Q'"),
    ({"unknown_grapheme": 7}, "unknown_grapheme: expected a grapheme, got 7"),
    ({"hidden": 0}, "hidden: expected an integer from 1 to 10000, got 0"),
    ({"hidden": 5.0}, "hidden: expected an integer from 1 to 10000, got 5.0"),
    ({"max_phonemes": -3}, "max_phonemes: expected an integer from 1 to 10000, got -3"),
    (
        {"max_phonemes": 10**12},
        "max_phonemes: expected an integer from 1 to 10000, got 1000000000000",
    ),
    ({"end_phoneme": "^"}, "end_phoneme: expected another symbol than start_phoneme"),
    ({"end_grapheme": "?"}, "end_grapheme: expected another symbol than unknown_grapheme"),
    ({"graphemes": ["?", "$", "\ud800"]}, "graphemes: expected symbols that UTF-8 can encode"),
    ({"graphemes": ["?", "$", "A"]}, "graphemes: expected lower-case letters, got 'A'"),
    ({"hidden": 6}, "expected float32"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_CONFIGS, ids=[str(c) for c, _ in BAD_CONFIGS])
def test_bad_config(tiny_model: Path, changes: dict[str, Any], message: str) -> None:
    edit_config(tiny_model, **changes)
    with pytest.raises(ValueError, match=message):
        g2p.load(tiny_model)


@pytest.mark.parametrize("text", ["", "{", "[1]", "\xff", "[" * 100_000])
def test_config_that_is_no_json_object(tiny_model: Path, text: str) -> None:
    (tiny_model / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"config\.json: (not a JSON file|expected a JSON object)"):
        g2p.load(tiny_model)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"output__bias": None}, r"missing \['output.bias'\]"),
        ({"extra": np.zeros(3, np.float32)}, r"not known \['extra'\]"),
        (
            {"output__bias": np.zeros(5, np.float32)},
            r"output.bias: expected float32 \[6\], got float32 \[5\]",
        ),
        ({"output__bias": np.zeros(6, np.float64)}, r"expected float32 \[6\], got float64 \[6\]"),
        ({"output__bias": np.zeros([1, 6], np.float32)}, r"got float32 \[1, 6\]"),
        ({"output__bias": np.full(6, np.nan, np.float32)}, "output.bias: expected finite values"),
        ({"output__bias": np.full(6, np.inf, np.float32)}, "output.bias: expected finite values"),
    ],
    ids=str,
)
def test_bad_weights(tiny_model: Path, changes: dict[str, Any], message: str) -> None:
    edit_weights(tiny_model, **changes)
    with pytest.raises(ValueError, match=message):
        g2p.load(tiny_model)


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "F4", "NONESUCH"])
def test_dtypes_that_numpy_lacks(tiny_model: Path, dtype: str) -> None:
    header = json.dumps({"output.bias": {"dtype": dtype, "shape": [2], "data_offsets": [0, 4]}})
    size = len(header).to_bytes(8, "little")
    (tiny_model / "model.safetensors").write_bytes(size + header.encode() + bytes(4))
    with pytest.raises(ValueError, match=r"model\.safetensors: "):
        g2p.load(tiny_model)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_truncated_weights(tiny_model: Path, keep: int) -> None:
    path = tiny_model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"model\.safetensors: cannot read it"):
        g2p.load(tiny_model)


def test_missing_weights_file(tiny_model: Path) -> None:
    (tiny_model / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"model\.safetensors: cannot read it"):
        g2p.load(tiny_model)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Where models are installed, and where the package ships its own: both empty."""
    installed, shipped = tmp_path / "installed", tmp_path / "shipped"
    installed.mkdir()
    monkeypatch.setenv("TFOPT_MODELS", str(installed))
    monkeypatch.setattr(models, "SHIPPED", shipped)
    return installed, shipped


def write_tiny(directory: Path) -> None:
    config = tiny_config("gru")
    write_model(directory, config, random_weights(config))


def test_names_are_the_directories_with_a_config(places: tuple[Path, Path]) -> None:
    installed, shipped = places
    assert models.names() == []
    write_tiny(installed / "b")
    write_tiny(installed / "a")
    write_tiny(shipped / "c")
    write_tiny(shipped / "a")
    (installed / "empty").mkdir()
    (installed / ".hidden").mkdir()
    assert models.names() == ["a", "b", "c"]
    assert models.find("a") == models.find(installed / "a") == models.find(f"{installed}/a")
    assert models.find("c") == shipped / "c"


def test_a_name_may_leave_out_the_kind_that_is_asked_for(places: tuple[Path, Path]) -> None:
    installed, shipped = places
    write_tiny(shipped / "g2p-small")
    assert models.find("small", "g2p") == shipped / "g2p-small"
    with pytest.raises(ValueError, match=r"'small' is not installed \(installed: g2p-small\)"):
        models.find("small")
    with pytest.raises(ValueError, match="'small' is not installed"):
        models.find("small", "wavenet")
    write_tiny(installed / "small")
    assert models.find("small", "g2p") == installed / "small"


def test_config_is_kept_exactly() -> None:
    config = tiny_config("attention_gru")
    assert G2pConfig.from_dict(json.loads(json.dumps(config.to_dict())), "test") == config


def test_cards(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    assert model_directory.read_card(tmp_path) == f"# {tmp_path.name}\n"
    card.write_text("# Röst\n", encoding="utf-8")
    assert model_directory.read_card(tmp_path) == "# Röst\n"
    card.write_text("# Röst\n", encoding="latin-1")
    with pytest.raises(ValueError, match=r"README\.md: cannot read it: 'utf-8' codec"):
        model_directory.read_card(tmp_path)
    card.unlink()
    card.mkdir()
    with pytest.raises(ValueError, match=r"README\.md: cannot read it: Is a directory"):
        model_directory.read_card(tmp_path)
