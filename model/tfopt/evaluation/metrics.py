"""What is measured of each sort of model: the figures of its quality, and those of its speed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tfopt.profiler.quantities import rate_text


@dataclass(frozen=True)
class Metric:
    """A figure.

    Attributes:
        name: In results files.
        heading: Over a column; its lines.
        text: Writes a value.
        long: What it is, in a few words.
    """

    name: str
    heading: tuple[str, str]
    text: Callable[[float], str]
    long: str


def _nats(value: float) -> str:
    return f"{value:.4f}"


def _decibels(value: float) -> str:
    return f"{value:.2f} dB"


def _score(value: float) -> str:
    return f"{value:.3f}"


def _percent(value: float) -> str:
    return f"{value:.2%}"


def _count(value: float) -> str:
    return f"{value:,.0f}"


@dataclass(frozen=True)
class Sort:
    """What is measured of a sort of models.

    Attributes:
        qualities: Less is better of the first ones, which are drawn; the very first is compared with float32.
        speeds: More is better of each; the first is the one that is drawn.
        legend: What the figures mean.
    """

    qualities: tuple[Metric, ...]
    speeds: tuple[Metric, ...]
    legend: str


VOCODER, G2P = "vocoder", "g2p"

SORTS = {
    VOCODER: Sort(
        qualities=(
            Metric(
                "nats_per_sample",
                ("nats", "a sample"),
                _nats,
                "negative log-likelihood, nats a sample",
            ),
            Metric(
                "log_spectral_distance_db",
                ("spectral", "distance"),
                _decibels,
                "log-spectral distance, dB",
            ),
            Metric("mel_distance_db", ("mel", "distance"), _decibels, "mel distance, dB"),
            Metric("stoi", ("intelligible", "STOI"), _score, "STOI, from 0 to 1"),
            Metric("pesq", ("quality", "PESQ"), _score, "wide-band PESQ, from 1.0 to 4.6"),
        ),
        speeds=(
            Metric("samples_per_s", ("one stream", "samples/s"), rate_text, "samples a second"),
        ),
        legend="Nats a sample: negative log-likelihood of the recordings, teacher-forced; of mixtures of "
        "logistics for 16 bits, of Gaussians of a density. Distances, STOI and PESQ (of these two more is "
        "better): of audio generated from the recordings' frames. Real time: seconds of audio that one "
        "stream yields in a second, on one thread.",
    ),
    G2P: Sort(
        qualities=(
            Metric("words_wrong", ("words", "wrong"), _percent, "words wrong"),
            Metric("phonemes_wrong", ("phonemes", "wrong"), _percent, "phonemes wrong"),
            Metric(
                "words_wrong_without_stress",
                ("words", "w/o stress"),
                _percent,
                "words wrong, stress left out",
            ),
            Metric(
                "phonemes_wrong_without_stress",
                ("phonemes", "w/o stress"),
                _percent,
                "phonemes wrong, stress left out",
            ),
            Metric(
                "words_changed",
                ("not as", "float32"),
                _count,
                "words said otherwise than in float32",
            ),
        ),
        speeds=(
            Metric(
                "words_per_s", ("in batches", "words/s"), rate_text, "words a second in batches"
            ),
            Metric("words_per_s_alone", ("alone", "words/s"), rate_text, "words a second alone"),
        ),
        legend="Wrong: against the nearest pronunciation that is listed. Everything was said once before it "
        "was timed.",
    ),
}
