"""Ops for grapheme-to-phoneme models."""

from __future__ import annotations

from collections.abc import Sequence

from tfopt.ops.arguments import float32_list, int32, integer, integers, uint8
from tfopt.ops.loading import op
from tfopt.tensors import Tensor


def g2p_pack(weights: Sequence[Tensor], *, config: Sequence[int]) -> Tensor:
    """Packs a grapheme-to-phoneme model into one tensor for `g2p_decode`.

    Args:
        weights: float32, finite, in the order and of the shapes of `tfopt.g2p.config.G2pConfig.shapes`.
        config: Architecture (0 `gru`, 1 `attention_gru`), graphemes, phonemes, embedding, hidden,
            max_phonemes, and the ids of start_phoneme and end_phoneme.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    return op("g2p_pack")(
        weights=float32_list("weights", weights), config=integers("config", config)
    )


def g2p_decode(packed: Tensor, ids: Tensor, lengths: Tensor, *, threads: int = 1) -> Tensor:
    """Turns words into phonemes, greedily.

    Args:
        packed: uint8 [bytes], of `g2p_pack`.
        ids: int32 [batch, time], grapheme ids; what stands behind a word's length is not read.
        lengths: int32 [batch], from 1 to time.
        threads: From 1 to 4096. A batch is spread over them; they change no result.

    Returns:
        int32 [batch, max_phonemes]; behind the end mark there are only end marks.
    """
    return op("g2p_decode")(
        packed=uint8("packed", packed),
        ids=int32("ids", ids),
        lengths=int32("lengths", lengths),
        threads=integer("threads", threads),
    )
