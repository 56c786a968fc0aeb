"""Losses of recordings: what is fed, what follows, and that they belong together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import wavenet_models
import wavernn_models
from numpy.typing import NDArray

from tfopt.evaluation.recordings import Recording
from tfopt.evaluation.teacher_forcing import losses, targets
from tfopt.likelihood import negative_log_likelihood
from tfopt.wavenet.reference import Reference as WavenetReference
from tfopt.wavernn import samples
from tfopt.wavernn.reference import Reference as WavernnReference

TIME = 24
WAVENETS = ["plain", "classes as amplitudes", "mixture, frames", "gaussian, speakers", "everything"]
WAVERNNS = ["plain", "amplitudes", "split", "split, one of each", "mixture"]


def audio_of(seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-1, 1, TIME).astype(np.float32)


def wavenet_given(name: str, audio: NDArray[np.float32]) -> tuple[Recording, int | None]:
    config = wavenet_models.make(name)[0]
    given = wavenet_models.conditions(config, 1, len(audio))
    mel = given["conditioning"][0].astype(np.float32) if "conditioning" in given else None
    return Recording(audio, mel), 1 if config.global_classes else None


@pytest.mark.parametrize("name", WAVENETS)
def test_wavenet_against_the_reference(name: str) -> None:
    """Silence is fed first, then what was to follow before."""
    config, weights = wavenet_models.make(name)
    recording, speaker = wavenet_given(name, audio_of(1))
    reference = WavenetReference(config, weights, np.float64)
    following = targets(config, recording.audio)
    rows = None if recording.mel is None else reference.upsample(recording.mel)[:TIME]
    fed = [config.classes // 2, *following[:-1]]
    outputs = reference.logits(fed, rows, speaker)
    expected = negative_log_likelihood(config, outputs[np.newaxis], following[np.newaxis])[0]
    found = losses(wavenet_models.load(name, "native"), recording, speaker)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", WAVERNNS)
def test_wavernn_against_the_reference(name: str) -> None:
    """Zeros are fed first, then what the network reads of what was to follow before."""
    config, weights = wavernn_models.make(name)
    mel = wavernn_models.spectrogram(config, -(-TIME // config.hop_length))
    audio = audio_of(2)
    following = targets(config, audio)
    if config.output == "split":
        coarse, fine = following >> config.fine_bits, following & ((1 << config.fine_bits) - 1)
        halves = (coarse, 1 << config.coarse_bits), (fine, 1 << config.fine_bits)
        read: NDArray[Any] = np.stack([2 * half / (count - 1) - 1 for half, count in halves], -1)
    else:
        read = (2 * following / (config.classes - 1) - 1 if config.classes else audio)[:, None]
    fed = np.concatenate([np.zeros_like(read[:1]), read[:-1]])
    outputs = WavernnReference(config, weights, np.float64).logits(
        fed, mel, following if config.output == "split" else None
    )
    expected = negative_log_likelihood(config, outputs[np.newaxis], following[np.newaxis])[0]
    found = losses(wavernn_models.load(name, "native"), Recording(audio, mel))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def likeliest(net: Any, mel: Any) -> NDArray[np.float32]:
    given = {"samples": TIME} if mel is None else {"conditioning": mel}
    if hasattr(net.config, "mel_channels"):
        given = {"mel": mel}
    audio: NDArray[np.float32] = net.generate(temperature=0, **given)[0][:TIME]
    return audio


@pytest.mark.parametrize("kind", ["wavenet", "wavernn"])
def test_no_sample_is_likelier_than_the_one_that_the_model_takes(kind: str) -> None:
    """What it generates at temperature 0; so the loss of a sample is found where that sample is."""
    if kind == "wavenet":
        net: Any = wavenet_models.load("plain", "native")
        mel = None
    else:
        net = wavernn_models.load("plain", "native")
        mel = wavernn_models.spectrogram(net.config, -(-TIME // net.config.hop_length))
    audio = likeliest(net, mel)
    least = losses(net, Recording(audio, mel))
    for place in (0, 1, TIME // 2, TIME - 1):
        other = audio.copy()
        other[place] = -0.9 if audio[place] > 0 else 0.9
        found = losses(net, Recording(other, mel))
        assert found[place] > least[place]
        np.testing.assert_allclose(found[:place], least[:place], atol=1e-5)


def test_targets_are_what_a_model_draws() -> None:
    """The audio of a class is of that class again."""
    for name in ("plain", "amplitudes", "split, one of each"):
        config = wavernn_models.make(name)[0]
        classes = np.unique(np.linspace(0, config.classes - 1, 2000).astype(np.int32))
        audio = samples.audio(config, classes)
        np.testing.assert_array_equal(targets(config, audio), classes)
    mixture = wavernn_models.make("mixture")[0]
    np.testing.assert_array_equal(targets(mixture, audio_of(3)), audio_of(3))
