"""What one sample of a WaveRNN costs, before and after hoisting.

Before, every step computes everything, of concatenated inputs, as fatchord/WaveRNN does. After, a step
computes what depends on the sample before it. The rest is made ahead: what the parts of aux and the biases
add, once a frame; what the mel rows add, for a block of steps at a time, which reads their weights once a
block. What the sample itself adds to the input layer is its column times a number.

The first GRU's gates read the input layer through the GRU's kernel. The two are multiplied with one another
once and for all: sample, mel rows and aux add to the gates as they add to the input layer, and that kernel is
read by no step.

Upsampling and residual network run over frames in both cases and are no part of a step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tfopt import ops_benchmark
from tfopt.roofline import FLOAT, Work
from tfopt.stored_weights import FLOAT32, StoredWeights
from tfopt.wavernn.config import WavernnConfig

# The parts of the network that a step runs through.
LAYERS = ("input", "gru 1", "gru 2", "fc 1", "fc 2", "output", "fine")
# Of those, the fully connected ones before the output.
FULLY_CONNECTED = ("input", "fc 1", "fc 2")
MODULES = ops_benchmark.WAVERNN_MODULES
# Steps in a block for which products are made ahead.
BLOCK = 16

_LAYER_OF = {
    "input": "input",
    "rnn.0": "gru 1",
    "rnn.1": "gru 2",
    "fc.0": "fc 1",
    "fc.1": "fc 2",
    "output": "output",
    "fine": "fine",
}


@dataclass(frozen=True)
class Hoisted:
    """What a layer needs for one sample once it is hoisted, by when that is computed.

    Attributes:
        step: In the step: it waits for the sample before.
        block: For a block of steps at a time.
        frame: Once a frame; the sample's share of it.
    """

    step: Work
    block: Work
    frame: Work

    @property
    def total(self) -> Work:
        """All of it."""
        return self.step + self.block + self.frame


def before(config: WavernnConfig) -> dict[str, Work]:
    """What each of the model's `LAYERS` needs for one sample if nothing is hoisted."""
    found: dict[str, Work] = {}
    for name, shape in config.shapes.items():
        layer, count = _layer_of(name), math.prod(shape)
        if layer is None:
            continue
        factor = 1 if name.endswith("bias") else 2  # a bias is added, a weight multiplied and added
        read = FLOAT * count
        found[layer] = found.get(layer, Work()) + Work(count, factor * count, 0, read, read)
    return {
        layer: work + Work(functions=_functions(config, layer)) for layer, work in found.items()
    }


def after(config: WavernnConfig, block: int = BLOCK) -> dict[str, Hoisted]:
    """What each of the model's `LAYERS` needs for one sample once it is hoisted.

    Args:
        config: The model.
        block: The most steps for which products are made ahead.
    """
    parts = _parts(config)
    parameters = {layer: work.parameters for layer, work in before(config).items()}

    def work(layer: str, when: str) -> Work:
        chosen = [part for part in parts if (part.layer, part.when) == (layer, when)]
        return sum((part.work(config, block) for part in chosen), Work())

    return {
        layer: Hoisted(
            Work(parameters[layer], functions=_functions(config, layer)) + work(layer, "step"),
            work(layer, "block"),
            work(layer, "frame"),
        )
        for layer in parameters
    }


def modules(
    config: WavernnConfig, block: int = BLOCK, stored: StoredWeights = FLOAT32
) -> dict[str, Work]:
    """What each of the model's `MODULES`, in which the native step is timed, needs for one sample.

    Args:
        config: The model.
        block: The most steps for which products are made ahead.
        stored: The bytes of its weights.
    """
    found: dict[str, Work] = {}
    for part in _parts(config, stored):
        found[part.module] = found.get(part.module, Work()) + part.work(config, block)
    for layer in before(config):
        found[layer if layer != "input" else "sample"] += Work(functions=_functions(config, layer))
    found["sampling"] = Work(functions=_drawing_functions(config))
    return {name: found[name] for name in MODULES if name in found}


