"""Whether a backend of a WaveNet draws the samples that the reference draws.

The reference is fed the samples that were given, and must draw each next one from them, with the same random
numbers. So every sample is judged, those after a near-tie too, where the streams part for good.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tfopt import mu_law, randomness
from tfopt.profiler import audio
from tfopt.profiler.check import CheckReport, OutputDiffersError
from tfopt.wavenet.reference import NEAR_TIE, Reference, Stream


@dataclass
class _Judged:
    """A stream's samples that were found right, and by how much some of them are ties."""

    samples: list[float]
    ties: dict[int, float] = field(default_factory=dict)


class SampleChecker:
    """Compares streams with a reference. A stream that is the beginning of one judged costs nothing."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._judged: dict[str, list[_Judged]] = {}
        self._prompted: dict[tuple[Any, ...], Stream] = {}

    def prepare(self, items: list[audio.Stream]) -> None:
        """Does nothing: how long the streams get depends on the backends, and each is judged once."""

    def check(self, items: list[audio.Stream], results: Any, report: CheckReport) -> None:
        """Compares a worker's results and adds to the report.

        Args:
            items: the streams of one call.
            results: a list of results, each with a list of samples for each stream: class numbers of a
                categorical output, else amplitudes.
            report: the backend's report.

        Raises:
            OutputDiffersError: the first sample that the reference would not draw.
        """
        if not isinstance(results, list) or not results:
            raise OutputDiffersError(f"no outputs for {len(items)} streams")
        for outputs in results:
            if not isinstance(outputs, list) or len(outputs) != len(items):
                count = len(outputs) if isinstance(outputs, list) else "no"
                raise OutputDiffersError(f"{count} outputs for {len(items)} streams")
            for item, given in zip(items, outputs, strict=True):
                self._check_stream(item, given, report)

    def _check_stream(self, item: audio.Stream, given: Any, report: CheckReport) -> None:
        name, count = audio.identity(item), item["samples"]
        if not isinstance(given, list) or not all(map(self._is_sample, given)):
            raise OutputDiffersError(f"{name}: expected a list of samples, got {str(given)[:40]}")
        if len(given) != count:
            raise OutputDiffersError(f"{name}: {len(given)} samples for {count}")
        known = self._judged.setdefault(name, [])
        judged = next((one for one in known if one.samples[:count] == given), None)
        if judged is None:
            judged = self._judge(item, given)
            known.append(judged)
        report.compared += count
        report.items.add(name)
        for place, gap in judged.ties.items():
            if place < count:
                report.near_ties[f"{name}, sample {place}"] = gap

    def _is_sample(self, value: Any) -> bool:
        """Whether a value can be fed: a class number, or a finite amplitude."""
        if not isinstance(value, int | float) or not math.isfinite(value):
            return False
        classes = self._reference.config.classes
        return not classes or (value == int(value) and 0 <= value < classes)

    def _judge(self, item: audio.Stream, given: list[float]) -> _Judged:
        config = self._reference.config
        fed = self._fed_first(item)
        rows = self._rows(item, len(fed) - 1 + len(given))
        numbers = randomness.uniforms(
            item["seed"], [item["stream"]], 0, len(given), config.uniforms
        )
        gaps = self._begun(item, fed, rows).differences(
            fed[-1], given, numbers[0], rows[len(fed) - 1 :], item["temperature"]
        )
        wrong = np.flatnonzero(~(gaps < NEAR_TIE))
        if len(wrong):
            place = int(wrong[0])
            raise OutputDiffersError(
                f"{audio.identity(item)}: {len(wrong)} of {len(given)} samples are not what the reference "
                f"draws after the same ones; the first is sample {place}, {given[place]:g}, "
                f"off by {gaps[place]:.2g}"
            )
        ties = np.flatnonzero(gaps) if config.output == "categorical" else [int(gaps.argmax())]
        return _Judged(given, {int(place): float(gaps[place]) for place in ties if gaps[place]})

    def _fed_first(self, item: audio.Stream) -> NDArray[Any]:
        """What is fed before the first sample is drawn: the prompt, or silence."""
        prompt = audio.prompt(item)
        amplitudes = np.zeros(1) if prompt is None else prompt
        classes = self._reference.config.classes
        return mu_law.encode(amplitudes, classes) if classes else amplitudes

    def _rows(self, item: audio.Stream, steps: int) -> NDArray[Any]:
        """The conditioning of each step."""
        frames = audio.conditioning(self._reference.config, item)
        return np.zeros((steps, 0)) if frames is None else self._reference.upsample(frames)[:steps]

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
