"""What is quantized: a model, with the data that it is calibrated and judged on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tfopt.quantization.histograms import Histograms
from tfopt.quantization_settings import QuantizationSettings

# Called now and then with how much more is done: of a subject's `work`.
Progress = Callable[[int], object]


class Subject(Protocol):
    """A model with its data, of which a fifth is for its losses alone.

    Attributes:
        unit: Of the losses, one of `quantization_settings.UNITS`.
        work: What `observe` and `losses` together tell `progress` of.
        described: The data, in a few words.
        enough: Whether the losses mean something: of fewer data, chance decides how large they are.
    """

    unit: str
    work: int
    described: str
    enough: bool

    def observe(self, progress: Progress) -> Histograms:
        """What the matrices multiply, in float32."""
        ...

    def losses(self, quantization: QuantizationSettings, progress: Progress) -> dict[str, float]:
        """How much worse than in float32 the model is in each of `quantization_settings.TYPES`."""
        ...
