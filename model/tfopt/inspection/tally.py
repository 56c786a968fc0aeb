"""How many functions and instructions use each instruction set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts over some functions.

    Attributes:
        functions: How many functions.
        text_bytes: Their size.
        instructions: Set: how many instructions belong to it. An instruction may belong to several.
        users: Set: how many functions hold such an instruction.
        fused: Multiply-adds in one instruction, whatever their encoding.
        separate: Floating-point multiplications, additions and subtractions that are not.
    """

    functions: int = 0
    text_bytes: int = 0
    instructions: Counter[str] = field(default_factory=Counter)
    users: Counter[str] = field(default_factory=Counter)
    fused: int = 0
    separate: int = 0

    def add(self, other: Tally) -> None:
        """Adds the counts over other functions."""
        self.functions += other.functions
        self.text_bytes += other.text_bytes
        self.instructions.update(other.instructions)
        self.users.update(other.users)
        self.fused += other.fused
        self.separate += other.separate

    def share(self, name: str) -> float:
        """Returns the part of the functions that use a set."""
        return self.users[name] / self.functions if self.functions else 0.0
