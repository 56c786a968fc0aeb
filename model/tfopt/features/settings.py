"""What a mel spectrogram is computed with: the `features` of a model's config."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tfopt.settings_checks import constructor_arguments, expect, expect_integer, expect_one_of

SCALES = ("slaney", "htk")
NORMS = ("slaney", "none")
SPECTRA = ("magnitude", "power")
LOGS = ("ln", "log10", "db")
PADDINGS = ("reflect", "zeros")

# Far above every real setting, far below what fills a memory.
LARGEST = 10_000  # hop length, bands
LARGEST_FFT = 1 << 16


@dataclass(frozen=True, kw_only=True)
class MelSettings:
    """The settings of a mel spectrogram, whose sample rate is the model's.

    The defaults of those that may be left out are librosa's, with decibels of magnitudes as fatchord/WaveRNN
    has them, not scaled.

    Attributes:
        fft_size: Samples of a Fourier transform, which gives fft_size // 2 + 1 frequencies.
        window_length: Samples of the (periodic) Hann window in the middle of those.
        hop_length: Samples from one frame to the next.
        bands: Of a frame.
        fmin: The lowest band's lower edge, in Hz.
        fmax: The highest band's upper edge, in Hz; None is half the sample rate.
        scale: `"slaney"`: linear below 1 kHz, logarithmic above (Auditory Toolbox). `"htk"`:
            2595 log10(1 + f / 700).
        norm: `"slaney"`: each band's triangle has area 1 over the frequencies in Hz. `"none"`: height 1.
        spectrum: What the bands sum, `"magnitude"` or `"power"` (its square).
        floor: Smaller sums count as this much.
        log: What is taken of the sums: `"ln"`, `"log10"`, or `"db"`, 20 log10 of a magnitude and 10 log10 of
            a power.
        min_level_db: With `"db"`, this level becomes 0 and 0 dB becomes 1, and what is outside is clipped;
            None leaves decibels.
        padding: What stands for half a transform before and after the audio: its `"reflect"`-ion, or
            `"zeros"`. So frame t is centred at sample t * hop_length.
    """

    fft_size: int
    window_length: int
    hop_length: int
    bands: int
    fmin: float = 0.0
    fmax: float | None = None
    scale: str = "slaney"
    norm: str = "slaney"
    spectrum: str = "magnitude"
    floor: float = 1e-5
    log: str = "db"
    min_level_db: float | None = None
    padding: str = "reflect"

    def __post_init__(self) -> None:
        expect_integer("fft_size", self.fft_size, 2, LARGEST_FFT)
        expect_integer("window_length", self.window_length, 1, self.fft_size)
        expect_integer("hop_length", self.hop_length, 1, LARGEST)
        expect_integer("bands", self.bands, 1, LARGEST)
        for name, choices in (
            ("scale", SCALES),
            ("norm", NORMS),
            ("spectrum", SPECTRA),
            ("log", LOGS),
            ("padding", PADDINGS),
        ):
            expect_one_of(name, choices, getattr(self, name))
        good = _is_number(self.fmin) and self.fmin >= 0
        expect(good, "fmin", "a frequency of at least 0 Hz", self.fmin)
        if self.fmax is not None:
            good = _is_number(self.fmax) and self.fmax > self.fmin
            expect(good, "fmax", f"a frequency above fmin, {self.fmin} Hz, or null", self.fmax)
        good = _is_number(self.floor) and self.floor > 0
        expect(good, "floor", "a number above 0", self.floor)
        if self.min_level_db is not None:
            expected = "a number below 0 with log 'db', else null"
            good = self.log == "db" and _is_number(self.min_level_db) and self.min_level_db < 0
            expect(good, "min_level_db", expected, self.min_level_db)

    def check_fit(self, sample_rate: int, hop_length: int, bands: int) -> None:
        """Raises ValueError unless these are features of a model with this rate, hop length and bands."""
        for name, wanted, given in (
            ("hop_length", hop_length, self.hop_length),
            ("bands", bands, self.bands),
        ):
            expect(given == wanted, f"features: {name}", f"{wanted}, as the model's", given)
        half = sample_rate / 2
        expected = f"at most {half:g} Hz, half the sample rate"
        expect(self.fmin < half, "features: fmin", f"below {half:g} Hz, half the rate", self.fmin)
        if self.fmax is not None:
            expect(self.fmax <= half, "features: fmax", expected, self.fmax)

    @classmethod
    def from_config(cls, settings: object) -> MelSettings | None:
        """Makes settings of `features` in `config.json`, None of null; raises ValueError."""
        if settings is None:
            return None
        expect(isinstance(settings, Mapping), "features", "an object or null", settings)
        try:
            arguments: dict[str, Any] = constructor_arguments(fields(cls), settings, [])  # type: ignore[arg-type]
            return cls(**arguments)
        except ValueError as error:
            raise ValueError(f"features: {error}") from error


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
