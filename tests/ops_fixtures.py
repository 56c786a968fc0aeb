"""What several tests of the ops share as fixtures: they name this module in `pytest_plugins`.

Not in conftest.py, which needs more of the package than the ops do.
"""

from __future__ import annotations

import pytest
from ops_checks import ISAS


@pytest.fixture(params=ISAS)
def isa(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each instruction set that this CPU has, chosen for the test."""
    monkeypatch.setenv("TFOPT_ISA", request.param)
    return str(request.param)
