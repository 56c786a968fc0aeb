"""WaveNet in the fastest other ways we know, beside tfopt's `xla` and `native`, in turns in one process.

    pip install "jax[cpu]" numba
    taskset -c 0 python benchmarks/wavenet_peers.py small --out results/wavenet_peers_small.json
    taskset -c 0 python benchmarks/wavenet_peers.py default --out results/wavenet_peers_default.json

Random weights, batch 1, float32, greedy (so that no one's way of drawing counts), no conditioning. Every
way's samples are compared with the reference's before anything is timed: each has to be what the reference
says after the same samples, but for near-ties. `native, 2 threads` wants two CPUs and is left out without:
for it leave `taskset` away, and see that the others use one thread (they are asked to).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

# Before anything starts threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault(
    "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
)

import click
import numpy as np
import peers
from numpy.typing import NDArray
from peers import Way

from tfopt import mu_law, wavenet
from tfopt.cpu import available_cpus
from tfopt.model_directory import Weights
from tfopt.wavenet.config import WavenetConfig
from tfopt.wavenet.presets import PRESETS
from tfopt.wavenet.random_weights import random_weights
from tfopt.wavenet.reference import Reference


def tfopt(config: WavenetConfig, weights: Weights, samples: int, backend: str, threads: int) -> Way:
    """One of tfopt's backends."""
    net = wavenet.Wavenet(config, weights, backend, threads)

    def generate() -> NDArray[Any]:
        (audio,) = net.generate(samples=samples, temperature=0.0)
        return mu_law.encode(audio, config.classes)

    return generate


