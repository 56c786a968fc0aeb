"""The NumPy WaveRNN: values a person can check by hand, chunks, and the judge of near-ties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tfopt import randomness
from tfopt.model_directory import Weights
from tfopt.reference_sampling import draw
from tfopt.wavernn.config import WavernnConfig
from tfopt.wavernn.random_weights import random_weights
from tfopt.wavernn.reference import NEAR_TIE, Reference
from tfopt.wavernn.samples import audio, feedback

ONE: dict[str, Any] = {  # all widths 1: an amplitude in, [logit, mean, log scale] out
    "sample_rate": 8000,
    "mel_channels": 1,
    "upsample_factors": [1],
    "pad": 0,
    "resnet_channels": 1,
    "resnet_blocks": 0,
    "aux_channels": 1,
    "rnn_channels": 1,
    "fc_channels": 1,
    "output": "logistic_mixture",
    "mixtures": 1,
}
SMALL = ONE | {
    "mel_channels": 4,
    "upsample_factors": [2, 3],
    "pad": 2,
    "resnet_channels": 7,
    "resnet_blocks": 2,
    "aux_channels": 3,
    "rnn_channels": 6,
    "fc_channels": 5,
}
CLASSES = {"output": "categorical", "bits": 4, "mixtures": 0}
SPLIT = {"output": "split", "bits": 9, "mixtures": 0}  # 32 coarse classes, 16 fine ones
SHORT = {"rnn_layers": 1, "fc_layers": 1}


def reference(changes: dict[str, Any], **tensors: Any) -> Reference:
    """A model whose weights are zero but for those given and for what passes x on.

    With kernels of zero a GRU says 0, so that x stays what it is. The mean of the output is x.
    """
    config = WavernnConfig.from_dict(ONE | changes, "here")
    weights: Weights = {name: np.zeros(s, np.float32) for name, s in config.shapes.items()}
    for i in range(len(config.upsample_factors)):
        kernel = weights[f"upsample.{i}.kernel"]
        kernel[len(kernel) // 2] = 1
    for i in range(config.fc_layers):
        weights[f"fc.{i}.kernel"][0] = 1
    if config.output == "logistic_mixture":
        weights["output.kernel"][0, 1] = 1
    for name, values in tensors.items():
        tensor = weights[name.replace("__", ".")]
        tensor[:] = np.reshape(values, tensor.shape)
    return Reference(config, weights, np.float64)


def random_reference(changes: dict[str, Any], dtype: Any = np.float64) -> Reference:
    config = WavernnConfig.from_dict(SMALL | changes, "here")
    return Reference(config, random_weights(config, 0), dtype)


def means(net: Reference, fed: list[float], mel: Any = None) -> list[float]:
    frames = np.zeros((len(fed), 1)) if mel is None else mel
    return [float(mean) for mean in net.logits(fed, frames)[:, 1]]


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_the_input_layer_reads_sample_mel_and_aux() -> None:
    net = reference(
        {},
        resnet__input__kernel=[1],
        resnet__output__kernel=[10, 0, 0, 0],
        input__kernel=[0.5, 2, 3],
        input__bias=[0.25],
    )
    # aux is 10 times the frame.
    expected = [0.5 * 0.5 + 2 * 1 + 3 * 10 + 0.25, 0.5 * -0.5 + 2 * 4 + 3 * 40 + 0.25]
    assert means(net, [0.5, -0.5], [[1], [4]]) == pytest.approx(expected)


def test_a_gru_by_hand() -> None:
    net = reference(
        SHORT,
        input__kernel=[1, 0, 0],
        rnn__0__kernel=[0.5, 0.25, 2],
        rnn__0__bias=[0.1, 0.2, 0.3],
        rnn__0__recurrent=[0.6, 0.7, 0.8],
        rnn__0__recurrent_bias=[0.01, 0.02, 0.03],
    )
    h, expected = 0.0, []
    for x in (0.5, 1.0, 0.25):
        r = sigmoid(0.5 * x + 0.1 + 0.6 * h + 0.01)
        z = sigmoid(0.25 * x + 0.2 + 0.7 * h + 0.02)
        n = math.tanh(2 * x + 0.3 + r * (0.8 * h + 0.03))
        h = (1 - z) * n + z * h
        expected.append(x + h)  # the residual
    assert means(net, [0.5, 1.0, 0.25]) == pytest.approx(expected)


def test_the_second_gru_reads_what_the_first_one_and_its_input_add_up_to() -> None:
    net = reference(
        {},
        resnet__output__bias=[0, 0.125, 0, 0],
        input__kernel=[1, 0, 0],
        rnn__0__bias=[0, 0, 1],
        rnn__1__kernel=[[0, 0, 0.5], [0, 0, 4]],
    )
    x = 0.25 + math.tanh(1) / 2  # reset and update are 1/2
    x = x + math.tanh(0.5 * x + 4 * 0.125) / 2
    assert means(net, [0.25]) == pytest.approx([x])


@pytest.mark.parametrize(
    ("layers", "parts"), [({}, 4), ({"rnn_layers": 1}, 3), ({"fc_layers": 1}, 3), (SHORT, 2)]
)
def test_each_part_of_aux_has_its_place(layers: dict[str, int], parts: int) -> None:
    # Where a part is read, another power of 10 stands; the GRU's candidate is all that it makes of its.
    net = reference(
        layers, resnet__output__bias=[1, 2, 3, 4][:parts], input__kernel=[0, 0, 10], input__bias=[1]
    )
    expected, part = 1.0 + 10 * 1, 2
    if net.config.rnn_layers == 2:
        net.weights["rnn.1.kernel"][:] = [[0, 0, 0], [0, 0, 0.01]]
        expected, part = expected + math.tanh(0.01 * part) / 2, part + 1
    for i in range(net.config.fc_layers):
        net.weights[f"fc.{i}.kernel"][1] = 100 * 10**i
        expected, part = expected + 100 * 10**i * part, part + 1
    assert part == parts + 1
    assert means(net, [0.0]) == pytest.approx([expected])


def test_fully_connected_layers_are_rectified_but_not_the_output() -> None:
    net = reference({}, input__kernel=[1, 0, 0], fc__1__bias=[0.5], output__bias=[0, -3, 0])
    assert means(net, [-1, 1]) == pytest.approx([0.5 - 3, 1.5 - 3])


@pytest.mark.parametrize(
    ("factors", "pad", "kernels", "expected"),
    [
        ([2], 0, [[0, 0, 1, 0, 0]], [1, 1, 2, 2]),
        ([2], 1, [[1, 0, 0, 0, 0]], [0, 0, 1, 1]),  # the first tap looks 2 back
        ([2], 1, [[0, 0, 0, 0, 1]], [2, 2, 0, 0]),
        ([2], 3, [[1, 1, 1, 1, 1]], [4, 6, 6, 5]),
        ([1, 1], 0, [[0, 0, 1], [0, 1, 0]], [2, 0]),
        (
            [1, 1],
            1,
            [[0, 0, 1], [1, 0, 0]],
            [1, 2],
        ),  # one ahead, one back: in the padding nothing is lost
        ([1, 1], 0, [[0, 0, 1], [1, 0, 0]], [0, 2]),  # but without it what leaves is
    ],
)
def test_upsampling(
    factors: list[int], pad: int, kernels: list[list[float]], expected: list[float]
) -> None:
    tensors = {f"upsample__{i}__kernel": kernel for i, kernel in enumerate(kernels)}
    net = reference({"upsample_factors": factors, "pad": pad}, **tensors)
    assert net.upsample([[1], [2]])[0].ravel().tolist() == expected


def test_the_residual_network() -> None:
    net = reference(
        {"pad": 1, "resnet_blocks": 1, "upsample_factors": [2]},
        resnet__input__kernel=[1, 10, 100],
        resnet__input__bias=[-30],
        resnet__blocks__0__0__kernel=[-1],
        resnet__blocks__0__0__bias=[200],
        resnet__blocks__0__1__kernel=[2],
        resnet__blocks__0__1__bias=[-5],
        resnet__output__kernel=[1, -1, 0.5, 0],
        resnet__output__bias=[0, 0, 0, 7],
    )
    # The frame before, the frame, the one behind: 0 10 200, 1 20 300, 2 30 0, each less 30.
    inner = [180, 291, 2]
    blocks = [x + 2 * max(200 - x, 0) - 5 for x in inner]
    aux = net.upsample([[1], [2], [3]])[1]
    assert aux.shape == (3, 4, 1)
    assert aux[:, :, 0].tolist() == [[x, -x, 0.5 * x, 7] for x in blocks]


def test_samples_of_a_frame_share_its_aux() -> None:
    net = reference({"upsample_factors": [2, 3]}, resnet__input__kernel=[1])
    net.weights["resnet.output.kernel"][0, 0] = 1
    rows = net.rows([[1], [2]], 12)
    assert [row.aux[0, 0] for row in rows] == [1] * 6 + [2] * 6
    assert len(net.rows([[1], [2]], 7)) == 7


def test_what_is_fed_back_and_what_is_heard() -> None:
    def config(**changes: Any) -> WavernnConfig:
        return WavernnConfig.from_dict(ONE | changes, "here")

    plain = config(output="categorical", bits=2, mixtures=0)
    assert feedback(plain, [0, 1, 3]).tolist() == pytest.approx(np.array([[-1], [-1 / 3], [1]]))
    assert audio(plain, [0, 1, 3]).tolist() == pytest.approx([-1, -1 / 3, 1])
    companded = config(output="categorical", bits=2, mixtures=0, mu_law=True)
    assert feedback(companded, 1).tolist() == pytest.approx([-1 / 3])
    # mu is 3: (4 ** (1 / 3) - 1) / 3.
    assert audio(companded, [0, 1, 3]).tolist() == pytest.approx([-1, -0.195800, 1], abs=1e-6)
    split = config(output="split", bits=9, mixtures=0)
    assert feedback(split, [0, 16, 511, 3]).tolist() == pytest.approx(
        np.array([[-1, -1], [2 / 31 - 1, -1], [1, 1], [-1, 6 / 15 - 1]])
    )
    assert audio(split, [0, 511, 73]).tolist() == pytest.approx([-1, 1, 146 / 511 - 1])
    assert feedback(config(), [0.25, -1]).tolist() == [[0.25], [-1]]
    assert audio(config(), [0.25, -1]).tolist() == [0.25, -1]


def test_fine_logits_depend_on_the_coarse_class() -> None:
    tensors = {
        "fc__1__bias": [1],  # what the heads read
        "output__kernel": np.arange(32) == 5,
        "fine__kernel": [[0.5], [2]],
        "fine__output__kernel": 10 * (np.arange(16) == 7),
        "fine__output__bias": np.arange(16) == 3,
    }
    net = reference(SPLIT, **tensors)
    logits = net.logits([[0, 0]] * 3, np.zeros((3, 1)), [0 * 16, 31 * 16 + 9, 31 * 16])
    assert logits.shape == (3, 48)
    assert (logits[:, :32] == (np.arange(32) == 5)).all()
    fine = [10 * max(0.5 + 2 * coarse, 0) for coarse in (-1, 1, 1)]
    assert logits[:, 32 + 7].tolist() == fine
    assert logits[:, 32 + 3].tolist() == [1, 1, 1]
    # Coarse class 5 is the most likely, and with it fine class 3: 2 * 5 / 31 - 1 is well below zero.
    assert net.generate([[0.5, 0.5]], [[0]], 0).tolist() == [5 * 16 + 3]
    net.weights["output.bias"][31] = 2
    assert net.generate([[0.5, 0.5]], [[0]], 0).tolist() == [31 * 16 + 7]


def test_both_numbers_of_a_split_sample_are_used() -> None:
    net = reference(SPLIT, output__bias=np.zeros(32))  # all classes are equally likely
    drawn = net.generate([[0.0, 0.99], [0.99, 0.0], [0.51, 0.51]], np.zeros((3, 1)))
    assert drawn.tolist() == [15, 31 * 16, 16 * 16 + 8]
    found = net.differences(
        [15 - 1, 31 * 16, 17 * 16 + 8], [[0, 0.99], [0.99, 0], [0.51, 0.51]], [[0]] * 3
    )
    # Fine class 14 ends at 15/16; coarse class 17 begins at 17/32.
    assert found == pytest.approx([0.99 - 15 / 16, 0, 17 / 32 - 0.51])
    assert net.differences([512], [[0, 0]], [[0]]).tolist() == [math.inf]


def test_log_scales_below_those_of_other_models() -> None:
    net = reference({}, output__bias=[0, 0, -9])
    numbers = [[0, 0.75]]  # the logistic distribution's quantile at 3/4 is ln 3
    drawn = net.generate(numbers, [[0]])
    assert drawn == pytest.approx([math.exp(-9) * math.log(3)], rel=1e-6)
    assert net.differences(drawn, numbers, [[0]]).tolist() == [0]


OUTPUTS = [{}, CLASSES, SPLIT, CLASSES | SHORT]


def given(net: Reference, time: int) -> tuple[Any, Any]:
    """Random numbers and frames for so many samples."""
    frames = -(-time // net.config.hop_length)
    mel = np.random.default_rng(0).normal(size=(frames, net.config.mel_channels))
    return randomness.uniforms(0, [0], 0, time, net.config.uniforms)[0], mel


@pytest.mark.parametrize("output", OUTPUTS)
def test_chunks_equal_the_whole(output: dict[str, Any]) -> None:
    net = random_reference(output)
    numbers, mel = given(net, 60)
    rows, stream = net.rows(mel, 60), net.start()
    chunks = [
        stream.generate(numbers[start:end].astype(float), rows[start:end])
        for start, end in ((0, 1), (1, 1), (1, 20), (20, 60))
    ]
    whole = net.generate(numbers, mel)
    np.testing.assert_array_equal(np.concatenate(chunks), whole)
    assert len(set(whole)) > 5


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_generated_samples_are_those_of_the_logits(
    output: dict[str, Any], temperature: float
) -> None:
    net = random_reference(output)
    numbers, mel = given(net, 30)
    drawn = net.generate(numbers, mel, temperature)
    fed = np.concatenate([np.zeros((1, net.config.fed_back)), feedback(net.config, drawn[:-1])])
    split = net.config.output == "split"
    outputs = net.logits(fed, mel, drawn if split else None)
    coarse = 1 << net.config.coarse_bits
    for logits, uniforms, sample in zip(outputs, numbers.astype(float), drawn, strict=True):
        if split:
            upper = draw("categorical", logits[:coarse], uniforms[:1], temperature)
            lower = draw("categorical", logits[coarse:], uniforms[1:], temperature)
            assert sample == upper * 16 + lower
        else:
            assert sample == draw(net.config.output, logits, uniforms, temperature)
    assert not net.differences(drawn, numbers, mel, temperature).any()
    assert len(set(drawn)) > 1


@pytest.mark.parametrize("output", OUTPUTS)
def test_float32_differs_by_rounding_alone(output: dict[str, Any]) -> None:
    single, double = random_reference(output, np.float32), random_reference(output)
    numbers, mel = given(single, 400)
    drawn = single.generate(numbers, mel)
    differences = double.differences(drawn, numbers, mel)
    assert differences.max() < NEAR_TIE, differences[:5]
    # The judge is not blind: one sample of 400 is another.
    changed = drawn.copy()
    classes = double.config.classes
    changed[100] = (drawn[100] + classes // 2) % classes if classes else 0.9
    assert double.differences(changed, numbers, mel)[100] > NEAR_TIE


def test_the_frames_that_a_sample_depends_on() -> None:
    """The residual network sees `pad` frames ahead; the stages reach one frame and a half."""
    net = random_reference({})
    mel = np.random.default_rng(0).normal(size=(9, 4))
    bands, aux = net.upsample(mel)
    changed = mel.copy()
    changed[6] += 1
    other_bands, other_aux = net.upsample(changed)
    frames = np.flatnonzero((aux != other_aux).any(axis=(1, 2)))
    assert frames.tolist() == [4, 5, 6, 7, 8]
    samples = np.flatnonzero((bands != other_bands).any(axis=1))
    # 2 of the first stage's samples, each 3 of the second's, and its 3 taps.
    assert samples.tolist() == list(range(6 * 6 - 2 * 3 - 3, 7 * 6 + 2 * 3 + 3))


def test_logits_of_nothing() -> None:
    assert random_reference(CLASSES).logits([], np.zeros((1, 4))).shape == (0, 16)
    assert random_reference(SPLIT).logits(np.zeros((0, 2)), np.zeros((0, 4)), []).shape == (0, 48)


def test_bad_arguments() -> None:
    net, split = random_reference(CLASSES), random_reference(SPLIT)
    mel = np.zeros((2, 4))
    with pytest.raises(ValueError, match=r"mel: expected \[frames, 4\], got \[4, 2\]"):
        net.upsample(mel.T)
    with pytest.raises(ValueError, match="mel: expected frames for 13 samples, got 12"):
        net.logits(np.zeros(13), mel)
    with pytest.raises(ValueError, match=r"fed: expected \[3, 1\], got \[3, 2\]"):
        net.logits(np.zeros((3, 2)), mel)
    with pytest.raises(ValueError, match=r"fed: expected \[3, 2\], got \[3\]"):
        split.logits(np.zeros(3), mel, [0, 0, 0])
    with pytest.raises(ValueError, match=r"targets: expected \[3\], got \[0\]"):
        split.logits(np.zeros((3, 2)), mel)
    with pytest.raises(ValueError, match="targets: expected none, since output is not 'split'"):
        net.logits(np.zeros(3), mel, [0, 0, 0])
