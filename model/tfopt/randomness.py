"""Random numbers as a function of seed, stream and time alone.

So equal seeds give equal samples however the audio is cut into chunks, batches and threads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BLOCK = 4  # 64-bit numbers that Philox computes for one value of its counter


def uniforms(
    seed: int, streams: Sequence[int], start: int, count: int, per_sample: int
) -> NDArray[np.float32]:
    """Uniform numbers in [0, 1), multiples of 2 ** -24.

    They come from the counter-based generator Philox 4x64-10 (Salmon et al. 2011) with the key (seed,
    stream). The numbers of time t are its outputs t * per_sample, t * per_sample + 1, ..., of each the
    upper 24 bits.

    Args:
        seed: From 0 to 2 ** 64 - 1.
        streams: The number of each stream, from 0 to 2 ** 64 - 1.
        start: The time of the first sample, counted from 0.
        count: Samples of each stream.
        per_sample: Numbers needed for a sample, at least 1.

    Returns:
        float32 [len(streams), count, per_sample].

    Raises:
        ValueError: An argument is not such a number.
    """
    _expect_key("seed", seed)
    for name, value, least in (
        ("start", start, 0),
        ("count", count, 0),
        ("per_sample", per_sample, 1),
    ):
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            raise ValueError(f"{name}: expected an integer >= {least}, got {value!r}")
    first, wanted = int(start) * int(per_sample), int(count) * int(per_sample)
    block, skipped = divmod(first, _BLOCK)
    result = np.empty((len(streams), wanted), np.float32)
    for row, stream in zip(result, streams, strict=True):
        _expect_key("streams", stream)
        key = np.array((seed, stream), np.uint64)
        raw = np.random.Philox(key=key, counter=block).random_raw(skipped + wanted)[skipped:]
        row[:] = (raw >> 40).astype(np.float32) * np.float32(2**-24)
    return result.reshape(len(streams), count, per_sample)


def _expect_key(name: str, value: object) -> None:
    integer = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not integer or not 0 <= value < 1 << 64:  # type: ignore[operator]
        raise ValueError(f"{name}: expected integers from 0 to 2**64 - 1, got {value!r}")
