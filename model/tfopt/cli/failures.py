"""What commands fail with for reasons of the user's or the machine's, and how that is said."""

from __future__ import annotations

import sys
from typing import Any

from tfopt import op_messages


def kinds() -> tuple[type[Exception], ...]:
    """Exceptions that are shown as one line; any other is a mistake of the program's."""
    ours = (ValueError, ImportError, RuntimeError, OSError, MemoryError)
    tensorflow: Any = sys.modules.get("tensorflow")  # not imported for this alone
    return (*ours, tensorflow.errors.OpError) if hasattr(tensorflow, "errors") else ours


def line(error: BaseException) -> str:
    """Its message in one line."""
    return op_messages.plain(str(error)) or type(error).__name__
