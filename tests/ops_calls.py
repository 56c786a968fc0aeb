"""For every op one call that it takes, which tests spoil.

Needs TensorFlow and NumPy alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ops_checks import pack_g2p, pack_wavenet
from ops_mel_resnet import MEL_RESNETS
from ops_models import G2PS, WAVENETS, normal
from ops_wavernn import WAVERNNS

from tfopt import ops

BATCH, TIME = 2, 5
MATRICES = 21  # of MODEL, packed: those that may be of any type

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
        "wavernn_observe": {**both, "fed": fed, "targets": targets, **conditions},
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
        "convert_weights": {
            "packed": step["packed"],
            "weight_type": "int8",
            "most_density": np.array(0.5, np.float32),
            "input_scales": np.zeros(MATRICES, np.float32),
        },
        "wavenet_step": step,
        "wavenet_generate": {**wavenet_call(MODEL, *generate), "threads": 1},
        "wavenet_logits": {
            **wavenet_call(MODEL, "samples", "conditioning", "speaker"),
            "threads": 1,
        },
        "wavenet_observe": wavenet_call(MODEL, "samples", "conditioning", "speaker"),
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
        "g2p_observe": {"packed": pack_g2p(WORDS).numpy(), "ids": ids, "lengths": lengths},
    }


CALLS = valid_calls()
