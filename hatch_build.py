"""Puts the library of custom ops into the wheel, where tools/build_ops.sh has built it.

The library uses only TensorFlow's C API and knows nothing of Python, so the wheel suits one platform, but
every Python and every TensorFlow. Without the library the wheel is a pure one, with the backends that need
no ops.
"""

import re
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = "model/tfopt/libtfopt_ops.so"


class OpsLibrary(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the library, which git and so hatchling ignore, and tags the wheel for this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds a wheel; an editable one takes the library in place."""
        if version != "editable" and (Path(self.root) / LIBRARY).is_file():
            build_data["artifacts"].append(LIBRARY)
            build_data["pure_python"] = False
            build_data["tag"] = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
