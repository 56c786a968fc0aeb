"""Every op rejects every bad input by an error that names it, and the process lives on.

One walk over op x input x what can be wrong with it, eagerly and in graphs whose shapes are known or not.
Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_calls import CALLS, MODEL, ONE_HOT, RNN, WORDS, Call, wavenet_call
from ops_runs import run_eagerly, run_in_graph
from ops_wavernn import HOP

ERRORS = (ValueError, TypeError, tf.errors.InvalidArgumentError)
# Inputs that say a size themselves, and what then does not fit them.
SAYS_THE_SIZE = {
    ("gated_activation", "inputs"): "conditioning",
    ("gru_cell", "state"): "inputs|candidate_bias",
    ("wavenet_step", "samples"): "conditioning",
    ("wavenet_generate", "last"): "uniforms",
    ("wavenet_generate", "uniforms"): "conditioning|forced",
    ("wavenet_logits", "samples"): "conditioning",
    ("wavenet_observe", "samples"): "conditioning",
    ("wavernn_step", "last"): "mels",
    ("wavernn_generate", "last"): "uniforms",
    ("wavernn_generate", "uniforms"): "mels",
    ("wavernn_logits", "fed"): "targets",
    ("wavernn_observe", "fed"): "targets",
    ("g2p_decode", "ids"): "lengths",
    ("g2p_observe", "ids"): "lengths",
}
# Axes that may be longer or shorter: op, input, axis.
FREE = {
    ("pack_matrix", "kernel", 0),
    ("pack_matrix", "kernel", 1),
    ("wavenet_generate", "forced", 1),
    ("g2p_decode", "ids", 1),
    ("g2p_observe", "ids", 1),
    ("mel_resnet", "frames", 0),
    ("mel_resnet", "frames", 1),
}
# Axes that may be longer.
MAY_BE_LONGER = {(f"wavernn_{what}", "aux", 1) for what in ("generate", "logits", "observe")}
RUNS = ("step", "generate", "logits", "observe")
# Axes that may be empty: no sample is forced; the zero state has no bytes; a batch of no streams.
MAY_BE_EMPTY = {
    ("wavenet_generate", "forced", 1),
    ("mel_resnet", "frames", 0),
    ("convert_weights", "input_scales", 0),  # no matrix has one
    *((f"{kind}_{what}", "state", 1) for kind in ("wavenet", "wavernn") for what in RUNS),
}
# Weights but for the first.
OTHER_WEIGHTS = {f"weights[{place}]" for place in range(1, 100)}
# Entries of a config that contradict no weight: max_phonemes, start_phoneme, end_phoneme.
FREE_SETTINGS = {("g2p_pack", place) for place in (5, 6, 7)}
# Inputs whose infinities have a meaning, and whose NaN shows in the output.
MAY_BE_INFINITE = {("gated_activation", "inputs"), ("gated_activation", "conditioning")}


def tensors(name: str) -> Iterator[tuple[str, Any, Callable[[Any], Call]]]:
    """The tensors among an op's arguments: name in errors, value, and the call with another value."""
    call = CALLS[name]

    def with_argument(key: str, other: Any) -> Call:
        return {**call, key: other}

    def with_weight(place: int, other: Any) -> Call:
        weights = [*call["weights"][:place], other, *call["weights"][place + 1 :]]
        return with_argument("weights", weights)

    for key, value in call.items():
        if isinstance(value, (np.ndarray, np.generic)):
            yield key, np.asarray(value), partial(with_argument, key)
    for place, weight in enumerate(call.get("weights", ())):
        yield f"weights[{place}]", weight, partial(with_weight, place)


def wrong_ranks(value: Any) -> Iterator[tuple[str, Any]]:
    yield "one rank more", value[np.newaxis]
    if value.ndim:
        yield "one rank less", value.reshape(-1) if value.ndim > 1 else value[0]
    if value.ndim > 1:
        yield "scalar", value.reshape(-1)[0]


def wrong_dtypes(value: Any) -> Iterator[tuple[str, Any]]:
    for dtype in ("float64", "float16", "int32", "int64", "uint8", "int8", "bool", "complex64"):
        if value.dtype != dtype:
            yield dtype, value.astype(dtype)
    yield "str", value.astype(str).astype(object) if value.size else np.array(["a"], object)


def wrong_sizes(name: str, key: str, value: Any) -> Iterator[tuple[str, Any]]:
    for axis, size in enumerate(value.shape):
        sizes = {0} - ({0} if (name, key, axis) in MAY_BE_EMPTY else set())
        if (name, key, axis) not in FREE:
            sizes |= {size - 1, size + 1}
        if (name, key, axis) in MAY_BE_LONGER:
            sizes.remove(size + 1)
        for other in sorted(sizes):
            changed = value.take(np.arange(other) % size, axis)
            # An absent weight is one of no values.
            if not (name == "wavenet_pack" and changed.shape == (0,)):
                yield f"axis {axis} of {other}", changed


