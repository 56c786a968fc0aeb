"""What results call the environments that are compared: given by the user, or made of what they name."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A second = belongs to what is named: NAME==VERSION.
_LABELLED = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.+-]*)=(?!=)(.+)")
_LONGEST = 60


def read(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Reads what the command line was given: `WHAT` or `LABEL=WHAT`.

    Returns:
        For each text a label, which is fit for a file name and different from the others, and WHAT.

    Raises:
        ValueError: two have been given the same label.
    """
    pairs = []
    for text in texts:
        found = _LABELLED.fullmatch(text)
        pairs.append((found[1], found[2]) if found else ("", text))
    taken = [label for label, _ in pairs if label]
    if twice := [label for label in taken if taken.count(label) > 1]:
        raise ValueError(f"expected different labels, got {twice[0]!r} twice")
    labels = []
    for label, what in pairs:
        labels.append(label or _unlike(taken, _made_of(what)))
        taken.append(labels[-1])
    return [(label, what) for label, (_, what) in zip(labels, pairs, strict=True)]


def _made_of(what: str) -> str:
    """Returns a label such as tensorflow-cpu-2.14.0 for tensorflow-cpu==2.14.0."""
    name = what.rstrip("/").rpartition("/")[2]
    name = re.match(r"[^-]+-[^-]+(?=-.*\.whl$)|.*", name)[0]  # type: ignore[index]  # a wheel's name and version
    name = re.sub(r"[^A-Za-z0-9_.+]+", "-", name).strip("-.+")
    return name[:_LONGEST] or "environment"


def _unlike(taken: Sequence[str], label: str) -> str:
    """Returns the label, with a number behind it if it is taken."""
    number, found = 1, label
    while found in taken:
        number += 1
        found = f"{label}-{number}"
    return found
