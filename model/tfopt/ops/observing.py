"""Ops that count what the matrices of a model multiply, to calibrate the scales of integers by.

A matrix here is one of those that `convert_weights` converts, in its order. Counted are the magnitudes of
the numbers of each vector, in bins that `tfopt.quantization.histograms.edges` gives.
"""

from __future__ import annotations

from tfopt.ops.arguments import int32, uint8
from tfopt.ops.loading import op
from tfopt.ops.wavenet import wavenet_fed
from tfopt.ops.wavernn import wavernn_fed
from tfopt.tensors import Tensor


def wavenet_observe(
    packed: Tensor, state: Tensor, samples: Tensor, conditioning: Tensor, speaker: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`wavenet_logits` that counts, on one thread.

    Returns:
        The logits, float32 [batch, time, outputs]; the new state; the counts, int64 [matrices, bins]; and the
        largest magnitudes, float32 [matrices].
    """
    logits, new_state, counts, largest = op("wavenet_observe")(
        **wavenet_fed(packed, state, samples, conditioning, speaker)
    )
    return logits, new_state, counts, largest


def wavernn_observe(
    packed: Tensor,
    state: Tensor,
    fed: Tensor,
    targets: Tensor,
    mels: Tensor,
    aux: Tensor,
    offset: Tensor,
    *,
    hop_length: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """`wavernn_logits` that counts, on one thread.

    Returns:
        The logits, float32 [batch, time, outputs]; the new state; the counts, int64 [matrices, bins]; and the
        largest magnitudes, float32 [matrices].
    """
    logits, new_state, counts, largest = op("wavernn_observe")(
        **wavernn_fed(packed, state, fed, targets, mels, aux, offset, hop_length)
    )
    return logits, new_state, counts, largest


def g2p_observe(packed: Tensor, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`g2p_decode` that counts, on one thread.

    Returns:
        The phonemes, int32 [batch, max_phonemes]; the counts, int64 [matrices, bins]; and the largest
        magnitudes, float32 [matrices].
    """
    phonemes, counts, largest = op("g2p_observe")(
        packed=uint8("packed", packed), ids=int32("ids", ids), lengths=int32("lengths", lengths)
    )
    return phonemes, counts, largest
