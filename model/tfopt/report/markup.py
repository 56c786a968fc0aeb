"""HTML from parts: whatever is not marked as HTML is text, and is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable


class Markup(str):
    """HTML. Every other string is text."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    """Returns a text as HTML; HTML as it is."""
    return text if isinstance(text, Markup) else Markup(html.escape(text))


def joined(parts: Iterable[str]) -> Markup:
    """Returns parts one after the other."""
    return Markup("".join(escaped(part) for part in parts))


def element(name: str, *parts: str, **attributes: str | float | None) -> Markup:
    """Returns an element with its contents.

    Args:
        name: of the tag.
        parts: texts and HTML.
        attributes: `class_` is `class`, `data_x` is `data-x`; None leaves one out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{given}>{joined(parts)}</{name}>")


def paragraph(*parts: str, class_: str | None = None) -> Markup:
    """Returns a paragraph."""
    return element("p", *parts, class_=class_)
