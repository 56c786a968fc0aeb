"""WaveRNNs: an item is a stream of samples, a unit is one sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory, randomness, wavernn
from tfopt.profiler import audio, works
from tfopt.profiler.check_samples import SampleChecker
from tfopt.profiler.kinds import Model, Wishes
from tfopt.profiler.plan import Plan
from tfopt.profiler.streams import StreamCourse
from tfopt.roofline import Work
from tfopt.stored_weights import FLOAT32, StoredWeights
from tfopt.wavernn import cost
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.reference import Reference, load

NAME = "WaveRNN"
BACKENDS = wavernn.BACKENDS
MODULES = cost.MODULES
# `naive` computes all samples so far again for each one: of streams of so many, half as many on average.
NAIVE_SAMPLES = 64


def model(directory: Path, wishes: Wishes) -> Model:
    """Returns what to measure of a model directory."""
    config = read_config(directory)
    about = {
        "sample_rate": config.sample_rate,
        "config": config.to_dict(),
        "naive": f"generates {NAIVE_SAMPLES} samples from the start of a stream: it computes "
        f"{NAIVE_SAMPLES // 2} steps for each on average, and more in longer streams",
    }
    rungs = wishes.rungs(BACKENDS, config.quantization)
    course = WavernnCourse(config, wishes.plan, wishes.seed)
    rung_work = works.of_rungs(directory, rungs, partial(work, config))
    return Model("sample", rungs, course, about, work(config), rung_work)


def checker(directory: Path) -> SampleChecker:
    """Returns the checker of a model directory."""
    return SampleChecker(WavernnJudge(load(directory)))


def read_config(directory: Path) -> WavernnConfig:
    """Returns the config of a model directory; ValueError if it is wrong."""
    settings = model_directory.read_config(directory, "wavernn")
    return config_of(settings, str(directory / model_directory.CONFIG))


def config_of(settings: Mapping[str, Any], where: str) -> WavernnConfig:
    """Returns the config that settings describe; ValueError naming `where` if they are wrong."""
    return WavernnConfig.from_dict(settings, where)


def course(config: WavernnConfig, plan: Plan, seed: int) -> WavernnCourse:
    """Returns the calls to time a model of this config with."""
    return WavernnCourse(config, plan, seed)


def work(config: WavernnConfig, stored: StoredWeights = FLOAT32) -> Work:
    """Returns what a sample costs, in whole operations."""
    found = cost.total(config, stored=stored)
    return replace(found, operations=round(found.operations))


def modules(config: WavernnConfig, stored: StoredWeights = FLOAT32) -> dict[str, Work]:
    """Returns what each part of a step costs."""
    return cost.modules(config, stored=stored)


def describe(config: WavernnConfig) -> str:
    """Returns a config in a few words."""
    layers = f"{config.rnn_layers} GRU{'s' * (config.rnn_layers > 1)} of {config.rnn_channels}"
    return f"{layers}, {config.fc_layers} fc of {config.fc_channels}, {config.outputs} outputs"


@dataclass(frozen=True)
class WavernnCourse(StreamCourse[WavernnConfig]):
    """Streams of whole frames; `naive` generates shorter ones."""

    naive: bool = False

    def stream(self, number: int, temperature: float, samples: int) -> audio.Stream:
        """Returns a stream of as many frames as it has samples for."""
        return audio.stream(
            number=number,
            seed=self.seed,
            temperature=temperature,
            samples=samples,
            frames=-(-samples // self.config.hop_length),
        )

    def possible(self, samples: int) -> int:
        """Returns the samples of as many whole frames, at least one; for `naive` always the same."""
        if self.naive:
            return NAIVE_SAMPLES
        hop_length = self.config.hop_length
        return max(1, samples // hop_length) * hop_length

    def adapted(self, backend: str) -> WavernnCourse:
        """Returns the same course, for `naive` with short streams."""
        return replace(self, naive=backend == "naive")


class WavernnJudge:
    """Says how far a stream's samples are from those that the reference draws after the same ones."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference

    @property
    def classes(self) -> int:
        """Values that a sample can have, 0 for amplitudes."""
        return self._reference.config.classes

    def differences(self, item: audio.Stream, given: list[float]) -> NDArray[np.float64]:
        """Judges samples; see `Reference.differences`."""
        config = self._reference.config
        mel = audio.conditioning(config.mel_channels, item)
        numbers = randomness.uniforms(
            item["seed"], [item["stream"]], 0, len(given), config.uniforms
        )
        return self._reference.differences(given, numbers[0], mel, item["temperature"])
