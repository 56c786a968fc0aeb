"""The custom ops as functions of tensors: what `libtfopt_ops.so` computes.

All of them run eagerly, in `tf.function`, in a `compat.v1` Session and in a SavedModel (the program that
loads one calls `load` first), from any number of threads. They have no gradients, so that asking for one
raises TensorFlow's LookupError, and XLA cannot compile them (`jit_compile=True` fails).

Arguments are tensors or what becomes one. A wrong dtype raises TypeError; a wrong rank, size or value
`tf.errors.InvalidArgumentError`, or ValueError while a function is traced. The message names the argument.
The environment variable TFOPT_ISA chooses the instruction set: see `instruction_set`.

Needs TensorFlow and NumPy alone, and imports TensorFlow at the first call.
"""

from __future__ import annotations

import ctypes
import operator
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tfopt import tensorflow_runtime

Tensor = Any  # TensorFlow ships no types

_lock = threading.Lock()
_loaded: tuple[Any, Path] | None = None  # the generated module, and the file


def library() -> Path:
    """The file that holds the ops: `TFOPT_OPS_LIBRARY` if that is set, else the one in this package.

    By one canonical path, because TensorFlow takes two paths for two libraries and cannot load one twice.
    """
    chosen = os.environ.get("TFOPT_OPS_LIBRARY") or Path(__file__).parent / "libtfopt_ops.so"
    return Path(os.path.realpath(chosen))


def load() -> Any:
    """Loads the ops into TensorFlow, once per process, and returns their generated module.

    All other functions here call this by themselves.

    Raises:
        RuntimeError: The library is not there, or cannot be loaded; the message says why and what to do.
        ImportError: As `tensorflow_runtime.start` raises it.
    """
    return _load()[0]


def _load() -> tuple[Any, Path]:
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                path = library()
                _loaded = _load_into_tensorflow(path), path
    return _loaded


def _load_into_tensorflow(path: Path) -> Any:
    if not path.is_file():
        raise RuntimeError(f"{path}: expected the library of tfopt's ops; `make setup` builds it")
    tf = tensorflow_runtime.start()
    try:
        module = tf.load_op_library(str(path))
    except tf.errors.OpError as error:
        raise RuntimeError(
            f"{path}: TensorFlow {tf.__version__} cannot load it: {error.message}; "
            "`make setup` builds it anew"
        ) from error
    if not any(name.startswith("tfopt_") for name in dir(module)):
        raise RuntimeError(
            f"{path}: expected tfopt's ops, got none: it is another library, or a copy of it is in use"
        )
    return module


def _op(name: str) -> Any:
    """One of the ops, by its name without "tfopt_"."""
    module, path = _load()
    op = getattr(module, f"tfopt_{name}", None)
    if op is None:
        raise RuntimeError(
            f"{path}: expected the op tfopt_{name}, got a library without it, of another version of tfopt; "
            "`make setup` builds it anew"
        )
    return op


def c_functions() -> ctypes.CDLL:
    """The library's C functions, which are not ops; loads it as `load` does, with its errors."""
    _, path = _load()
    return ctypes.CDLL(str(path))


def instruction_set() -> str:
    """The instruction set that the ops use: "baseline", "avx2", "avx512" or "neon".

    The best one of this CPU, or the one that the environment variable TFOPT_ISA names.

    Raises:
        ValueError: TFOPT_ISA names none that this CPU has.
        RuntimeError: As `load` raises it.
    """
    ask = c_functions().tfopt_isa
    ask.restype = ctypes.c_char_p
    error = ctypes.c_char_p()
    name: bytes | None = ask(ctypes.byref(error))
    if name is None:
        raise ValueError((error.value or b"").decode(errors="replace"))
    return name.decode()


