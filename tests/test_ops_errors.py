"""Every op rejects every bad input by an error that names it, and the process lives on.

One walk over op x input x what can be wrong with it, eagerly and in graphs whose shapes are known or not.
Needs TensorFlow, NumPy and pytest alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, partial
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import pytest
import tensorflow as tf
from ops_checks import pack_g2p, pack_wavenet
from ops_mel_resnet import MEL_RESNETS
from ops_models import G2PS, WAVENETS, normal
from ops_wavernn import HOP, WAVERNNS

from tfopt import ops

BATCH, TIME = 2, 5
ERRORS = (ValueError, TypeError, tf.errors.InvalidArgumentError)

Call = dict[str, Any]  # an op's arguments
MODEL, ONE_HOT, WORDS = WAVENETS["mixture"], WAVENETS["one_hot"], G2PS["attention_gru"]
RNN = WAVERNNS["one of each, split"]
FRAMES = MEL_RESNETS["plain"]


def wavenet_call(model: Any, *names: str) -> Call:
    packed = pack_wavenet(model)
    inputs = model.inputs(BATCH, TIME)
    _, state = ops.wavenet_generate(packed, np.zeros((BATCH, 0), np.uint8), **inputs)
    fed = {"samples": model.feed(BATCH, TIME)}
    call = {"packed": packed.numpy(), "state": state.numpy(), **fed, **inputs}
    return {name: call[name] for name in ("packed", "state", *names)}


def wavernn_calls() -> dict[str, Call]:
    weights, inputs = RNN.weights(), RNN.inputs(BATCH, TIME)
    packed = ops.wavernn_pack(weights, config=RNN.config)
    samples, state = ops.wavernn_generate(packed, np.zeros((BATCH, 0), np.uint8), **inputs)
    both = {"packed": packed.numpy(), "state": state.numpy()}
    last, rows = inputs["last"], {name: inputs[name][:, 0] for name in ("mels", "aux", "uniforms")}
    fed, targets = RNN.feedback(samples), RNN.targets(samples)
    conditions = {name: inputs[name] for name in ("mels", "aux", "offset", "hop_length")}
    return {
        "wavernn_pack": {"weights": weights, "config": RNN.config},
        "wavernn_step": {**both, "last": last, **rows, "temperature": inputs["temperature"]},
        "wavernn_generate": {**both, **inputs, "threads": 1},
        "wavernn_logits": {**both, "fed": fed, "targets": targets, **conditions, "threads": 1},
    }


def valid_calls() -> dict[str, Call]:
    """For every op arguments that it takes."""
    random = np.random.default_rng(0)
    step = wavenet_call(MODEL, "samples", "conditioning", "speaker")
    step |= {name: step[name][:, 0] for name in ("samples", "conditioning")}
    generate = ("last", "forced", "conditioning", "speaker", "uniforms", "temperature")
    ids, lengths = WORDS.words(3, 4)
    return {
        "pack_matrix": {"kernel": normal(random, 3, 6)},
        "gated_activation": {
            "inputs": normal(random, 2, 4),
            "conditioning": normal(random, 2, 4),
        },
        "gru_cell": {
            "gates_kernel": ops.pack_matrix(normal(random, 3, 6)).numpy(),
            "candidate_kernel": ops.pack_matrix(normal(random, 3, 3)).numpy(),
            "inputs": normal(random, 2, 9),
            "state": normal(random, 2, 3),
            "candidate_bias": normal(random, 3),
            "reset_after": True,
        },
        "wavenet_pack": {
            "weights": MODEL.weights(),
            "config": MODEL.config,
            "dilations": list(MODEL.dilations),
        },
        "wavenet_step": step,
        "wavenet_generate": {**wavenet_call(MODEL, *generate), "threads": 1},
        "wavenet_logits": {
            **wavenet_call(MODEL, "samples", "conditioning", "speaker"),
            "threads": 1,
        },
        **wavernn_calls(),
        "mel_resnet_pack": {"weights": FRAMES.weights(), "config": FRAMES.config},
        "mel_resnet": {
            "packed": ops.mel_resnet_pack(FRAMES.weights(), config=FRAMES.config).numpy(),
            "frames": FRAMES.frames(BATCH, TIME),
        },
        "g2p_pack": {"weights": WORDS.weights(), "config": WORDS.config},
        "g2p_decode": {
            "packed": pack_g2p(WORDS).numpy(),
            "ids": ids,
            "lengths": lengths,
            "threads": 1,
        },
    }


CALLS = valid_calls()
# Inputs that say a size themselves, and what then does not fit them.
SAYS_THE_SIZE = {
    ("gated_activation", "inputs"): "conditioning",
    ("gru_cell", "state"): "inputs|candidate_bias",
    ("wavenet_step", "samples"): "conditioning",
    ("wavenet_generate", "last"): "uniforms",
    ("wavenet_generate", "uniforms"): "conditioning|forced",
    ("wavenet_logits", "samples"): "conditioning",
    ("wavernn_step", "last"): "mels",
    ("wavernn_generate", "last"): "uniforms",
    ("wavernn_generate", "uniforms"): "mels",
    ("wavernn_logits", "fed"): "targets",
    ("g2p_decode", "ids"): "lengths",
}
# Axes that may be longer or shorter: op, input, axis.
FREE = {
    ("pack_matrix", "kernel", 0),
    ("pack_matrix", "kernel", 1),
    ("wavenet_generate", "forced", 1),
    ("g2p_decode", "ids", 1),
    ("mel_resnet", "frames", 0),
    ("mel_resnet", "frames", 1),
}
# Axes that may be longer.
MAY_BE_LONGER = {("wavernn_generate", "aux", 1), ("wavernn_logits", "aux", 1)}
RUNS = ("step", "generate", "logits")
# Axes that may be empty: no sample is forced; the zero state has no bytes; a batch of no streams.
MAY_BE_EMPTY = {
    ("wavenet_generate", "forced", 1),
    ("mel_resnet", "frames", 0),
    *((f"{kind}_{what}", "state", 1) for kind in ("wavenet", "wavernn") for what in RUNS),
}
# Weights but for the first: one loop checks the types of all.
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
        for key, value, replace in tensors(name):
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
                        name, replace(other), names, id=f"{name}-{key}-{kind}-{what}"
                    )
        for names, what, value in bad_attributes(name):
            key = names.split("|")[0]
            yield pytest.param(name, {**CALLS[name], key: value}, names, id=f"{name}-{what}")


def as_tensors(call: Call, change: Callable[[Any], Any]) -> Call:
    """The call with its tensors, as symbolic as `change` makes them, in place of arrays."""
    return {
        key: [change(v) for v in value]
        if key == "weights"
        else change(value)
        if isinstance(value, (np.ndarray, np.generic))
        else value
        for key, value in call.items()
    }


def run_eagerly(name: str, call: Call) -> None:
    getattr(ops, name)(**call)


class InGraph:
    """An op in a graph of its own, made of one call and fed with others of the same types and attributes."""

    def __init__(self, name: str, call: Call, known: bool):
        self._symbols: list[Any] = []

        def placeholder(value: Any) -> Any:
            dtype = tf.as_dtype(np.asarray(value).dtype)
            self._symbols.append(
                tf.compat.v1.placeholder(dtype, np.shape(value) if known else None)
            )
            return self._symbols[-1]

        with tf.Graph().as_default() as self._graph:
            self._result = getattr(ops, name)(**as_tensors(call, placeholder))
        self._session = tf.compat.v1.Session(graph=self._graph)

    def run(self, call: Call) -> None:
        given: list[Any] = []
        as_tensors(call, given.append)
        with self._graph.as_default():  # where tensors are keys
            self._session.run(self._result, dict(zip(self._symbols, given, strict=True)))

    def close(self) -> None:
        self._session.close()


@cache
def in_graph_of_any_shapes(name: str) -> InGraph:
    """One for all wrong shapes and values, since most of the time goes into making graphs."""
    return InGraph(name, CALLS[name], known=False)


def run_in_graph(name: str, call: Call, known: bool) -> None:
    same_types = types_and_attributes(call) == types_and_attributes(CALLS[name])
    if same_types and not known:
        in_graph_of_any_shapes(name).run(call)
    else:
        with closing(InGraph(name, call, known)) as graph:
            graph.run(call)


def types_and_attributes(call: Call) -> str:
    return repr(as_tensors(call, lambda value: value.dtype))  # which tells True from 1


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


@pytest.mark.parametrize(("name", "call", "names"), list(walk()))
def test_bad_input(name: str, call: Call, names: str) -> None:
    rejects(names, lambda: run_eagerly(name, call))
    for known in (True, False):
        rejects(names, lambda known=known: run_in_graph(name, call, known))  # type: ignore[misc]


@pytest.mark.parametrize("fed", [-1, -0.5, 0.5, ONE_HOT.classes, np.nan, np.inf, 3e9])
@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("wavenet_generate", "last"),
        ("wavenet_generate", "forced"),
        ("wavenet_logits", "samples"),
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
