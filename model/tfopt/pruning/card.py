"""What a pruned model's card says of it."""

from __future__ import annotations

from collections.abc import Mapping

from tfopt.pruning.blocks import BlockCount


def section(counts: Mapping[str, BlockCount], block: str, density: float) -> str:
    """A section in Markdown: what was asked for, and what became of each tensor."""
    lines = [
        "## Pruning",
        "",
        f"`tfopt prune --density {density:g} --block {block}` set the blocks (outputs x inputs) with the "
        "smallest L2 norms to zero, in each matrix of these tensors that a step multiplies.",
        "",
        "| tensor | blocks | not zero | density |",
        "|---|--:|--:|--:|",
    ]
    for name, count in counts.items():
        lines.append(f"| `{name}` | {count.all:,} | {count.kept:,} | {count.density:.4f} |")
    return "\n".join(lines) + "\n"
