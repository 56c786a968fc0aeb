"""The model card of a vocoder."""

from __future__ import annotations

from pathlib import Path

_NAMES = {"wavenet": "WaveNet", "wavernn": "WaveRNN"}


def text(kind: str, samples: int, notice: Path) -> str:
    """Writes it.

    Args:
        kind: `"wavenet"` or `"wavernn"`.
        samples: How many samples the model was trained on, counted as often as they were seen.
        notice: The data's notice of copyright, which is quoted.
    """
    quoted = "\n".join(f"    {line}" for line in _licence(notice))
    return f"""# {_NAMES[kind]} ru-16k

A {_NAMES[kind]} that turns mel spectrograms into speech at 16 kHz. `config.json` says how its frames are
computed; the WaveNet and the WaveRNN of this name take the same ones.

- Voice: one male speaker of Russian. Other voices it was never taught.
- Data: festvox-ru (Debian package), 99.5 minutes in 620 sentences, of which 60 were held out.
- Training: `python -m training {kind}`, {samples / 1e6:,.0f} million samples, from random weights.
- Licence: Apache-2.0, as tfopt. The data's notice:

{quoted}
"""


def _licence(notice: Path) -> list[str]:
    """The part of a Debian copyright file about the recordings, not about their packaging."""
    return notice.read_text(encoding="utf-8").split("\nFiles: debian/")[0].splitlines()
