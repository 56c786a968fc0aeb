"""Checks of settings, as the configs of networks and the importers make them: one clear ValueError each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field
from typing import Any


def expect(good: bool, name: str, expected: object, given: object) -> None:
    """Raises ValueError unless `good`, naming the setting, what was expected and what was given."""
    if not good:
        raise ValueError(f"{name}: expected {expected}, got {given!r}")


def expect_one_of(name: str, choices: Sequence[str], given: object) -> None:
    """Raises ValueError unless `given` is one of the choices."""
    good = isinstance(given, str) and given in choices
    expect(good, name, f"one of {', '.join(choices)}", given)


def expect_integer(name: str, value: object, least: int, most: int) -> None:
    """Raises ValueError unless `value` is an integer from `least` to `most`; a bool is none."""
    good = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    expected = f"an integer from {least} to {most}" if least < most else str(least)
    expect(good, name, expected, value)


def expect_integers(name: str, values: object, most: int) -> None:
    """Raises ValueError unless `values` is a tuple of integers from 1 to `most`."""
    expect(isinstance(values, tuple), name, "a tuple of integers", values)
    for value in values:  # type: ignore[attr-defined]
        expect_integer(name, value, 1, most)


def constructor_arguments(
    fields: Sequence[Field[Any]], settings: Mapping[str, Any], tuples: Sequence[str]
) -> dict[str, Any]:
    """Makes the arguments of a config's constructor of the contents of `config.json`.

    Args:
        fields: What `dataclasses.fields` says of the config.
        settings: By name. Those that have a default may be left out.
        tuples: Settings that are lists in JSON and tuples in the config.

    Raises:
        ValueError: A setting is missing or not known, or one of `tuples` is no list.
    """
    needed = {field.name for field in fields if field.default is MISSING}
    missing = sorted(needed - set(settings))
    unknown = sorted(set(settings) - {field.name for field in fields})
    if missing or unknown:
        raise ValueError(f"missing settings {missing}, settings not known {unknown}")
    arguments = dict(settings)
    for name in (name for name in tuples if name in settings):
        expect(isinstance(settings[name], (list, tuple)), name, "a list", settings[name])
        arguments[name] = tuple(settings[name])
    return arguments
