"""Reads the trees of responses into dataclasses, by the types of their fields.

A field `leftOut` of a response is the field `left_out` of a dataclass, or the name that the field's
metadata gives as `of`. Members that a dataclass does not have are of a newer server, and skipped;
one that is missing and has no default is an answer that does not fit.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .errors import BadFrame
from .values import Reference

T = TypeVar("T")
Reader = Callable[[Any], Any]


def read(kind: type[T], value: Any) -> T:
    """An answer of a kind. Raises `BadFrame` for what does not fit it."""
    try:
        answer: T = _reader(cast(Any, kind))(value)
        return answer
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadFrame(
            f"The answer is no {kind.__name__} as formats/operations.md has it: {error}."
        ) from error


def camel(name: str) -> str:
    """`left_out` as responses write it."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def members(**given: Any) -> dict[str, Any]:
    """Members of a request: those that are not None, named as requests write them.

    A name that Python has for itself ends with a low line: `if_`, `from_`.
    """
    return {
        camel(name.rstrip("_")): value for name, value in given.items() if value is not None
    }


@cache
def _reader(kind: Any) -> Reader:
    if kind is Any:
        return _any
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin is list:
        element = _reader(arguments[0])
        return lambda value: [element(one) for one in _must(value, list)]
    if origin is dict:
        member = _reader(arguments[1])
        return lambda value: {name: member(one) for name, one in _must(value, dict).items()}
    if origin is tuple:
        readers = [_reader(argument) for argument in arguments]
        return lambda value: tuple(
            one(part) for one, part in zip(readers, _must(value, list), strict=True)
        )
    if kind is Reference:
        return Reference.read
    if kind is float:
        return _float
    if dataclasses.is_dataclass(kind):
        return _record(kind)
    return lambda value: _must(value, kind)


def _any(value: Any) -> Any:
    return value


def _float(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        raise TypeError(f"{value!r} is no float")
    return float(value)


def _must(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.80} is no {kind.__name__}")
    return value


def _union(kinds: tuple[Any, ...]) -> Reader:
    some = [kind for kind in kinds if kind is not type(None)]
    if len(some) == 1:
        reader = _reader(some[0])
        return lambda value: None if value is None else reader(value)
    leaves = frozenset(kinds)

    def read_leaf(value: Any) -> Any:
        if type(value) not in leaves:
            raise TypeError(f"{value!r:.80} is none of {', '.join(map(str, kinds))}")
        return value

    return read_leaf


def _record(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    fields = [
        (
            field.name,
            field.metadata.get("of", camel(field.name)),
            _reader(hints[field.name]),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
    ]

    def read_record(value: Any) -> Any:
        _must(value, dict)
        given = {}
        for name, member, reader, is_needed in fields:
            if member in value:
                given[name] = reader(value[member])
            elif is_needed:
                raise KeyError(f"{kind.__name__} lacks {member}")
        return kind(**given)

    return read_record
