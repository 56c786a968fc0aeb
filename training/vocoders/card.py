"""The model card of a vocoder."""

from __future__ import annotations

from pathlib import Path

NAMES = {"wavenet": "WaveNet", "wavernn": "WaveRNN"}
OF_SCORES = """"recording, 9 bits" are the recordings as the model's classes keep them: nothing that it says
can be better. Griffin-Lim makes audio of the same frames without a model."""


def text(kind: str, command: str, samples: int, scores: str, notice: Path) -> str:
    """Writes it.

    Args:
        kind: `"wavenet"` or `"wavernn"`.
        command: What is typed to train it.
        samples: How many samples the model was trained on, counted as often as they were seen.
        scores: How good the model is.
        notice: The data's notice of copyright, which is quoted.
    """
    quoted = "\n".join(f"    {line}" for line in _licence(notice))
    return f"""# {NAMES[kind]} ru-16k

A {NAMES[kind]} that turns mel spectrograms into speech at 16 kHz. `config.json` says how its frames are
computed; the WaveNet and the WaveRNN of this name take the same ones.

- Voice: one male speaker of Russian. Other voices it was never taught.
- Data: festvox-ru (Debian package), 99.5 minutes in 620 sentences, of which 60 were held out.
- Training: `{command}`, {samples / 1e6:,.0f} million samples.
- Licence: Apache-2.0, as tfopt. The data's notice is below.

## Held-out recordings, made anew of their frames

{scores.strip()}

## festvox-ru

{quoted}
"""


def _licence(notice: Path) -> list[str]:
    """The part of a Debian copyright file about the recordings, not about their packaging."""
    return notice.read_text(encoding="utf-8").split("\nFiles: debian/")[0].splitlines()
