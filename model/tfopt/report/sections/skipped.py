"""Files of the folder that could not be shown, and why."""

from __future__ import annotations

from tfopt.report.folder import Contents
from tfopt.report.markup import Markup, element, paragraph


def section(contents: Contents) -> Markup:
    """Returns a list of them; nothing if there is none."""
    if not contents.skipped:
        return Markup()
    items = (element("li", element("b", name), f": {reason}") for name, reason in contents.skipped)
    return element("div", paragraph("The folder also holds:"), element("ul", *items))
