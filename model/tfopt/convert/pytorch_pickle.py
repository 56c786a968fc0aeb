"""Parses a pickle of plain data without running it.

A pickle is a program for a small stack machine, of which two instructions call anything: one fetches a
function by its name, one calls it. Here neither does. A name stays a name, which has to be one that the
caller allows, and a call becomes a record of it, for the caller to make sense of.
"""

from __future__ import annotations

import pickletools
from collections.abc import Set
from typing import Any, NamedTuple

_ORDERED_DICT = "collections.OrderedDict"
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_VALUES = {
    *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}


class Name(NamedTuple):
    """The name of a class or function, with its module's."""

    name: str


class Call(NamedTuple):
    """A call that the pickle asks for."""

    function: str
    arguments: tuple[Any, ...]


class Persistent(NamedTuple):
    """A reference to something that is kept outside the pickle."""

    reference: Any


def parse(data: bytes, allowed: Set[str]) -> Any:
    """The value that a pickle stands for.

    Args:
        data: The pickle.
        allowed: The names of classes and functions that may be in it, such as `torch.FloatStorage`.

    Returns:
        Dictionaries (those with an order, too), lists, tuples, strings, numbers, `None`, and the records
        above.

    Raises:
        ValueError: It is damaged, holds another name, or uses an instruction that plain data does not need.
    """
    machine = _Machine(allowed)
    try:
        for opcode, argument, _ in pickletools.genops(data):
            machine.run(opcode.name, argument)
        return machine.pop()
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"damaged pickle: {type(error).__name__}: {error}") from error


class _Machine:
    def __init__(self, allowed: Set[str]) -> None:
        self.allowed = allowed
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # what lies under each mark
        self.memo: dict[int, Any] = {}

    def pop(self) -> Any:
        return self.stack.pop()

    def run(self, opcode: str, argument: Any) -> None:
        if opcode in ("PROTO", "FRAME", "STOP"):
            return
        if opcode in _VALUES:
            self.stack.append(argument)
        elif opcode in _CONSTANTS:
            self.stack.append(_CONSTANTS[opcode])
        elif opcode in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = self.stack[-1]
        elif opcode == "MEMOIZE":
            self.memo[len(self.memo)] = self.stack[-1]
        elif opcode in ("BINGET", "LONG_BINGET"):
            self.stack.append(self.memo[argument])
        elif opcode == "BINPERSID":
            self.stack.append(Persistent(self.pop()))
        elif opcode in ("GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"):
            self._run_object(opcode, argument)
        else:
            self._run_container(opcode)

    def _run_object(self, opcode: str, argument: Any) -> None:
        if opcode == "GLOBAL":
            self._name(*argument.split(" ", 1))
        elif opcode == "STACK_GLOBAL":
            name, module = _expect(self.pop(), str), _expect(self.pop(), str)
            self._name(module, name)
        elif opcode == "REDUCE":
            arguments, function = _expect(self.pop(), tuple), _expect(self.pop(), Name)
            empty_dict = function.name == _ORDERED_DICT and not arguments
            self.stack.append({} if empty_dict else Call(function.name, arguments))
        else:  # attributes, of which a dictionary needs none: PyTorch keeps the versions of modules there
            self.pop()
            _expect(self.stack[-1], dict)

    def _name(self, module: str, name: str) -> None:
        full = f"{module}.{name}"
        if full not in self.allowed and full != _ORDERED_DICT:
            raise ValueError(f"it holds {full!r}: expected what state_dict() returns, and no more")
        self.stack.append(Name(full))

    def _run_container(self, opcode: str) -> None:
        if opcode == "MARK":
            self.below.append(self.stack)
            self.stack = []
        elif opcode == "TUPLE":
            items = self._items()
            self.stack.append(tuple(items))
        elif opcode in _TUPLES:
            count = _TUPLES[opcode]
            if len(self.stack) < count:
                raise IndexError("too little on the stack")
            self.stack[-count:] = [tuple(self.stack[-count:])]
        elif opcode == "EMPTY_LIST":
            self.stack.append([])
        elif opcode == "EMPTY_DICT":
            self.stack.append({})
        elif opcode in ("APPEND", "APPENDS"):
            items = [self.pop()] if opcode == "APPEND" else self._items()
            _expect(self.stack[-1], list).extend(items)
        elif opcode in ("SETITEM", "SETITEMS"):
            items = [self.pop(), self.pop()][::-1] if opcode == "SETITEM" else self._items()
            # No tuple as a key: hashing a deeply nested one would overflow the stack.
            keys = [_expect(key, str) for key in items[::2]]
            _expect(self.stack[-1], dict).update(zip(keys, items[1::2], strict=True))
        else:
            raise ValueError(f"it uses {opcode}, which plain tensors do not need")

    def _items(self) -> list[Any]:
        """What lies on the last mark; takes mark and items away."""
        items, self.stack = self.stack, self.below.pop()
        return items


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"expected a {kind.__name__}, got a {type(value).__name__}")
    return value
