"""The Docker SDK for Python, which only those who ask for containers need to have.

It is imported by its name as a text, since type checkers take a folder `docker` for it; and so does Python,
until it looks for a part of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

try:
    errors: Any = import_module("docker.errors")
    docker: Any = import_module("docker")
    requests: Any = import_module("requests")
except ImportError as missing:
    raise ImportError("--image needs the Docker SDK: pip install 'tfopt[containers]'") from missing

Client = Any  # docker.DockerClient, which has no types
# What is raised when the engine refuses something, and when the connection to it breaks.
ENGINE_ERRORS = (errors.DockerException, requests.exceptions.RequestException)


def reason(error: Exception) -> str:
    """Returns what an engine says is wrong, in one line."""
    text = getattr(error, "explanation", None) or str(error)
    return " ".join(str(text).split())[:300]
