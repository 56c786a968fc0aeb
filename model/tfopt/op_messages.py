"""What an op said went wrong, without what TensorFlow writes around it."""

from __future__ import annotations

import re

# The function that called the op, and its name.
_AROUND = re.compile(r"\{\{function_node .*?\}\} | \[Op:[^\]]+\].*$")


def plain(message: str) -> str:
    """The message of an op's error in one line, as the op wrote it."""
    return _AROUND.sub("", " ".join(message.split()))
