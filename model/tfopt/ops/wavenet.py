"""Ops for WaveNet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfopt.ops.arguments import float32, float32_list, integer, integers, uint8
from tfopt.ops.loading import op
from tfopt.tensors import Tensor


def wavenet_pack(
    weights: Sequence[Tensor], *, config: Sequence[int], dilations: Sequence[int]
) -> Tensor:
    """Packs a WaveNet into one tensor, which the other functions read in place.

    Args:
        weights: float32, finite, in this order: input.kernel, input.bias; for every layer conv.kernel,
            conv.bias, local.kernel, global.kernel, residual.kernel, residual.bias, skip.kernel, skip.bias;
            end.0.kernel, end.0.bias, end.1.kernel, end.1.bias. Shapes as in
            `tfopt.wavenet.config.WavenetConfig.shapes`; [0] for one that the model lacks.
        config: Residual, gate, skip, end channels, outputs, kernel size, classes of one-hot input (0: the
            input is a number), taps of the input convolution, output (0 categorical, 1 mixture of
            logistics, 2 Gaussian), mixtures, local channels, global channels, and the classes of a
            categorical model whose input is a number (else 0).
        dilations: One for each layer.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    return op("wavenet_pack")(
        weights=float32_list("weights", weights),
        config=integers("config", config),
        dilations=integers("dilations", dilations),
    )


def wavenet_step(
    packed: Tensor, state: Tensor, samples: Tensor, conditioning: Tensor, speaker: Tensor
) -> tuple[Tensor, Tensor]:
    """One step of a WaveNet: feeds a sample to every stream and computes what follows.

    In a `tf.while_loop` that starts from the zero state, give that loop variable the shape invariant
    [batch, None], as the state only has bytes after the first step. The state is then advanced in place.

    Args:
        packed: uint8 [bytes], of `wavenet_pack`.
        state: uint8 [batch, bytes], as the last call returned it, or [batch, 0]: the state before the first
            step. A stream before its first step may join others that go in step.
        samples: float32 [batch]: class numbers, or amplitudes if the model's output is not categorical.
        conditioning: float32 [batch, local channels], at sample rate; finite.
        speaker: float32 [batch, global channels], the embedding's row; finite.

    Returns:
        The logits (or parameters) of the next sample, float32 [batch, outputs], and the new state.
    """
    logits, new_state = op("wavenet_step")(
        **wavenet_fed(packed, state, samples, conditioning, speaker)
    )
    return logits, new_state


def wavenet_generate(
    packed: Tensor,
    state: Tensor,
    last: Tensor,
    forced: Tensor,
    conditioning: Tensor,
    speaker: Tensor,
    uniforms: Tensor,
    temperature: Tensor,
    *,
    threads: int = 1,
) -> tuple[Tensor, Tensor]:
    """Generates samples with a WaveNet, the whole loop in one call.

    Calls that go on from one another's state and last sample give the same samples as one call.

    Args:
        packed: uint8 [bytes], of `wavenet_pack`.
        state: uint8 [batch, bytes], as the last call returned it, or [batch, 0]: the state before the first
            step. A stream before its first step may join others that go in step.
        last: float32 [batch], the sample fed first.
        forced: float32 [batch, n]: the first n samples are these instead of drawn ones; n at most time.
        conditioning: float32 [batch, time, local channels], at sample rate; finite.
        speaker: float32 [batch, global channels], the embedding's row; finite.
        uniforms: float32 [batch, time, 1 if the output is categorical, else 2], in [0, 1).
        temperature: float32 [], at least 0; 0 takes the most probable class, component or amplitude.
        threads: From 1 to 4096. A batch is spread over them; they change no result.

    Returns:
        The samples, float32 [batch, time] (class numbers, or amplitudes in [-1, 1]), and the new state.
    """
    samples, new_state = op("wavenet_generate")(
        packed=uint8("packed", packed),
        state=uint8("state", state),
        last=float32("last", last),
        forced=float32("forced", forced),
        conditioning=float32("conditioning", conditioning),
        speaker=float32("speaker", speaker),
        uniforms=float32("uniforms", uniforms),
        temperature=float32("temperature", temperature),
        threads=integer("threads", threads),
    )
    return samples, new_state


def wavenet_logits(
    packed: Tensor,
    state: Tensor,
    samples: Tensor,
    conditioning: Tensor,
    speaker: Tensor,
    *,
    threads: int = 1,
) -> tuple[Tensor, Tensor]:
    """Feeds given samples to a WaveNet: `wavenet_step` for each of them.

    Args:
        packed: uint8 [bytes], of `wavenet_pack`.
        state: uint8 [batch, bytes], as the last call returned it, or [batch, 0]: the state before the first
            step. A stream before its first step may join others that go in step.
        samples: float32 [batch, time]: class numbers, or amplitudes if the model's output is not
            categorical.
        conditioning: float32 [batch, time, local channels], at sample rate; finite.
        speaker: float32 [batch, global channels], the embedding's row; finite.
        threads: From 1 to 4096. A batch is spread over them; they change no result.

    Returns:
        The logits (or parameters) that follow each sample, float32 [batch, time, outputs], and the new
        state.
    """
    logits, new_state = op("wavenet_logits")(
        **wavenet_fed(packed, state, samples, conditioning, speaker),
        threads=integer("threads", threads),
    )
    return logits, new_state


def wavenet_fed(
    packed: Tensor, state: Tensor, samples: Tensor, conditioning: Tensor, speaker: Tensor
) -> dict[str, Any]:
    """What an op takes that feeds given samples to a WaveNet, checked."""
    return {
        "packed": uint8("packed", packed),
        "state": uint8("state", state),
        "samples": float32("samples", samples),
        "conditioning": float32("conditioning", conditioning),
        "speaker": float32("speaker", speaker),
    }
