"""A grapheme-to-phoneme model as the custom op reads it: one tensor of bytes."""

from __future__ import annotations

from tfopt import ops
from tfopt.g2p.config import ARCHITECTURES, G2pConfig
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor


def pack(config: G2pConfig, weights: Weights) -> Tensor:
    """Packs a model for `g2p_decode`: uint8 [bytes]."""
    settings = [
        ARCHITECTURES.index(config.architecture),
        len(config.graphemes),
        len(config.phonemes),
        config.embedding,
        config.hidden,
        config.max_phonemes,
        config.vocabulary.start_phoneme,
        config.vocabulary.end_phoneme,
    ]
    return ops.g2p_pack([weights[name] for name in config.shapes], config=settings)
