"""Ops for WaveRNN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfopt.ops.arguments import float32, float32_list, int32, integer, integers, uint8
from tfopt.ops.loading import op
from tfopt.tensors import Tensor


def wavernn_pack(weights: Sequence[Tensor], *, config: Sequence[int]) -> Tensor:
    """Packs a WaveRNN, but for its networks over frames, into one tensor, which the others read in place.

    Args:
        weights: float32, finite, in the order and of the shapes of
            `tfopt.wavernn.config.WavernnConfig.shapes`, without those called `upsample` and `resnet`.
        config: Mel channels, aux channels (of each part), RNN channels, RNN layers, fc channels, fc layers,
            output (0 categorical, 1 split, 2 mixture of logistics), bits (0 of a mixture), mixtures (else 0).

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    return op("wavernn_pack")(
        weights=float32_list("weights", weights), config=integers("config", config)
    )


def wavernn_step(
    packed: Tensor,
    state: Tensor,
    last: Tensor,
    mels: Tensor,
    aux: Tensor,
    uniforms: Tensor,
    temperature: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """One step of a WaveRNN: feeds every stream its last sample and draws the next one.

    In a `tf.while_loop` that starts from the zero state, give that loop variable the shape invariant
    [batch, None], as the state only has bytes after the first step. The state is then advanced in place.

    Args:
        packed: uint8 [bytes], of `wavernn_pack`.
        state: uint8 [batch, bytes], as the last call returned it, or [batch, 0]: the state before the first
            step. A row is a stream, so that streams can be chosen.
        last: float32 [batch, 1, or 2 if the output is split]: what the last samples are to the network (see
            `tfopt.wavernn.samples.feedback`), zeros before the first; finite.
        mels: float32 [batch, mel channels], at sample rate; finite.
        aux: float32 [batch, (RNN layers + fc layers) * aux channels], of the step's frame; finite.
        uniforms: float32 [batch, 1 if the output is categorical, else 2], in [0, 1). Split: for coarse, for
            fine.
        temperature: float32 [], at least 0; 0 takes the most probable class or component.

    Returns:
        The samples, float32 [batch] (classes, of a split output coarse * 2 ** fine_bits + fine; or amplitudes
        in [-1, 1]); what they are to the network, which is `last` of the next step; the new state.
    """
    samples, new_state, fed = op("wavernn_step")(
        packed=uint8("packed", packed),
        state=uint8("state", state),
        last=float32("last", last),
        mels=float32("mels", mels),
        aux=float32("aux", aux),
        uniforms=float32("uniforms", uniforms),
        temperature=float32("temperature", temperature),
    )
    return samples, fed, new_state


def wavernn_generate(
    packed: Tensor,
    state: Tensor,
    last: Tensor,
    mels: Tensor,
    aux: Tensor,
    offset: Tensor,
    uniforms: Tensor,
    temperature: Tensor,
    *,
    hop_length: int,
    threads: int = 1,
) -> tuple[Tensor, Tensor]:
    """Generates samples with a WaveRNN, the whole loop in one call.

    Calls that go on from one another's state and last sample give the same samples as one call.

    Args:
        packed: uint8 [bytes], of `wavernn_pack`.
        state: uint8 [batch, bytes], as the last call returned it, or [batch, 0]: the state before the first
            step. A row is a stream, so that streams can be chosen.
        last: float32 [batch, 1, or 2 if the output is split]: what the last samples are to the network (see
            `tfopt.wavernn.samples.feedback`), zeros before the first; finite.
        mels: float32 [batch, time, mel channels], at sample rate; finite.
        aux: float32 [batch, frames, (RNN layers + fc layers) * aux channels], of every frame that one of the
            steps is in; finite. Step t reads frame (offset + t) // hop_length.
        offset: int32 [], from 0 to hop_length - 1: the first step's place in its frame.
        uniforms: float32 [batch, time, 1 if the output is categorical, else 2], in [0, 1). Split: for coarse,
            for fine.
        temperature: float32 [], at least 0; 0 takes the most probable class or component.
        hop_length: Steps of a frame, at least 1.
        threads: From 1 to 4096. A batch is spread over them; they change no result.

    Returns:
        The samples, float32 [batch, time] (classes, of a split output coarse * 2 ** fine_bits + fine; or
        amplitudes in [-1, 1]), and the new state.
    """
    samples, new_state = op("wavernn_generate")(
        packed=uint8("packed", packed),
        state=uint8("state", state),
        last=float32("last", last),
        mels=float32("mels", mels),
        aux=float32("aux", aux),
        offset=int32("offset", offset),
        uniforms=float32("uniforms", uniforms),
        temperature=float32("temperature", temperature),
        hop_length=integer("hop_length", hop_length),
        threads=integer("threads", threads),
    )
    return samples, new_state


def wavernn_logits(
    packed: Tensor,
    state: Tensor,
    fed: Tensor,
    targets: Tensor,
    mels: Tensor,
    aux: Tensor,
    offset: Tensor,
    *,
    hop_length: int,
    threads: int = 1,
) -> tuple[Tensor, Tensor]:
    """Feeds given numbers to a WaveRNN.

    Args:
        packed: uint8 [bytes], of `wavernn_pack`.
        state: uint8 [batch, bytes], as the last call returned it, or [batch, 0]: the state before the first
            step. A row is a stream, so that streams can be chosen.
        fed: float32 [batch, time, 1, or 2 if the output is split]: what samples are to the network (see
            `tfopt.wavernn.samples.feedback`); finite.
        targets: int32 [batch, time] if the output is split, else [batch, 0]: the coarse classes that are to
            follow. The fine logits are those given these.
        mels: float32 [batch, time, mel channels], at sample rate; finite.
        aux: float32 [batch, frames, (RNN layers + fc layers) * aux channels], of every frame that one of the
            steps is in; finite. Step t reads frame (offset + t) // hop_length.
        offset: int32 [], from 0 to hop_length - 1: the first step's place in its frame.
        hop_length: Steps of a frame, at least 1.
        threads: From 1 to 4096. A batch is spread over them; they change no result.

    Returns:
        The logits (or parameters) after each step, float32 [batch, time, outputs], if the output is split the
        coarse ones and then the fine ones; and the new state.
    """
    logits, new_state = op("wavernn_logits")(
        **wavernn_fed(packed, state, fed, targets, mels, aux, offset, hop_length),
        threads=integer("threads", threads),
    )
    return logits, new_state


def wavernn_fed(
    packed: Tensor,
    state: Tensor,
    fed: Tensor,
    targets: Tensor,
    mels: Tensor,
    aux: Tensor,
    offset: Tensor,
    hop_length: int,
) -> dict[str, Any]:
    """What an op takes that feeds given numbers to a WaveRNN, checked."""
    return {
        "packed": uint8("packed", packed),
        "state": uint8("state", state),
        "fed": float32("fed", fed),
        "targets": int32("targets", targets),
        "mels": float32("mels", mels),
        "aux": float32("aux", aux),
        "offset": int32("offset", offset),
        "hop_length": integer("hop_length", hop_length),
    }


def mel_resnet_pack(weights: Sequence[Tensor], *, config: Sequence[int]) -> Tensor:
    """Packs a WaveRNN's residual network over frames into one tensor, which `mel_resnet` reads in place.

    Args:
        weights: float32, finite, in the order and of the shapes of
            `tfopt.wavernn.config.WavernnConfig.shapes`: those called `resnet`.
        config: Mel channels, frames on each side (pad), channels, blocks, outputs.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    return op("mel_resnet_pack")(
        weights=float32_list("weights", weights), config=integers("config", config)
    )


def mel_resnet(packed: Tensor, frames: Tensor) -> Tensor:
    """The residual network over mel frames, as fatchord/WaveRNN has it.

        x = relu(a convolution over a frame, `pad` frames before and `pad` behind it)
        x += W_1 relu(W_0 x + b_0) + b_1, for each block
        y = W x + b

    A frame's outputs depend on its own 2 * pad + 1 frames alone, and have the same bits in any batch and
    place.

    Args:
        packed: uint8 [bytes], of `mel_resnet_pack`.
        frames: float32 [batch, n + 2 * pad, mel channels]: n frames, and `pad` more on either side (zeros
            where there are none); finite.

    Returns:
        float32 [batch, n, outputs].
    """
    return op("mel_resnet")(packed=uint8("packed", packed), frames=float32("frames", frames))
