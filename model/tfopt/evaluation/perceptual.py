"""How intelligible and how good generated speech is, to models of hearing that know the recording.

STOI (Taal et al. 2011, the library pystoi) says how intelligible, from 0 to 1. PESQ (ITU-T P.862.2, wide
band, the library pesq) says how good, from 1.0 to 4.6; recordings at other rates are resampled for it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import warnings

import numpy as np

from tfopt.evaluation.recordings import Array

STOI, PESQ = "stoi", "pesq"
_PESQ_RATE = 16_000
_SHORTEST_S = 0.5  # both measures say nothing of less speech


def check() -> None:
    """Raises ImportError if a library is missing."""
    missing = [
        name for name in ("pystoi", "pesq", "soxr") if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise ImportError(
            f"STOI and PESQ need {' and '.join(missing)}; "
            "install them with: pip install 'tfopt[evaluation]'"
        )


def scores(audio: Array, recording: Array, sample_rate: int) -> dict[str, float]:
    """How generated audio compares with a recording.

    Args:
        audio: Amplitudes, float32 [samples].
        recording: As many.
        sample_rate: Of both, in Hz.

    Returns:
        `STOI` and `PESQ`, without what cannot be said: of too little audio, or of silence.

    Raises:
        ImportError: A library is missing; see `check`.
    """
    import soxr
    from pesq import NoUtterancesError, pesq
    from pystoi import stoi

    found: dict[str, float] = {}
    if len(recording) < _SHORTEST_S * sample_rate or not np.ptp(recording) or not np.ptp(audio):
        return found
    with warnings.catch_warnings():
        # So it says that too little of the recording is louder than silence.
        warnings.simplefilter("error", RuntimeWarning)
        with contextlib.suppress(RuntimeWarning):
            found[STOI] = float(stoi(recording, audio, sample_rate))
    signals = [soxr.resample(x, sample_rate, _PESQ_RATE) for x in (recording, audio)]
    with contextlib.suppress(NoUtterancesError):
        found[PESQ] = float(pesq(_PESQ_RATE, *signals, "wb"))
    return found