def bad_values(name: str, key: str, value: Any) -> Iterator[tuple[str, Any]]:
    def put(number: float) -> Any:
        other = value.copy()
        other.reshape(-1)[other.size // 2] = number
        return other

    if value.size == 0 or value.dtype == np.uint8:
        return
    if value.dtype == np.float32 and (name, key) not in MAY_BE_INFINITE:
        for number in (np.nan, np.inf, -np.inf):
            yield str(number), put(number)
    if key == "most_density":
        yield from ((f"{number}", put(number)) for number in (-0.1, 1.1))
    if key == "input_scales":
        yield from ((f"{number}", put(number)) for number in (-1.0, -1e-30))
    if key == "uniforms":
        yield from ((f"{number}", put(number)) for number in (1.0, -1e-6, 2.0))
    if key == "temperature":
        yield from ((f"{number}", put(number)) for number in (-1.0, -1e-30))
    if key == "targets":
        yield from ((f"{number}", put(number)) for number in (-1, RNN.coarse, 2**31 - 1))
    if key == "offset":
        yield from ((f"{number}", put(number)) for number in (-1, HOP, 2**31 - 1, -(2**31)))
    if key == "ids":
        yield from ((f"{number}", put(number)) for number in (-1, WORDS.graphemes, 2**31 - 1))
    if key == "lengths":
        yield from ((f"{number}", put(number)) for number in (0, -1, value.max() + 5, -(2**31)))


def bad_attributes(name: str) -> Iterator[tuple[str, str, Any]]:
    call = CALLS[name]
    for key, more in (("threads", 4097), ("hop_length", 2**31)):
        if key in call:
            for number in (0, -1, more, 2**40, -(2**63), 2**70, 1.5, True, "x", None, [1]):
                yield key, f"{key} {number}", number
    if name == "convert_weights":
        for other in ("int4", "INT8", "", 3, 0, True, None, ["int8"]):
            yield "weight_type", f"weight_type {other}", other
    if name == "gru_cell":
        for flag in ("x", 3.5, None):
            yield "reset_after", str(flag), flag
    if name == "wavenet_pack":
        for dilations in (
            [],
            [0, 1, 1, 1],
            [-1] * 4,
            [2**31] * 4,
            [2**20 + 1] * 4,
            ["x"],
            [1] * 2000,
        ):
            yield "dilations|weights", f"dilations {dilations[:4]}", dilations
    for place, setting in enumerate(call.get("config", ())):
        numbers = {-1, 2**31 - 1, 2**31, -(2**63), 2**70}
        if (name, place) not in FREE_SETTINGS:
            numbers |= {setting + 1, 0}
        for number in sorted(numbers):
            if number != setting:
                config = [number if place == i else c for i, c in enumerate(call["config"])]
                yield "config|weights", f"config[{place}] {number}", config
    if "config" in call:
        for wrong in ([], call["config"][:-1], [*call["config"], 1], ["x"], 1.5, None):
            yield "config", f"config {wrong!s:.20}", wrong
        for weights in ([], call["weights"][:-1], [*call["weights"], call["weights"][-1]]):
            yield "weights", f"{len(weights)} weights", weights


def walk() -> Iterator[Any]:
    for name in CALLS:
        last_weight = f"weights[{len(CALLS[name].get('weights', ())) - 1}]"
        for key, value, replace in tensors(name):
            # One loop checks all weights. Where shapes are known each call takes a graph of its own, which is
            # slow: for the first weights and the last. Where they are not, one graph does for all.
            known = key not in OTHER_WEIGHTS or key in ("weights[1]", last_weight)
            related = SAYS_THE_SIZE.get((name, key), key)
            for kind, mutations in (
                ("rank", wrong_ranks(value)),
                ("dtype", wrong_dtypes(value) if key not in OTHER_WEIGHTS else ()),
                ("size", wrong_sizes(name, key, value)),
                ("value", bad_values(name, key, value)),
            ):
                for what, other in mutations:
                    names = f"{key}|{related}" if kind in ("rank", "size") else key
                    yield pytest.param(
                        name, replace(other), names, known, id=f"{name}-{key}-{kind}-{what}"
                    )
        for names, what, value in bad_attributes(name):
            key = names.split("|")[0]
            yield pytest.param(name, {**CALLS[name], key: value}, names, True, id=f"{name}-{what}")


@pytest.mark.parametrize("name", CALLS)
def test_the_calls_are_good_before_they_are_spoilt(name: str) -> None:
    run_eagerly(name, CALLS[name])
    for known in (True, False):
        run_in_graph(name, CALLS[name], known)


def rejects(names: str, run: Callable[[], None]) -> None:
    """`run` fails by an error that names one of the arguments `names`, which "|" separates."""
    names = "|".join(re.escape(name) for name in names.split("|"))
    # TensorFlow itself says "Expected bool for argument 'reset_after'".
    pattern = rf"\b({names})(?!\w).*: expected|for argument '({names})'"
    with pytest.raises(ERRORS, match=pattern):
        run()


@pytest.mark.parametrize(("name", "call", "names", "known"), list(walk()))
def test_bad_input(name: str, call: Call, names: str, known: bool) -> None:
    """Eagerly, in a graph whose shapes are not known, and if `known` in one where they are."""
    rejects(names, lambda: run_eagerly(name, call))
    rejects(names, lambda: run_in_graph(name, call, known=False))
    if known:
        rejects(names, lambda: run_in_graph(name, call, known=True))


@pytest.mark.parametrize("fed", [-1, -0.5, 0.5, ONE_HOT.classes, np.nan, np.inf, 3e9])
@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("wavenet_generate", "last"),
        ("wavenet_generate", "forced"),
        ("wavenet_logits", "samples"),
        ("wavenet_observe", "samples"),
        ("wavenet_step", "samples"),
    ],
)
def test_classes_that_there_are_not(name: str, key: str, place: int, fed: float) -> None:
    generate = ("last", "forced", "conditioning", "speaker", "uniforms", "temperature")
    others = generate if name == "wavenet_generate" else ("samples", "conditioning", "speaker")
    call = wavenet_call(ONE_HOT, *others)
    if name == "wavenet_step":
        call |= {name: call[name][:, 0] for name in ("samples", "conditioning")}
    run_eagerly(name, call)
    call[key].reshape(-1)[place] = fed
    rejects(key, lambda: run_eagerly(name, call))