def pack_matrix(kernel: Tensor) -> Tensor:
    """Packs a kernel into the layout that `gru_cell` reads.

    Args:
        kernel: float32 [inputs, outputs], each at least 1; finite.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    return _op("pack_matrix")(kernel=_float("kernel", kernel))


def gated_activation(inputs: Tensor, conditioning: Tensor) -> Tensor:
    """The gated activation of WaveNet (van den Oord et al. 2016): tanh(a) * sigmoid(b).

    a and b are the two halves of inputs + conditioning. The error is below 4e-7; NaN gives NaN.

    Args:
        inputs: float32 [..., 2 * channels].
        conditioning: float32, of the same shape.

    Returns:
        float32 [..., channels].
    """
    return _op("gated_activation")(
        inputs=_float("inputs", inputs), conditioning=_float("conditioning", conditioning)
    )


def gru_cell(
    gates_kernel: Tensor,
    candidate_kernel: Tensor,
    inputs: Tensor,
    state: Tensor,
    candidate_bias: Tensor,
    *,
    reset_after: bool,
) -> Tensor:
    """One step of a gated recurrent unit (Cho et al. 2014).

    With (x_r, x_z, x_n) the parts of `inputs`, U and c the kernels and the bias of the candidate:

        r, z = sigmoid((x_r, x_z) + h @ gates_kernel)
        n = tanh(x_n + r * (h @ U + c))     if reset_after (PyTorch, cuDNN)
        n = tanh(x_n + (r * h) @ U + c)     otherwise
        h' = n + z * (h - n)

    Args:
        gates_kernel: `pack_matrix` of a kernel [hidden, 2 * hidden]: reset, update.
        candidate_kernel: `pack_matrix` of a kernel [hidden, hidden].
        inputs: float32 [batch, 3 * hidden]: all that the input and the other biases add; finite.
        state: float32 [batch, hidden]; finite.
        candidate_bias: float32 [hidden]; finite.
        reset_after: Whether the reset gate acts on the candidate's product, or on the state.

    Returns:
        The new state, float32 [batch, hidden].
    """
    return _op("gru_cell")(
        gates_kernel=_bytes("gates_kernel", gates_kernel),
        candidate_kernel=_bytes("candidate_kernel", candidate_kernel),
        inputs=_float("inputs", inputs),
        state=_float("state", state),
        candidate_bias=_float("candidate_bias", candidate_bias),
        reset_after=reset_after,
    )


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
    tensors = [_float(f"weights[{i}]", weight) for i, weight in enumerate(weights)]
    _expect_tensors(tensors)
    return _op("wavenet_pack")(
        weights=tensors,
        config=_integers("config", config),
        dilations=_integers("dilations", dilations),
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
            step. All streams are at the same step.
        samples: float32 [batch]: class numbers, or amplitudes if the model's output is not categorical.
        conditioning: float32 [batch, local channels], at sample rate; finite.
        speaker: float32 [batch, global channels], the embedding's row; finite.

    Returns:
        The logits (or parameters) of the next sample, float32 [batch, outputs], and the new state.
    """
    logits, new_state = _op("wavenet_step")(
        packed=_bytes("packed", packed),
        state=_bytes("state", state),
        samples=_float("samples", samples),
        conditioning=_float("conditioning", conditioning),
        speaker=_float("speaker", speaker),
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
            step. All streams are at the same step.
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
    samples, new_state = _op("wavenet_generate")(
        packed=_bytes("packed", packed),
        state=_bytes("state", state),
        last=_float("last", last),
        forced=_float("forced", forced),
        conditioning=_float("conditioning", conditioning),
        speaker=_float("speaker", speaker),
        uniforms=_float("uniforms", uniforms),
        temperature=_float("temperature", temperature),
        threads=_integer("threads", threads),
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
            step. All streams are at the same step.
        samples: float32 [batch, time]: class numbers, or amplitudes if the model's output is not
            categorical.
        conditioning: float32 [batch, time, local channels], at sample rate; finite.
        speaker: float32 [batch, global channels], the embedding's row; finite.
        threads: From 1 to 4096. A batch is spread over them; they change no result.

    Returns:
        The logits (or parameters) that follow each sample, float32 [batch, time, outputs], and the new
        state.
    """
    logits, new_state = _op("wavenet_logits")(
        packed=_bytes("packed", packed),
        state=_bytes("state", state),
        samples=_float("samples", samples),
        conditioning=_float("conditioning", conditioning),
        speaker=_float("speaker", speaker),
        threads=_integer("threads", threads),
    )
    return logits, new_state


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
    tensors = [_float(f"weights[{i}]", weight) for i, weight in enumerate(weights)]
    _expect_tensors(tensors)
    return _op("wavernn_pack")(weights=tensors, config=_integers("config", config))


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
    samples, new_state, fed = _op("wavernn_step")(
        packed=_bytes("packed", packed),
        state=_bytes("state", state),
        last=_float("last", last),
        mels=_float("mels", mels),
        aux=_float("aux", aux),
        uniforms=_float("uniforms", uniforms),
        temperature=_float("temperature", temperature),
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
    samples, new_state = _op("wavernn_generate")(
        packed=_bytes("packed", packed),
        state=_bytes("state", state),
        last=_float("last", last),
        mels=_float("mels", mels),
        aux=_float("aux", aux),
        offset=_tensor("offset", offset, "int32"),
        uniforms=_float("uniforms", uniforms),
        temperature=_float("temperature", temperature),
        hop_length=_integer("hop_length", hop_length),
        threads=_integer("threads", threads),
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
    logits, new_state = _op("wavernn_logits")(
        packed=_bytes("packed", packed),
        state=_bytes("state", state),
        fed=_float("fed", fed),
        targets=_tensor("targets", targets, "int32"),
        mels=_float("mels", mels),
        aux=_float("aux", aux),
        offset=_tensor("offset", offset, "int32"),
        hop_length=_integer("hop_length", hop_length),
        threads=_integer("threads", threads),
    )
    return logits, new_state


def g2p_pack(weights: Sequence[Tensor], *, config: Sequence[int]) -> Tensor:
    """Packs a grapheme-to-phoneme model into one tensor for `g2p_decode`.

    Args:
        weights: float32, finite, in the order and of the shapes of `tfopt.g2p.config.G2pConfig.shapes`.
        config: Architecture (0 `gru`, 1 `attention_gru`), graphemes, phonemes, embedding, hidden,
            max_phonemes, and the ids of start_phoneme and end_phoneme.

    Returns:
        uint8 [bytes]; the same on every CPU.
    """
    tensors = [_float(f"weights[{i}]", weight) for i, weight in enumerate(weights)]
    _expect_tensors(tensors)
    return _op("g2p_pack")(weights=tensors, config=_integers("config", config))


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
    return _op("g2p_decode")(
        packed=_bytes("packed", packed),
        ids=_tensor("ids", ids, "int32"),
        lengths=_tensor("lengths", lengths, "int32"),
        threads=_integer("threads", threads),
    )


def _float(name: str, value: Any) -> Tensor:
    return _tensor(name, value, "float32")


def _bytes(name: str, value: Any) -> Tensor:
    return _tensor(name, value, "uint8")


def _tensor(name: str, value: Any, dtype: str) -> Tensor:
    """What an op takes for an argument; TensorFlow's own errors tell its place, not its name."""
    given = getattr(value, "dtype", None)
    # The name of a tensor's or array's type: short calls feel every look into TensorFlow's module.
    kind = getattr(given, "name", None)
    if kind == dtype:
        return value
    if kind is not None:
        raise TypeError(f"{name}: expected {dtype}, got {kind}")
    load()
    import tensorflow as tf

    try:
        return tf.convert_to_tensor(value, dtype)
    except (TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
        kind = type(value).__name__
        raise TypeError(f"{name}: expected {dtype}, got {kind}: {error}") from error


def _integers(name: str, values: Any) -> list[int]:
    if not isinstance(values, Iterable):
        raise TypeError(f"{name}: expected a list of integers, got {values!r}")
    return [_integer(f"{name}[{i}]", value) for i, value in enumerate(values)]


def _integer(name: str, value: Any) -> int:
    """An attribute; TensorFlow would cut fractions off, and take None for the default."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}: expected an integer, got {value!r}")
    integer = operator.index(value)
    if not -(2**63) <= integer < 2**63:
        raise ValueError(f"{name}: expected an integer of 64 bits, got {value}")
    return integer


def _expect_tensors(weights: Sequence[Tensor]) -> None:
    # TensorFlow would miss the attribute N, of which a user knows nothing.
    if not weights:
        raise ValueError("weights: expected at least one tensor, got none")
