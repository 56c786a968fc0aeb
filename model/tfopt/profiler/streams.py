"""The calls that a model's rungs are timed with if it generates audio: streams, alone and in batches."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from tfopt.profiler import audio
from tfopt.profiler.kinds import Items, Pace, Timing
from tfopt.profiler.plan import FEWEST_SAMPLES, Plan

# Numbers of the streams: those timed alone, those timed as a batch, those that are only checked.
_ALONE, _TOGETHER, _CHECKED = 0, 1_000, 1_000_000
_Config = TypeVar("_Config")


@dataclass(frozen=True)
class StreamCourse(ABC, Generic[_Config]):
    """Streams one at a time and in batches; a slow rung generates shorter beginnings of the same ones.

    Attributes:
        config: the model.
        plan: how much to do; no takes or no streams leave out what they count.
        seed: of the random numbers.
    """

    config: _Config
    plan: Plan
    seed: int

    @abstractmethod
    def stream(self, number: int, temperature: float, samples: int) -> audio.Stream:
        """Returns a stream to generate; `samples` is a length that `possible` gave."""

    def possible(self, samples: int) -> int:
        """Returns the length nearest to this one that a stream can have."""
        return samples

    @property
    def source(self) -> dict[str, Any]:
        """Says that streams follow from a seed."""
        text = f"streams of seed {self.seed}"
        return {"from": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}

    @property
    def batch(self) -> int:
        """Streams in a batch."""
        return self.plan.streams

    def known(self) -> Items:
        """Returns nothing: lengths are known once the rungs have run."""
        return []

    def first(self) -> Items:
        """Returns a stream of a few samples."""
        return [self.stream(_CHECKED, 1.0, self.possible(FEWEST_SAMPLES))]

    def calibrate(self, timing: Timing) -> Pace:
        """Has a greedy and a drawn stream checked, and finds the lengths that fit the time of a call."""
        for temperature in (0.0, 1.0):
            self._longest(timing, "batches", partial(self._checked, temperature))
        unit_s = batch_s = 0.0
        batch: Items = []
        if self.plan.takes:
            samples, seconds = self._longest(
                timing, "singles", lambda n: [self.stream(_ALONE, 1.0, n)], self.plan.samples
            )
            unit_s = seconds / samples
        if self.plan.streams:
            samples, batch_s = self._longest(timing, "batches", self._batch)
            batch = self._batch(samples)
        return Pace(batch, batch_s, unit_s, batch)

    def singles(self, slowest: float) -> Items:
        """Returns the streams timed alone."""
        samples = self.possible(self.plan.samples)
        return [self.stream(_ALONE + number, 1.0, samples) for number in range(self.plan.takes)]

    def fitted(self, items: Items, pace: Pace) -> Items:
        """Returns the beginnings of the streams that the rung can make in the time of a call."""
        samples = self.possible(self.plan.fitted_samples(pace.unit_s))
        return [self.stream(item["stream"], item["temperature"], samples) for item in items]

    def units(self, item: Any) -> int:
        """Returns the samples of a stream."""
        return int(item["samples"])

    def digest(self, items: Items) -> str:
        """Returns the hash of the streams' seeds, numbers and temperatures."""
        return hashlib.sha256(
            json.dumps([audio.identity(item) for item in items]).encode()
        ).hexdigest()

    def _longest(
        self,
        timing: Timing,
        command: str,
        items: Callable[[int], Items],
        most: int = 0,
    ) -> tuple[int, float]:
        """Doubles the samples of a call until the next doubling would take too long.

        What a call costs beside its samples must not count as theirs, so it is the growth from one call to
        the next that tells how long a longer one will take.

        Args:
            timing: runs a call.
            command: what kind of call.
            items: returns the streams with this many samples each.
            most: samples at which to stop; as many as a stream in a batch has if not given.

        Returns:
            The samples of the last call, and its seconds.
        """
        samples = self.possible(FEWEST_SAMPLES)
        most = self.possible(most or self.plan.batch_samples)
        timing(command, items(samples))  # what the first call costs, later ones do not
        before = 0.0
        while True:
            seconds = timing(command, items(samples))
            expected = seconds + 2 * max(seconds - before, 0.0) if before else seconds
            if samples * 2 > most or expected > self.plan.call_cap_s:
                return samples, seconds
            samples, before = samples * 2, seconds

    def _checked(self, temperature: float, samples: int) -> Items:
        return [self.stream(_CHECKED, temperature, samples)]

    def _batch(self, samples: int) -> Items:
        return [
            self.stream(_TOGETHER + number, 1.0, samples) for number in range(self.plan.streams)
        ]