def jax_scan(config: WavenetConfig, weights: Weights, samples: int) -> Way:
    """JAX: `lax.scan` over the samples, all queues in one array, one gather and one scatter a step."""
    import jax
    import jax.numpy as jnp

    layers = range(len(config.dilations))
    w = {name: jnp.asarray(tensor) for name, tensor in weights.items()}
    offsets = jnp.cumsum(jnp.array([0, *config.dilations[:-1]]))
    dilations = jnp.array(config.dilations)
    skip_kernel = jnp.concatenate([w[f"layers.{i}.skip.kernel"] for i in layers])
    skip_bias = sum(w[f"layers.{i}.skip.bias"] for i in layers)

    def step(carry: Any, t: Any) -> Any:
        queue, sample = carry
        places = offsets + t % dilations
        past = queue[places]
        x = w["input.kernel"][0, sample]
        inputs, gated = [], []
        for i in layers:
            inputs.append(x)
            kernel = w[f"layers.{i}.conv.kernel"]
            c = past[i] @ kernel[0] + x @ kernel[1] + w[f"layers.{i}.conv.bias"]
            a, b = jnp.split(c, 2)
            z = jnp.tanh(a) * jax.nn.sigmoid(b)
            gated.append(z)
            x = x + z @ w[f"layers.{i}.residual.kernel"] + w[f"layers.{i}.residual.bias"]
        skip = jax.nn.relu(jnp.concatenate(gated) @ skip_kernel + skip_bias)
        end = jax.nn.relu(skip @ w["end.0.kernel"] + w["end.0.bias"])
        logits = end @ w["end.1.kernel"] + w["end.1.bias"]
        sample = jnp.argmax(logits).astype(jnp.int32)
        return (queue.at[places].set(jnp.stack(inputs)), sample), sample

    @jax.jit
    def scan(times: Any) -> Any:
        queue = jnp.zeros([sum(config.dilations), config.residual_channels])
        first = jnp.int32(config.classes // 2)
        return jax.lax.scan(step, (queue, first), times)[1]

    return lambda: np.asarray(scan(jnp.arange(samples)))


def numba_loop(config: WavenetConfig, weights: Weights, samples: int) -> Way:
    """Numba: the loop compiled, matrix products by the BLAS that NumPy brings."""
    import numba

    layers = range(len(config.dilations))

    def stacked(name: str) -> NDArray[np.float32]:
        return np.stack([weights[f"layers.{i}.{name}"] for i in layers])

    # Transposed, as BLAS multiplies a row-major matrix with a column faster.
    conv = np.ascontiguousarray(
        np.concatenate([stacked("conv.kernel")[:, 0], stacked("conv.kernel")[:, 1]], 1).transpose(
            0, 2, 1
        )
    )
    conv_bias, residual_bias = stacked("conv.bias"), stacked("residual.bias")
    residual = np.ascontiguousarray(stacked("residual.kernel").transpose(0, 2, 1))
    skip = np.ascontiguousarray(stacked("skip.kernel").reshape(-1, config.skip_channels).T)
    skip_bias = stacked("skip.bias").sum(0)
    end0, end1 = (np.ascontiguousarray(weights[f"end.{i}.kernel"].T) for i in (0, 1))
    end0_bias, end1_bias = weights["end.0.bias"], weights["end.1.bias"]
    table = weights["input.kernel"][0]
    dilations = np.array(config.dilations)
    offsets = np.concatenate([[0], np.cumsum(dilations[:-1])])
    r, g = config.residual_channels, config.gate_channels
    silence = config.classes // 2

    @numba.njit(fastmath=True)
    def loop(samples: int) -> Any:
        queue = np.zeros((dilations.sum(), r), np.float32)
        pair = np.empty(2 * r, np.float32)
        z = np.empty(len(dilations) * g, np.float32)
        out = np.empty(samples, np.int32)
        sample: Any = silence
        for t in range(samples):
            x = table[sample].copy()
            for i in range(len(dilations)):
                place = offsets[i] + t % dilations[i]
                pair[:r] = queue[place]
                pair[r:] = x
                queue[place] = x
                c = np.dot(conv[i], pair) + conv_bias[i]
                gated = z[i * g : (i + 1) * g]
                gated[:] = np.tanh(c[:g]) / (1 + np.exp(-c[g:]))
                x += np.dot(residual[i], gated) + residual_bias[i]
            s = np.maximum(np.dot(skip, z) + skip_bias, np.float32(0))
            e = np.maximum(np.dot(end0, s) + end0_bias, np.float32(0))
            sample = np.argmax(np.dot(end1, e) + end1_bias)
            out[t] = sample
        return out

    return lambda: np.asarray(loop(samples))


@click.command()
@click.argument("size", type=click.Choice(sorted(PRESETS)))
@click.option(
    "--samples", default=8000, show_default=True, type=click.IntRange(min=1), help="A timing."
)
@click.option("--rounds", default=9, show_default=True, type=click.IntRange(min=3))
@click.option("--out", type=click.Path(path_type=Path), help="Write the timings to this JSON file.")
def main(size: str, samples: int, rounds: int, out: Path | None) -> None:
    """Compare JAX and Numba with tfopt's backends on a WaveNet of SIZE."""
    config = PRESETS[size]
    weights = random_weights(config, 0)
    ways: dict[str, Way] = {
        "JAX scan": jax_scan(config, weights, samples),
        "Numba loop": numba_loop(config, weights, samples),
        "tfopt xla": tfopt(config, weights, samples, "xla", 1),
        "tfopt native": tfopt(config, weights, samples, "native", 1),
    }
    if available_cpus() > 1:
        ways["tfopt native, 2 threads"] = tfopt(config, weights, samples, "native", 2)
    reference, uniforms = Reference(config, weights), np.zeros([samples, config.uniforms])
    peers.judge(ways, lambda given: reference.differences(given, uniforms, temperature=0.0))
    seconds = peers.in_turns(ways, rounds)
    for name, rate in peers.rates(seconds, samples).items():
        low, high = samples / max(seconds[name]), samples / min(seconds[name])
        print(f"{name:24} {rate:10,.0f} samples/s ({low:,.0f} to {high:,.0f})")
    if out:
        packages = ("tensorflow", "jax", "numba", "numpy")
        peers.write(out, f"wavenet-{size}", packages, samples, seconds)


if __name__ == "__main__":
    main()
