"""The symbols of the model that is trained, as tfopt's config lists them."""

from __future__ import annotations

from tfopt.convert.g2p_en import PHONEMES
from tfopt.g2p.config import G2pConfig

_UNKNOWN, _START, _END = "<unk>", "<s>", "</s>"
APOSTROPHE, TYPOGRAPHIC_APOSTROPHE = "'", "\u2019"  # the second is read as the first
LONGEST = 22  # letters or phonemes that training keeps; CMUdict has two longer words


def config(hidden: int) -> G2pConfig:
    """The settings of a model of this width."""
    return G2pConfig(
        architecture="attention_gru",
        graphemes=(
            _END,
            _UNKNOWN,
            APOSTROPHE,
            TYPOGRAPHIC_APOSTROPHE,
            *"abcdefghijklmnopqrstuvwxyz",
        ),
        phonemes=(_START, _END, *(phoneme for phoneme in PHONEMES if phoneme != "UW")),
        unknown_grapheme=_UNKNOWN,
        end_grapheme=_END,
        start_phoneme=_START,
        end_phoneme=_END,
        embedding=0,
        hidden=hidden,
        max_graphemes=0,
        max_phonemes=32,
    )
