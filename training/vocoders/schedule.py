"""The learning rate: rises, stays, and falls at the end, which is where most of the loss goes.

What stays can be prolonged: a run that is taken up again with more epochs before the rate falls goes on as
if it had been planned so.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


class RiseStayFall(keras.optimizers.schedules.LearningRateSchedule):
    """Linear to `peak`, constant, then by a cosine to `last`."""

    def __init__(
        self, peak: float, steps: int, *, rise: int = 300, fall: float = 0.4, last: float = 0.02
    ) -> None:
        """Makes one.

        Args:
            peak: The highest rate.
            steps: Of the whole run.
            rise: Steps that the rate rises.
            fall: The part of all steps at the end in which it falls.
            last: What is left of it after the last one, as a part of `peak`.
        """
        self.peak, self.steps, self.rise, self.fall, self.last = peak, steps, rise, fall, last

    def __call__(self, step: Any) -> Any:
        """The rate of a step."""
        now = ops.cast(step, "float32")
        falling = ops.clip((now / self.steps - 1 + self.fall) / self.fall, 0.0, 1.0)
        cosine = (1 + ops.cos(math.pi * falling)) / 2
        return self.peak * ops.minimum((now + 1) / self.rise, self.last + (1 - self.last) * cosine)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return {
            "peak": self.peak,
            "steps": self.steps,
            "rise": self.rise,
            "fall": self.fall,
            "last": self.last,
        }