def total(config: WavernnConfig, block: int = BLOCK, stored: StoredWeights = FLOAT32) -> Work:
    """What the whole step needs for one sample once it is hoisted.

    `bytes` is `bytes_ahead`: what is hoisted never has to be read again for each sample. It is the footprint
    too: what generation reads again and again, which decides which cache serves it. The parameters are the
    whole model's.
    """
    hoisted = sum(modules(config, block, stored).values(), Work())
    return Work(
        parameters=sum(map(math.prod, config.shapes.values())),
        operations=hoisted.operations,
        functions=hoisted.functions,
        bytes=hoisted.bytes_ahead,
        bytes_ahead=hoisted.bytes_ahead,
    )


@dataclass(frozen=True)
class _Part:
    """Products with `weights`, and `sums` numbers that are only added, of a layer once it is hoisted."""

    layer: str
    when: str  # step, block or frame
    module: str
    weights: int = 0
    sums: int = 0
    bytes_of_weight: float = FLOAT

    def work(self, config: WavernnConfig, block: int) -> Work:
        read = self.bytes_of_weight * self.weights + FLOAT * self.sums
        operations = 2 * self.weights + self.sums
        if self.when == "step":
            return Work(operations=operations, bytes=read, bytes_ahead=read)
        if self.when == "block":
            return Work(operations=operations, bytes=read, bytes_ahead=read / block)
        hop_length = config.hop_length
        return Work(operations=operations / hop_length, bytes=read, bytes_ahead=read / hop_length)


def _parts(config: WavernnConfig, stored: StoredWeights = FLOAT32) -> list[_Part]:
    units, width, aux, mel, fed = (
        config.rnn_channels,
        config.fc_channels,
        config.aux_channels,
        config.mel_channels,
        config.fed_back,
    )
    gates, square = 3 * units, 3 * units * units
    # A frame's sum is added to the products of each of its steps; it holds the bias.
    parts = [
        _Part("input", "frame", "ahead", aux * units, units),
        _Part("input", "block", "ahead", mel * units, units, stored.dense),
        _Part("input", "step", "sample", fed * units, units),
        _Part("gru 1", "frame", "ahead", aux * gates, gates),
        _Part("gru 1", "block", "ahead", mel * gates, gates, stored.dense),
        _Part("gru 1", "step", "sample", fed * gates, gates),
        _Part("gru 1", "step", "gru 1", square, gates, _recurrent(stored, 0)),
    ]
    if config.rnn_layers == 2:
        parts += [
            _Part("gru 2", "frame", "frame", aux * gates, gates),
            _Part("gru 2", "step", "gru 2", square, gates, stored.of("rnn.1.kernel")),
            _Part("gru 2", "step", "gru 2", square, gates, _recurrent(stored, 1)),
        ]
    for i in range(config.fc_layers):
        layer, inputs = f"fc {i + 1}", width if i else units
        parts += [
            _Part(layer, "frame", "frame", aux * width, width),
            _Part(layer, "step", layer, inputs * width, width, stored.of(f"fc.{i}.kernel")),
        ]
    first = 1 << config.coarse_bits if config.output == "split" else config.outputs
    of_output = stored.of("output.kernel")
    parts.append(_Part("output", "step", "output", width * first, first, of_output))
    if config.output == "split":
        second = 1 << config.fine_bits
        fine, last = stored.of("fine.kernel"), stored.of("fine.output.kernel")
        parts += [
            _Part("fine", "step", "fine", width * width, 0, fine),
            _Part("fine", "step", "fine", width, width),  # the coarse class
            _Part("fine", "step", "fine", width * second, second, last),
        ]
    return parts


def _recurrent(stored: StoredWeights, gru: int) -> float:
    """The mean bytes of a weight of a GRU's recurrent kernel: two gates, and a candidate."""
    name = f"rnn.{gru}.recurrent"
    return (2 * stored.of(name, 0) + stored.of(name, 1)) / 3


def _layer_of(name: str) -> str | None:
    """The layer of a tensor; None for those of the networks that run over frames."""
    parts = name.split(".")
    numbered = ".".join(parts[:2])
    return _LAYER_OF.get(numbered, _LAYER_OF.get(parts[0]))


def _functions(config: WavernnConfig, layer: str) -> int:
    """Exponentials of a layer: a GRU's two gates and its candidate."""
    return 3 * config.rnn_channels if layer.startswith("gru") else 0


def _drawing_functions(config: WavernnConfig) -> int:
    """Exponentials, logarithms and the like that drawing one sample takes."""
    return config.mixtures + 3 if config.output == "logistic_mixture" else config.outputs
