"""Makes tests/golden/ibab_wavenet_*: TF1 checkpoints with the names of ibab/tensorflow-wavenet.

    .venv/bin/python tools/make_ibab_wavenet_golden.py

See tests/golden/README.md for when to run it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
PARAMS: dict[str, Any] = {
    "filter_width": 3,
    "sample_rate": 8000,
    "dilations": [1, 2, 3],
    "residual_channels": 3,
    "dilation_channels": 5,
    "quantization_channels": 11,
    "skip_channels": 7,
    "use_biases": True,
    "scalar_input": False,
    "initial_filter_width": 4,
}
SPEAKERS, SPEAKER_CHANNELS, SPEAKER = 4, 2, 3


def main() -> None:
    """Writes both models."""
    write(GOLDEN / "ibab_wavenet_speakers", PARAMS, speakers=True)
    write(
        GOLDEN / "ibab_wavenet_scalar",
        {**PARAMS, "use_biases": False, "scalar_input": True},
        speakers=False,
    )


def write(folder: Path, params: dict[str, Any], *, speakers: bool) -> None:
    """A checkpoint with random weights, and what the network says to random samples."""
    random = np.random.default_rng(len(folder.name))
    classes = params["quantization_channels"]
    ids = random.integers(classes, size=50)
    folder.mkdir(exist_ok=True)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        network = Network(params, random, speakers=speakers)
        samples = mu_law_decode(ids, classes) if params["scalar_input"] else np.eye(classes)[ids]
        outputs = network.logits(tf.constant(samples[None], tf.float32))
        session.run(tf.compat.v1.global_variables_initializer())
        np.savez(folder / "io.npz", ids=ids, logits=session.run(outputs)[0])
        saver = tf.compat.v1.train.Saver()
        saver.save(session, str(folder / "model.ckpt-1"), write_meta_graph=False)
    (folder / "checkpoint").unlink()
    (folder / "wavenet_params.json").write_text(json.dumps(params, indent=1) + "\n")


class Network:
    """The network over all of the time at once, zeros standing before it."""

    def __init__(
        self, params: dict[str, Any], random: np.random.Generator, *, speakers: bool
    ) -> None:
        self.params, self.random, self.speakers = params, random, speakers

    def variable(self, name: str | None, shape: tuple[int, ...]) -> Any:
        """A variable; `None` leaves the name to TensorFlow, as that project does with its biases."""
        values = self.random.normal(0, 0.7, shape).astype(np.float32)
        return tf.compat.v1.Variable(values, name=name, use_resource=False)

    def logits(self, samples: Any) -> Any:
        """[1, time, classes]."""
        p = self.params
        residual, gate, skip = p["residual_channels"], p["dilation_channels"], p["skip_channels"]
        classes = p["quantization_channels"]
        variable_scope = tf.compat.v1.variable_scope
        with variable_scope("wavenet"):
            if self.speakers:
                with variable_scope("embeddings"):
                    table = self.variable("gc_embedding", (SPEAKERS, SPEAKER_CHANNELS))
                speaker = table[SPEAKER][None, None]
            with variable_scope("causal_layer"):
                scalar = p["scalar_input"]
                width = p["initial_filter_width"] if scalar else p["filter_width"]
                kernel = self.variable("filter", (width, 1 if scalar else classes, residual))
                x = causal(samples, kernel, 1)
            total = 0.0
            for i, dilation in enumerate(p["dilations"]):
                with variable_scope(f"dilated_stack/layer{i}"):
                    taps = (p["filter_width"], residual, gate)
                    halves = [
                        causal(x, self.variable(name, taps), dilation)
                        for name in ("filter", "gate")
                    ]
                    dense = self.variable("dense", (1, gate, residual))
                    out = self.variable("skip", (1, gate, skip))
                    if self.speakers:
                        names, shape = ("gc_gate", "gc_filter"), (1, SPEAKER_CHANNELS, gate)
                        conditions = {name: self.variable(name, shape) for name in names}
                        halves[0] += causal(speaker, conditions["gc_filter"], 1)
                        halves[1] += causal(speaker, conditions["gc_gate"], 1)
                    halves = [half + self.bias(gate) for half in halves]
                    z = tf.tanh(halves[0]) * tf.sigmoid(halves[1])
                    x += causal(z, dense, 1) + self.bias(residual)
                    total += causal(z, out, 1) + self.bias(skip)
            with variable_scope("postprocessing"):
                kernels = [
                    self.variable("postprocess1", (1, skip, skip)),
                    self.variable("postprocess2", (1, skip, classes)),
                ]
                for kernel in kernels:
                    total = causal(tf.nn.relu(total), kernel, 1) + self.bias(kernel.shape[-1])
        return total

    def bias(self, width: int) -> Any:
        """The next bias, or 0."""
        return self.variable(None, (width,)) if self.params["use_biases"] else 0.0


def mu_law_decode(ids: Any, classes: int) -> Any:
    """The amplitudes of classes, [time, 1]: that project's `mu_law_decode`."""
    mu = classes - 1
    signal = 2 * (ids[:, None] / mu) - 1
    return np.sign(signal) * (1 / mu) * ((1 + mu) ** np.abs(signal) - 1)


def causal(x: Any, kernel: Any, dilation: int) -> Any:
    """A causal convolution."""
    past = (int(kernel.shape[0]) - 1) * dilation
    padded = tf.pad(x, [[0, 0], [past, 0], [0, 0]])
    return tf.nn.convolution(padded, kernel, dilations=[dilation])


if __name__ == "__main__":
    main()
