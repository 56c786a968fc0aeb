"""Takes values out of decoded JSON; what is missing or of the wrong kind is named by its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# No measurement gives a smaller number, and what is computed from several stays far from where floats end.
_SMALLEST = 1e-18
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Fields:
    """A JSON object and where it stands, for example `A.json: models.g2p`.

    Every method raises ValueError naming the place, what was expected and what is there.
    """

    content: Any
    where: str
    place: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.content, dict):
            at = f"{self.where}: {self.place}" if self.place else self.where
            raise ValueError(f"{at}: expected an object, got {_short(self.content)}")

    def error(self, name: str, expected: str, got: Any) -> ValueError:
        """Returns the error for one field."""
        place = f"{self.place}.{name}" if self.place else name
        return ValueError(f"{self.where}: {place}: expected {expected}, got {_short(got)}")

    def get(self, name: str) -> Any:
        """Returns a value of any kind."""
        if name not in self.content:
            place = f"{self.place}.{name}" if self.place else name
            raise ValueError(f"{self.where}: {place} is missing")
        return self.content[name]

    def object(self, name: str) -> Fields:
        """Returns an object."""
        return Fields(self.get(name), self.where, f"{self.place}.{name}" if self.place else name)

    def items(self, name: str) -> list[Any]:
        """Returns a list."""
        value = self.get(name)
        if not isinstance(value, list):
            raise self.error(name, "a list", value)
        return value

    def objects(self, name: str) -> list[Fields]:
        """Returns a list of objects that is not empty."""
        values = self.items(name)
        if not values:
            raise self.error(name, "at least one", values)
        place = f"{self.place}.{name}" if self.place else name
        return [Fields(value, self.where, f"{place}[{i}]") for i, value in enumerate(values)]

    def text(self, name: str) -> str:
        """Returns a string."""
        value = self.get(name)
        if not isinstance(value, str):
            raise self.error(name, "a text", value)
        return value

    def texts(self, name: str) -> list[str]:
        """Returns a list of strings."""
        values = self.items(name)
        if not all(isinstance(value, str) for value in values):
            raise self.error(name, "a list of texts", values)
        return values

    def flag(self, name: str) -> bool:
        """Returns true or false."""
        value = self.get(name)
        if not isinstance(value, bool):
            raise self.error(name, "true or false", value)
        return value

    def count(self, name: str) -> int:
        """Returns a whole number, 1 or more."""
        value = self.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST:
            raise self.error(name, "a whole number, 1 or more", value)
        return value

    def number(self, name: str) -> float:
        """Returns a finite number."""
        value = self.get(name)
        if not _is_number(value):
            raise self.error(name, "a number", value)
        return float(value)

    def positive(self, name: str) -> float:
        """Returns a number above 0."""
        return self._positive(name, self.get(name), "a number above 0")

    def positives(self, name: str) -> list[float]:
        """Returns a list of numbers above 0 that is not empty."""
        values = self.items(name)
        if not values:
            raise self.error(name, "numbers above 0", values)
        return [self._positive(name, value, "numbers above 0") for value in values]

    def seconds(self, name: str, least: float = _SMALLEST) -> float:
        """Returns a time, positive unless `least` allows 0."""
        value = self.get(name)
        if least == 0.0 and _is_number(value) and value == 0:
            return 0.0
        return self._positive(name, value, "a time in seconds")

    def seconds_list(self, name: str) -> list[float]:
        """Returns a list of positive times that is not empty."""
        values = self.items(name)
        if not values:
            raise self.error(name, "at least one time", values)
        return [self._positive(name, value, "a time in seconds") for value in values]

    def _positive(self, name: str, value: Any, expected: str) -> float:
        if not _is_number(value) or value <= 0:
            raise self.error(name, expected, value)
        if value < _SMALLEST:
            raise self.error(name, f"{expected}, {_SMALLEST:g} or more", value)
        return float(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_LARGEST <= value <= _LARGEST  # false for what is not finite


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
