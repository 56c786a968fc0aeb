"""`quantization` in a model's config: read, checked, and kept when the model is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import wavenet_models
import wavernn_models
from conftest import random_weights, tiny_config, write_model

from tfopt import model_directory
from tfopt.g2p import config as g2p_config
from tfopt.quantization_settings import QuantizationSettings
from tfopt.wavenet import config as wavenet_config
from tfopt.wavernn import config as wavernn_config

GOOD: dict[str, Any] = {
    "input_scales": [0.0, 0.25, 1],
    "losses": {"bfloat16": 0, "int16": -0.0001, "int8": 0.02, "int8_static": 0.5},
    "unit": "nats per sample",
    "observer": "minmax",
}


@pytest.mark.parametrize("models", [wavenet_models, wavernn_models])
def test_it_is_kept(models: Any, tmp_path: Path) -> None:
    config, weights = models.make("plain")
    kind = models.__name__.partition("_")[0]
    read = {"wavenet": wavenet_config.read, "wavernn": wavernn_config.read}[kind]
    config = type(config).from_dict(config.to_dict() | {"quantization": GOOD}, "here")
    model_directory.write(
        tmp_path / "model", kind=kind, config=config.to_dict(), weights=weights, card=""
    )
    stored = model_directory.read_settings(tmp_path / "model")["quantization"]
    assert stored == GOOD
    again: Any = read(tmp_path / "model")[0]
    assert again == config
    assert again.quantization == QuantizationSettings(
        input_scales=(0.0, 0.25, 1.0),
        losses=GOOD["losses"],
        unit="nats per sample",
        observer="minmax",
    )


def test_it_is_kept_by_g2p(tmp_path: Path, architecture: str) -> None:
    settings = QuantizationSettings(losses={"int8": 0.001}, unit="words")
    config = tiny_config(architecture, quantization=settings)
    directory = write_model(tmp_path / "model", config, random_weights(config))
    again, _ = g2p_config.read(directory)
    assert again == config
    assert again.quantization == settings


@pytest.mark.parametrize("config", [wavenet_models.make("plain")[0], tiny_config("gru")])
def test_without_it_the_file_says_nothing(config: Any) -> None:
    assert config.quantization is None
    assert "quantization" not in config.to_dict()
    assert type(config).from_dict(config.to_dict() | {"quantization": None}, "here") == config


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, "quantization: expected an object or null, got 3"),
        ({}, r"quantization: missing settings \['losses', 'unit'\]"),
        (GOOD | {"more": 1}, r"quantization: .* settings not known \['more'\]"),
        (GOOD | {"input_scales": 0.5}, "quantization: input_scales: expected a list, got 0.5"),
        (GOOD | {"input_scales": [-0.5]}, "input_scales: expected 0 or finite .*, got -0.5"),
        (GOOD | {"input_scales": [1e-40]}, "input_scales: expected 0 or finite .*, got 1e-40"),
        (GOOD | {"input_scales": [1e39]}, "input_scales: expected 0 or finite"),
        (GOOD | {"input_scales": [float("nan")]}, "input_scales: expected 0 or finite"),
        (GOOD | {"input_scales": ["1"]}, "input_scales: expected 0 or finite .*, got '1'"),
        (GOOD | {"input_scales": [True]}, "input_scales: expected 0 or finite .*, got True"),
        (GOOD | {"losses": [0.1]}, "quantization: losses: expected an object, got"),
        (GOOD | {"losses": {"float32": 0}}, "losses: expected one of bfloat16, .* got 'float32'"),
        (GOOD | {"losses": {"int8": None}}, "losses: int8: expected a finite number, got None"),
        (GOOD | {"losses": {"int8": float("inf")}}, "losses: int8: expected a finite number"),
        (GOOD | {"losses": {"int8": False}}, "losses: int8: expected a finite number, got False"),
        (GOOD | {"observer": 3}, "quantization: observer: expected a name or null, got 3"),
        (GOOD | {"unit": "dB"}, "quantization: unit: expected one of nats per sample, words"),
        (GOOD | {"unit": "words"}, "quantization: unit: expected 'nats per sample', got 'words'"),
    ],
)
def test_what_is_wrong_is_named(given: object, message: str) -> None:
    config, _ = wavernn_models.make("plain")
    with pytest.raises(ValueError, match=f"^here: .*{message}"):
        wavernn_config.WavernnConfig.from_dict(config.to_dict() | {"quantization": given}, "here")


def test_the_unit_is_that_of_the_kind() -> None:
    settings = QuantizationSettings(losses={}, unit="words")
    for config in (wavenet_models.make("plain")[0], wavernn_models.make("plain")[0]):
        with pytest.raises(ValueError, match="quantization: unit: expected 'nats per sample'"):
            replace(config, quantization=settings)
    with pytest.raises(ValueError, match="quantization: unit: expected 'words'"):
        tiny_config("gru", quantization=replace(settings, unit="nats per sample"))
