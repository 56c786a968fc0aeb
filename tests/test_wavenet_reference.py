"""The NumPy WaveNet: values a person can check by hand, chunks, and the judge of near-ties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tfopt import mu_law, randomness
from tfopt.model_directory import Weights
from tfopt.reference_sampling import draw
from tfopt.wavenet.config import BIASES, WavenetConfig
from tfopt.wavenet.random_weights import random_weights
from tfopt.wavenet.reference import NEAR_TIE, Reference

ONE: dict[str, Any] = {  # all widths 1: an amplitude in, [mean, log scale] out
    "sample_rate": 8000,
    "residual_channels": 1,
    "gate_channels": 1,
    "skip_channels": 1,
    "end_channels": 1,
    "dilations": [1],
    "input": "scalar",
    "output": "gaussian",
    "biases": [],
}
SMALL = ONE | {
    "residual_channels": 5,
    "gate_channels": 6,
    "skip_channels": 7,
    "end_channels": 8,
    "dilations": [1, 3, 2],
    "kernel_size": 3,
    "input_kernel_size": 2,
    "biases": list(BIASES),
}
CATEGORICAL = {"output": "categorical", "classes": 13}
MIXTURE = {"output": "logistic_mixture", "mixtures": 3}
CONDITIONED = {
    "local_channels": 4,
    "upsample_factors": [2, 3],
    "global_classes": 3,
    "global_channels": 2,
}


def reference(changes: dict[str, Any], **kernels: Any) -> Reference:
    """A model whose weights are zero but for those given: `conv` is that of layer 0."""
    config = WavenetConfig.from_dict(ONE | changes, "here")
    weights: Weights = {name: np.zeros(s, np.float32) for name, s in config.shapes.items()}
    for name in ("input", "end.0"):
        weights[f"{name}.kernel"][:] = 1
    # tanh(c) * sigmoid(0) is tanh(c) / 2; doubled, the mean is tanh(c) where that is positive.
    weights["end.1.kernel"][0, 0] = 2
    for i in range(len(config.dilations)):
        weights[f"layers.{i}.skip.kernel"][:] = 1
    for name, values in kernels.items():
        weights[name.replace("__", ".")][:] = np.reshape(
            values, weights[name.replace("__", ".")].shape
        )
    return Reference(config, weights, np.float64)


def random_reference(changes: dict[str, Any], dtype: Any = np.float64) -> Reference:
    config = WavenetConfig.from_dict(SMALL | changes, "here")
    return Reference(config, random_weights(config, 0), dtype)


def means(net: Reference, samples: list[float], *arguments: Any) -> list[float]:
    return [float(mean) for mean in net.logits(samples, *arguments)[:, 0]]


def test_taps_are_a_dilation_apart_oldest_first() -> None:
    # What enters at step 0 reaches the filter half by tap 2 at once, by tap 1 after 3 steps, by tap 0
    # after 6. Its kernel is [taps, 1, filter and gate].
    kernel = [[1, 0], [2, 0], [3, 0]]
    taps = {"dilations": [3], "kernel_size": 3}
    net = reference(taps, layers__0__conv__kernel=kernel)
    expected = [math.tanh(3), 0, 0, math.tanh(2), 0, 0, math.tanh(1), 0]
    assert means(net, [1, 0, 0, 0, 0, 0, 0, 0]) == pytest.approx(expected, abs=1e-12)


def test_what_the_gate_half_does() -> None:
    net = reference({}, layers__0__conv__kernel=[[0, 0], [1, 1]])
    sigmoid = 1 / (1 + math.exp(-1))
    assert means(net, [1]) == pytest.approx([2 * math.tanh(1) * sigmoid], abs=1e-12)


def test_the_input_convolution() -> None:
    # x = 10 * the sample before + 1 * this one; nothing before the first.
    kernel = [[0, 0], [0.0625, 0]]
    net = reference({"input_kernel_size": 2}, input__kernel=[10, 1], layers__0__conv__kernel=kernel)
    expected = [math.tanh(0.0625 * x) for x in (1, 12, 23)]
    assert means(net, [1, 2, 3]) == pytest.approx(expected, abs=1e-12)


def test_one_hot_input_adds_nothing_before_the_first_sample() -> None:
    # Tap 0 of the input has the row 5 for class 0; before the start there is no class, not class 0.
    categorical = {
        "input": "one_hot",
        "output": "categorical",
        "classes": 2,
        "input_kernel_size": 2,
    }
    net = reference(
        categorical, input__kernel=[5, 0, 1, 3], layers__0__conv__kernel=[[0, 0], [0.125, 0]]
    )
    # Class 0 alone: 1. Class 1 after class 0: 3 + 5. Class 1 after class 1: 3 + 0.
    expected = [math.tanh(0.125 * x) for x in (1, 8, 3)]
    assert means(net, [0, 1, 1]) == pytest.approx(expected, abs=1e-12)


def test_scalar_input_of_classes_is_decoded() -> None:
    net = reference(
        {"output": "categorical", "classes": 3}, layers__0__conv__kernel=[[0, 0], [1, 0]]
    )
    # Classes 0, 1, 2 of 3 are the amplitudes -1, 0, 1; the ReLU takes what is negative.
    assert means(net, [0, 1, 2]) == pytest.approx([0, 0, math.tanh(1)], abs=1e-7)


def test_residual_skip_and_biases() -> None:
    # Layer 0 says z0 = tanh(1) / 2; layer 1 reads 1 + 4 z0 + 0.5 and says z1; skip: z0 + z1 + 2 * 0.25.
    net = reference(
        {"dilations": [1, 1], "biases": ["residual", "skip", "end"]},
        layers__0__conv__kernel=[[0, 0], [1, 0]],
        layers__1__conv__kernel=[[0, 0], [1, 0]],
        layers__0__residual__kernel=[4],
        layers__0__residual__bias=[0.5],
        layers__0__skip__bias=[0.25],
        layers__1__skip__bias=[0.25],
        end__0__bias=[0.125],
        end__1__bias=[3, -2],
    )
    z0 = math.tanh(1) / 2
    z1 = math.tanh(1 + 4 * z0 + 0.5) / 2
    mean, log_scale = net.logits([1])[0]
    assert mean == pytest.approx(2 * (z0 + z1 + 0.5 + 0.125) + 3, abs=1e-12)
    assert log_scale == -2


def test_conditioning_and_speaker_add_to_the_convolution() -> None:
    changes = {"local_channels": 2, "global_classes": 2, "global_channels": 1, "biases": ["conv"]}
    net = reference(
        changes,
        layers__0__conv__bias=[0.1, 0],
        layers__0__local__kernel=[[0.2, 0], [0.3, 0]],
        layers__0__global__kernel=[[1, 0]],
        global__embedding=[0.5, 0.7],
    )
    rows = np.array([[1.0, 1.0], [0.0, 2.0]])
    expected = [math.tanh(0.1 + 0.2 + 0.3 + 0.7), math.tanh(0.1 + 0.6 + 0.7)]
    assert means(net, [0, 0], rows, 1) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        ([0, 0, 1, 0, 0], [1, 1, 2, 2]),
        ([1, 0, 0, 0, 0], [0, 0, 1, 1]),  # the first weight looks 2 back
        ([0, 0, 0, 0, 1], [2, 2, 0, 0]),
        ([1, 1, 1, 1, 1], [4, 6, 6, 5]),
    ],
)
def test_upsampling(kernel: list[float], expected: list[float]) -> None:
    net = reference({"local_channels": 1, "upsample_factors": [2]}, upsample__0__kernel=kernel)
    assert net.upsample([[1], [2]]).ravel().tolist() == expected


def test_upsampling_in_stages() -> None:
    kernels = {"upsample__0__kernel": [0, 0, 1, 0, 0], "upsample__1__kernel": [0, 0, 0, 1, 0, 0, 0]}
    net = reference({"local_channels": 2, "upsample_factors": [2, 3]}, **kernels)
    rows = net.upsample([[1, 2], [3, 4]])
    assert rows.tolist() == [[1, 2]] * 6 + [[3, 4]] * 6


@pytest.mark.parametrize("output", [CATEGORICAL, MIXTURE, {}, CATEGORICAL | {"input": "one_hot"}])
def test_chunks_equal_the_whole(output: dict[str, Any]) -> None:
    net = random_reference(output | CONDITIONED)
    numbers = randomness.uniforms(0, [0], 0, 60, net.config.uniforms)[0]
    rows = net.upsample(np.random.default_rng(0).normal(size=(10, 4)))
    whole = net.generate(numbers, rows, 2)
    stream, last, chunks = net.start(2), float(net.config.classes // 2), []
    for start, end in ((0, 1), (1, 1), (1, 20), (20, 60)):
        chunks.append(stream.generate(last, numbers[start:end].astype(float), rows[start:end]))
        last = float(np.concatenate(chunks)[-1])
    np.testing.assert_array_equal(np.concatenate(chunks), whole)
    assert len(set(whole)) > 5


@pytest.mark.parametrize("output", [CATEGORICAL, MIXTURE, {}])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_generated_samples_are_those_of_the_logits(
    output: dict[str, Any], temperature: float
) -> None:
    net = random_reference(output)
    numbers = randomness.uniforms(0, [0], 0, 30, net.config.uniforms)[0]
    prompt = [1, 0, 1]
    drawn = net.generate(numbers, prompt=prompt, temperature=temperature)
    outputs = net.logits([*prompt, *drawn])
    for time, given in enumerate(drawn):
        expected = draw(
            net.config.output, outputs[time + 2], numbers[time].astype(float), temperature
        )
        assert given == expected
    assert not net.differences(drawn, numbers, prompt=prompt, temperature=temperature).any()
    assert not np.array_equal(drawn, net.generate(numbers, temperature=temperature))


def test_silence_is_fed_without_a_prompt() -> None:
    for output, silence in ((CATEGORICAL, 6), (MIXTURE, 0)):
        net = random_reference(output)
        numbers = randomness.uniforms(0, [0], 0, 20, net.config.uniforms)[0]
        prompted = net.generate(numbers, prompt=[silence])
        np.testing.assert_array_equal(net.generate(numbers), prompted)


@pytest.mark.parametrize("output", [CATEGORICAL, MIXTURE, {}])
def test_float32_differs_by_rounding_alone(output: dict[str, Any]) -> None:
    single, double = random_reference(output, np.float32), random_reference(output)
    numbers = randomness.uniforms(0, [0], 0, 400, single.config.uniforms)[0]
    drawn = single.generate(numbers)
    differences = double.differences(drawn, numbers)
    assert differences.max() < NEAR_TIE, differences[:5]
    # The judge is not blind: one sample of 400 is another.
    changed = drawn.copy()
    changed[100] = 0.9 if single.config.classes == 0 else (drawn[100] + 6) % 13
    assert double.differences(changed, numbers)[100] > NEAR_TIE


def test_the_receptive_field_is_what_matters() -> None:
    net = random_reference({})
    field = net.config.receptive_field
    samples = np.random.default_rng(0).uniform(-1, 1, 2 * field)
    other = samples.copy()
    other[0] = -other[0]
    changed = (net.logits(samples) != net.logits(other)).any(axis=1)
    assert changed[0]
    assert changed[field - 1]
    assert not changed[field:].any()


def test_logits_of_nothing() -> None:
    assert random_reference(CATEGORICAL).logits([]).shape == (0, 13)


def test_mu_law_and_reference_agree_on_silence() -> None:
    assert mu_law.encode(0.0, 13) == 13 // 2


def test_bad_arguments() -> None:
    net = random_reference(CONDITIONED)
    with pytest.raises(ValueError, match=r"conditioning: expected \[2, 4\], got \[2, 0\]"):
        net.logits([0, 0], None, 1)
    with pytest.raises(ValueError, match="speaker: expected one of 3, got None"):
        net.logits([0], np.zeros((1, 4)))
    with pytest.raises(ValueError, match="speaker: expected none, got 1"):
        random_reference({}).logits([0], None, 1)
