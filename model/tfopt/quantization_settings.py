"""What is known of a model with weights of fewer bits: the `quantization` of its config."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tfopt.settings_checks import constructor_arguments, expect, expect_one_of

# The types whose losses may be stored (docs/reduced-precision.md says what they are).
TYPES = ("bfloat16", "int16", "int8", "int8_static")
NATS_PER_SAMPLE, WORDS = "nats per sample", "words"
UNITS = (NATS_PER_SAMPLE, WORDS)

_LEAST_SCALE, _LARGEST_SCALE = 2.0**-100, 3.4028234e38  # as the engine takes them


@dataclass(frozen=True, kw_only=True)
class QuantizationSettings:
    """What `tfopt quantize` found out about a model.

    Attributes:
        input_scales: For each matrix of the packed model, in its order, what an input of 1 stands for as an
            integer of `int8_static`; 0 where each vector has a scale of its own. Empty if nothing was
            calibrated.
        losses: For some of `TYPES`, how much worse than float32 the model was with it on data. By chance it
            may be better, and the loss below 0.
        unit: Of the losses. `"nats per sample"`: what the mean negative log-likelihood has gained. `"words"`:
            the part of the words whose phonemes change.
        observer: What chose the scales, as `tfopt quantize` calls it; None if nothing was calibrated.
    """

    input_scales: tuple[float, ...] = ()
    losses: Mapping[str, float] = field(hash=False)
    unit: str
    observer: str | None = None

    def __post_init__(self) -> None:
        expect(isinstance(self.input_scales, tuple), "input_scales", "a tuple", self.input_scales)
        for scale in self.input_scales:
            good = _is_number(scale) and (scale == 0 or _LEAST_SCALE <= scale <= _LARGEST_SCALE)
            expect(good, "input_scales", "0 or finite float32 numbers from 2^-100 on", scale)
        expect(isinstance(self.losses, Mapping), "losses", "an object", self.losses)
        for name, loss in self.losses.items():
            expect_one_of("losses", TYPES, name)
            expect(_is_number(loss), f"losses: {name}", "a finite number", loss)
        expect_one_of("unit", UNITS, self.unit)
        named = self.observer is None or isinstance(self.observer, str)
        expect(named, "observer", "a name or null", self.observer)

    def check_unit(self, unit: str) -> None:
        """Raises ValueError unless the losses are of this unit, in which the model's kind has them."""
        expect(self.unit == unit, "quantization: unit", repr(unit), self.unit)

    @classmethod
    def from_config(cls, settings: object) -> QuantizationSettings | None:
        """Makes settings of `quantization` in `config.json`, None of null; raises ValueError."""
        if settings is None:
            return None
        expect(isinstance(settings, Mapping), "quantization", "an object or null", settings)
        try:
            arguments: dict[str, Any] = constructor_arguments(
                fields(cls),
                settings,  # type: ignore[arg-type]
                ["input_scales"],
            )
            return cls(**arguments)
        except ValueError as error:
            raise ValueError(f"quantization: {error}") from error


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
