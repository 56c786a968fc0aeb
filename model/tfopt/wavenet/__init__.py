"""WaveNet: raw audio, one sample at a time.

from tfopt import wavenet

net = wavenet.load("./my-model")
audio = net.generate(mel, seed=0)            # float32 [batch, time] in [-1, 1]
for chunk in net.stream(mel_chunks): ...
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tfopt import loading
from tfopt.compute_types import DEFAULT_COMPUTE_TYPE
from tfopt.wavenet.config import WavenetConfig, read
from tfopt.wavenet.random_weights import random_weights

if TYPE_CHECKING:
    from tfopt.wavenet.model import Wavenet

__all__ = ["BACKENDS", "DEFAULT_BACKEND", "Wavenet", "WavenetConfig", "load", "random_weights"]

BACKENDS = ("naive", "cached", "graph", "xla", "fused", "native")
DEFAULT_BACKEND = "native"


def load(
    model: str | os.PathLike[str],
    *,
    backend: str = DEFAULT_BACKEND,
    threads: int | None = None,
    compute_type: str = DEFAULT_COMPUTE_TYPE,
) -> Wavenet:
    """Loads a model.

    Args:
        model: The name of an installed model, or a path to a model directory.
        backend: How it runs; every backend computes the same function.
            `"naive"`: one `session.run` a sample, the whole receptive field recomputed. `"cached"`: one run
            a sample, layers' inputs kept in queues. `"graph"`: the loop inside the graph. `"xla"`: the same,
            compiled; each new batch size compiles once, for some seconds. `"fused"`: the loop inside the
            graph around one custom op a step. `"native"`: the whole loop in one custom op. The last two need
            the library of custom ops that `make setup` builds.
        threads: Threads for TensorFlow, in the whole process; by default the CPUs that the process may
            use. Can only be chosen before TensorFlow's first operation, but for `"native"`, which has
            threads of its own: by default one for each stream of a batch, up to those CPUs. Asked for
            several, it shares the steps of a single stream among them.
        compute_type: What `"native"` multiplies in: `"float32"`, `"bfloat16"`, `"int16"`, `"int8"`,
            `"int8_static"` or `"auto"` (see docs/reduced-precision.md). Fewer bits are faster and less exact.
            `"int8_static"` needs a model that `tfopt quantize` has prepared. `"auto"` is the fastest
            on this CPU that loses at most 0.01 nats a sample, as measured then, and float32 where nothing
            was measured. Other backends have `"float32"` alone.

    Raises:
        ValueError: There is no such model (the message says which command gets it), its files are damaged,
            an argument is not one of those above, or the compute type does not suit backend and model.
        ImportError: TensorFlow is missing or too old.
        RuntimeError: TensorFlow already runs with another number of threads, or the library of custom ops is
            missing.
    """
    config, weights = loading.read_and_start(read, model, backend, BACKENDS, compute_type)
    from tfopt.wavenet.model import Wavenet  # imports TensorFlow

    return Wavenet(config, weights, backend, threads, compute_type=compute_type)


__getattr__ = loading.class_on_demand(__name__, "Wavenet")
