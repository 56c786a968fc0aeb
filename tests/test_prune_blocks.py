"""Pruning of one matrix, against every block looked at in turn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tfopt.pruning.blocks import BLOCKS, Block, BlockCount, prune_blocks

Array = NDArray[np.float32]


def kernel(inputs: int, outputs: int, seed: int = 0) -> Array:
    """Random weights, of which blocks differ in size."""
    random = np.random.default_rng([seed, inputs, outputs])
    return (random.normal(size=(inputs, outputs)) * random.gamma(1.0, size=(inputs, 1))).astype(
        np.float32
    )


def places(weights: Array, groups: int, block: Block) -> list[tuple[slice, slice]]:
    """Where the blocks are."""
    inputs, outputs = weights.shape
    width = outputs // groups
    return [
        (
            slice(row, min(row + block.inputs, inputs)),
            slice(first + column, first + min(column + block.outputs, width)),
        )
        for row in range(0, inputs, block.inputs)
        for first in range(0, outputs, width)
        for column in range(0, width, block.outputs)
    ]


def brute_force(weights: Array, groups: int, block: Block, count: int) -> Array:
    """Keeps `count` blocks."""
    blocks = places(weights, groups, block)
    powers = [float((weights[place].astype(np.float64) ** 2).sum()) for place in blocks]
    pruned = np.zeros_like(weights)
    for number in sorted(range(len(blocks)), key=lambda i: powers[i], reverse=True)[:count]:
        pruned[blocks[number]] = weights[blocks[number]]
    return pruned


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_the_largest_blocks_stay(groups: int, block: Block) -> None:
    for inputs in (1, 2, 3, 4, 5, 7, 8, 33):
        for width in (1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40):
            weights = kernel(inputs, groups * width)
            all_blocks = len(places(weights, groups, block))
            for density in (1e-9, 0.1, 0.37, 0.5, 0.99, 1.0):
                pruned, count = prune_blocks(weights, groups, block, density)
                kept = max(1, round(density * all_blocks))
                assert count == BlockCount(all_blocks, kept)
                assert count.density == kept / all_blocks
                expected = brute_force(weights, groups, block, kept)
                np.testing.assert_array_equal(pruned, expected, f"{inputs} x {width}, {density}")


def test_by_hand() -> None:
    """One large weight is not worth as much as many that are together larger."""
    weights = np.zeros((8, 16), np.float32)
    weights[0, 0] = 5.0
    weights[4:, 8:] = 1.0
    pruned, count = prune_blocks(weights, 1, BLOCKS["8x4"], 0.25)
    assert count == BlockCount(4, 1)
    assert pruned[4:].sum() == 32
    assert not pruned[:4].any()
    weights[0, 0] = 6.0  # 36 > 32
    assert prune_blocks(weights, 1, BLOCKS["8x4"], 0.25)[0].sum() == 6


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_density_1_changes_nothing(block: Block) -> None:
    weights = kernel(19, 3 * 21)
    weights[3:9, 2] = -0.0
    pruned, _ = prune_blocks(weights, 3, block, 1)
    assert pruned.tobytes() == weights.tobytes()
    assert pruned.dtype == np.float32


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_pruning_again_changes_nothing(block: Block) -> None:
    once, count = prune_blocks(kernel(19, 2 * 21), 2, block, 0.2)
    twice, again = prune_blocks(once, 2, block, 0.2)
    assert (twice.tobytes(), again) == (once.tobytes(), count)


def test_zeros_are_not_counted_as_kept() -> None:
    weights = np.zeros((10, 16), np.float32)
    weights[4] = 1e-30
    pruned, count = prune_blocks(weights, 1, BLOCKS["16x1"], 0.5)
    assert count == BlockCount(10, 1)
    assert pruned.tobytes() == weights.tobytes()


def test_equal_blocks_are_kept_in_their_order() -> None:
    pruned, _ = prune_blocks(np.ones((4, 32), np.float32), 1, BLOCKS["16x1"], 0.375)
    np.testing.assert_array_equal(pruned[:, ::16], [[1, 1], [1, 0], [0, 0], [0, 0]])


def test_the_largest_numbers_do_not_overflow() -> None:
    weights = np.full((2, 16), 3e38, np.float32)
    weights[0] = 2.9e38
    pruned, _ = prune_blocks(weights, 1, BLOCKS["16x1"], 0.5)
    assert not pruned[0].any()
    assert (pruned[1] == weights[1]).all()
