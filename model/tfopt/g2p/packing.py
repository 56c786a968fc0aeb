"""A grapheme-to-phoneme model as the custom op reads it: one tensor of bytes."""

from __future__ import annotations

from tfopt import ops
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.g2p.config import ARCHITECTURES, G2pConfig
from tfopt.model_directory import Weights
from tfopt.tensors import Tensor
from tfopt.weight_conversion import converted


def pack(config: G2pConfig, weights: Weights, compute_type: str = DEFAULT_COMPUTE_TYPE) -> Tensor:
    """Packs a model for `g2p_decode`: uint8 [bytes].

    `compute_type` is one that `compute_types.chosen` gives; a ValueError says that stored scales do not fit.
    """
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
    packed = ops.g2p_pack([weights[name] for name in config.shapes], config=settings)
    return converted(packed, compute_type, config.quantization)