@pytest.mark.parametrize("layer", [0, 1])  # the input layer's kernel and bias
def test_wavernn_weights_whose_product_overflows(layer: int) -> None:
    weights = RNN.weights()
    for place in (layer, 2):
        weights[place] = np.full_like(weights[place], 1e30)
    call = {**CALLS["wavernn_pack"], "weights": weights}
    rejects("weights[2] (rnn.0.kernel)", lambda: run_eagerly("wavernn_pack", call))


@pytest.mark.parametrize("many", [2**31, 2**40, 2**58])
@pytest.mark.parametrize(
    "name",
    [
        *("wavenet_step", "wavenet_generate", "wavernn_generate", "wavernn_logits"),
        "gated_activation",
    ],
)
def test_sizes_beyond_all_memory(name: str, many: int) -> None:
    """Tensors of no values may claim any size; TensorFlow would end the process over some outputs."""

    def none(*shape: int) -> Any:
        return np.zeros(shape, np.float32)

    if name == "wavenet_step":
        names, changes = "samples|conditioning", {"samples": none(0), "conditioning": none(many, 0)}
    elif name == "wavenet_generate":
        names = "uniforms"
        changes = {
            "state": np.zeros((0, 0), np.uint8),
            "last": none(0),
            "forced": none(0, 0),
            "conditioning": none(0, many, MODEL.local),
            "speaker": none(0, MODEL.speaker),
            "uniforms": none(0, many, 2),
        }
    elif name == "wavernn_generate":
        names = "uniforms"
        changes = {
            "state": np.zeros((0, 0), np.uint8),
            "last": none(0, RNN.fed),
            "mels": none(0, many, RNN.mel),
            "aux": none(0, 2, RNN.conditioning),
            "uniforms": none(0, many, 2),
        }
    elif name == "wavernn_logits":
        names = "aux"
        changes = {
            "state": np.zeros((0, 0), np.uint8),
            "fed": none(0, 5, RNN.fed),
            "targets": np.zeros((0, 5), np.int32),
            "mels": none(0, 5, RNN.mel),
            "aux": none(0, many, RNN.conditioning),
        }
    else:
        names = "inputs"
        changes = {"inputs": none(0, 2 * many), "conditioning": none(0, 2 * many)}
    rejects(names, lambda: run_eagerly(name, {**CALLS[name], **changes}))


def test_a_batch_that_no_memory_holds() -> None:
    """A thousand million words are claimed, and the phonemes of none could be returned."""
    words = {"ids": np.zeros((2**40, 0), np.int32), "lengths": np.zeros(0, np.int32)}
    rejects("ids", lambda: run_eagerly("g2p_decode", {**CALLS["g2p_decode"], **words}))
    kernel = np.zeros((2**40, 0), np.float32)
    rejects("kernel", lambda: run_eagerly("pack_matrix", {"kernel": kernel}))
