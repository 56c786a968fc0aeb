"""WaveNets: an item is a stream of samples, a unit is one sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory, mu_law, randomness, wavenet
from tfopt.profiler import audio, works
from tfopt.profiler.check_samples import SampleChecker
from tfopt.profiler.kinds import Model, Wishes
from tfopt.profiler.plan import Plan
from tfopt.profiler.streams import StreamCourse
from tfopt.roofline import Work
from tfopt.stored_weights import FLOAT32, StoredWeights
from tfopt.wavenet import cost
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.reference import Reference, Stream, load

NAME = "WaveNet"
BACKENDS = wavenet.BACKENDS
MODULES = cost.MODULES


def model(directory: Path, wishes: Wishes) -> Model:
    """Returns what to measure of a model directory."""
    config = read_config(directory)
    about = {
        "sample_rate": config.sample_rate,
        "config": config.to_dict(),
    }
    rungs = wishes.rungs(BACKENDS, config.quantization)
    course = WavenetCourse(config, wishes.plan, wishes.seed)
    rung_work = works.of_rungs(directory, rungs, partial(work, config))
    return Model("sample", rungs, course, about, work(config), rung_work)


def checker(directory: Path) -> SampleChecker:
    """Returns the checker of a model directory."""
    return SampleChecker(WavenetJudge(load(directory)))


def read_config(directory: Path) -> WavenetConfig:
    """Returns the config of a model directory; ValueError if it is wrong."""
    settings = model_directory.read_config(directory, "wavenet")
    return config_of(settings, str(directory / model_directory.CONFIG))


def config_of(settings: Mapping[str, Any], where: str) -> WavenetConfig:
    """Returns the config that settings describe; ValueError naming `where` if they are wrong."""
    return WavenetConfig.from_dict(settings, where)


def course(config: WavenetConfig, plan: Plan, seed: int) -> WavenetCourse:
    """Returns the calls to time a model of this config with."""
    return WavenetCourse(config, plan, seed)


def work(config: WavenetConfig, stored: StoredWeights = FLOAT32) -> Work:
    """Returns what a sample costs."""
    return cost.total(config, stored=stored)


def modules(config: WavenetConfig, stored: StoredWeights = FLOAT32) -> dict[str, Work]:
    """Returns what each part of a step costs."""
    return cost.modules(config, stored=stored)


def describe(config: WavenetConfig) -> str:
    """Returns a config in a few words."""
    return f"{channels(config)}, {len(config.dilations)} layers"


def channels(config: WavenetConfig) -> str:
    """Returns the widths of a config."""
    return (
        f"R={config.residual_channels} G={config.gate_channels} S={config.skip_channels} "
        f"E={config.end_channels}"
    )


@dataclass(frozen=True)
class WavenetCourse(StreamCourse[WavenetConfig]):
    """Streams; `prompt` is how many samples each is fed before its first is drawn."""

    prompt: int = 0

    def stream(self, number: int, temperature: float, samples: int) -> audio.Stream:
        """Returns a stream; its conditioning is that of the longest of this number."""
        one = audio.stream(
            number=number,
            seed=self.seed,
            temperature=temperature,
            samples=samples,
            frames=-(-self.plan.samples // self.config.hop_length),
        )
        return audio.prompted(self.config, one, self.prompt) if self.prompt else one

    def adapted(self, backend: str) -> WavenetCourse:
        """Returns the same course, for `naive` with a prompt as long as the receptive field.

        What it recomputes grows until so much was fed, and only then is what a second of audio costs. The
        prompt itself costs it nothing. The others take as long for the first sample as for any.
        """
        return replace(self, prompt=self.config.receptive_field) if backend == "naive" else self


class WavenetJudge:
    """Says how far a stream's samples are from those that the reference draws after the same ones."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._prompted: dict[tuple[Any, ...], Stream] = {}

    @property
    def classes(self) -> int:
        """Values that a sample can have, 0 for amplitudes."""
        return self._reference.config.classes

    def differences(self, item: audio.Stream, given: list[float]) -> NDArray[np.float64]:
        """Judges samples; see `Reference.differences`."""
        config = self._reference.config
        fed = self._fed_first(item)
        rows = self._rows(item, len(fed) - 1 + len(given))
        numbers = randomness.uniforms(
            item["seed"], [item["stream"]], 0, len(given), config.uniforms
        )
        return self._begun(item, fed, rows).differences(
            fed[-1], given, numbers[0], rows[len(fed) - 1 :], item["temperature"]
        )

    def _fed_first(self, item: audio.Stream) -> NDArray[Any]:
        """What is fed before the first sample is drawn: the prompt, or silence."""
        prompt = audio.prompt(item)
        amplitudes = np.zeros(1) if prompt is None else prompt
        return mu_law.encode(amplitudes, self.classes) if self.classes else amplitudes

    def _rows(self, item: audio.Stream, steps: int) -> NDArray[Any]:
        """The conditioning of each step."""
        channels = self._reference.config.local_channels
        if not channels:
            return np.zeros((steps, 0))
        return self._reference.upsample(audio.conditioning(channels, item))[:steps]

    def _begun(self, item: audio.Stream, fed: NDArray[Any], rows: NDArray[Any]) -> Stream:
        """A stream to which all of its prompt but the last sample was fed.

        The last one is kept: a prompt is long, and without conditioning all streams begin alike.
        """
        config = self._reference.config
        speaker = audio.speaker(config, item)
        own = item["stream"] if config.local_channels else None
        beginning = (item["seed"], item["prompt"], speaker, own)
        if beginning not in self._prompted:
            stream = self._reference.start(speaker)
            stream.feed(fed[:-1], rows[: len(fed) - 1])
            self._prompted = {beginning: stream}
        return self._prompted[beginning].copy()
