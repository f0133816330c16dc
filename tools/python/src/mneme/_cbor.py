"""Values as deterministic CBOR (formats/cbor.md, formats/values.md).

`encode` writes a value in its one encoding, `decode` reads one item and holds its kinds against
the page. What cbor2 knows beyond Mneme's kinds, other tags among them, is refused both ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, NoReturn
from uuid import UUID

import cbor2

from .errors import BadRequest, TooLarge, WrongType
from .values import (
    GREATEST_INT,
    LEAST_INT,
    FarDate,
    FarInstant,
    Reference,
    Value,
    Vector,
    date_from_days,
    days_of,
    instant_from_microseconds,
    microseconds_of,
)

MOST_LEVELS = 128
MOST_ITEMS = 2_097_152


def encode(value: Value) -> bytes:
    """The one encoding of a value.

    Raises `WrongType` for what is no value, and `TooLarge` for what is nested too deeply.
    """
    plain = _plain(value, 0)
    try:
        return cbor2.dumps(plain, canonical=True)
    except (cbor2.CBOREncodeError, UnicodeEncodeError) as error:
        raise WrongType(f"A text is not well-formed Unicode: {error}.") from error


def _plain(value: Any, level: int) -> Any:
    """A value of what cbor2 writes as it stands."""
    kind = type(value)
    if kind is str or kind is bool or value is None or kind is bytes or kind is float:
        return value
    if kind is int:
        if LEAST_INT <= value <= GREATEST_INT:
            return value
        raise WrongType(f"The int {value} has more than 64 bits; send a float or a text.")
    if level >= MOST_LEVELS:
        raise TooLarge(f"More than {MOST_LEVELS} values lie inside each other; nest them less.")
    if kind is dict or (isinstance(value, Mapping) and not isinstance(value, Reference)):
        members = {}
        for name, member in value.items():
            if not isinstance(name, str):
                raise WrongType(f"The name of a member is a text, and no {name!r}.")
            members[str(name)] = _plain(member, level + 1)
        return members
    if kind is list or kind is tuple:
        return [_plain(element, level + 1) for element in value]
    if kind is Vector:
        return cbor2.CBORTag(85, value.to_bytes())
    return _other(value, level)


def _other(value: Any, level: int) -> Any:
    if isinstance(value, UUID):
        return cbor2.CBORTag(37, value.bytes)
    if isinstance(value, (datetime, FarInstant)):
        seconds, fraction = divmod(microseconds_of(value), 1_000_000)
        parts = {1: seconds, -6: fraction} if fraction else {1: seconds}
        return cbor2.CBORTag(1001, parts)
    if isinstance(value, (date, FarDate)):
        return cbor2.CBORTag(100, days_of(value))
    if isinstance(value, Reference):
        return _plain(value.spelling, level)
    for kind in (int, float, str):
        if isinstance(value, kind):
            return _plain(kind(value), level)
    if isinstance(value, (set, frozenset)):
        raise WrongType("A set has no order; send a sorted list.")
    try:
        return _of_memory(memoryview(value), level)
    except (TypeError, NotImplementedError):
        pass
    if isinstance(value, Sequence):
        return [_plain(element, level + 1) for element in value]
    raise WrongType(
        f"{type(value).__name__} is no kind of value; send None, bool, int, float, str, bytes, "
        "UUID, datetime, date, list, dict or Vector."
    )


def _of_memory(view: memoryview, level: int) -> Any:
    """Bytes, and arrays and numbers of numpy: a row of float32 is a vector."""
    if view.format == "B" and view.ndim == 1:
        return bytes(view)
    content: Any = view.tolist()
    if view.format == "f" and view.ndim == 1:
        content = Vector(content)
    return _plain(content, level)


def decode(data: bytes, *, deterministic: bool = False) -> Value:
    """Reads the one item that bytes are.

    With `deterministic`, an encoding other than that of `encode` is refused too.
    Raises `BadRequest` for bytes that are no value.
    """
    try:
        decoder = cbor2.CBORDecoder(
            BytesIO(data),
            semantic_decoders=_TAGS,
            tag_hook=_refuse_tag,
            max_depth=MOST_LEVELS + 2,
            allow_indefinite=False,
            allow_duplicate_keys=False,
        )
        value = decoder.decode()
    except (cbor2.CBORError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        cause = error.__cause__ or error
        raise BadRequest(f"These bytes are no value: {cause}.") from error
    try:
        decoder.read(1)
    except cbor2.CBORDecodeEOF:
        pass
    else:
        raise BadRequest("These bytes are no value: more follows the one item.")
    _check(value)
    if deterministic and encode(value) != data:
        raise BadRequest("These bytes are no deterministic CBOR.")
    return value


def _refuse_tag(tag: cbor2.CBORTag, _: bool) -> NoReturn:
    raise ValueError(f"there is no value under the tag {tag.tag}")


def _refuse(_: Any, __: bool) -> NoReturn:
    raise ValueError("a tag that no value has")


def _uuid(content: Any, _: bool) -> UUID:
    if not isinstance(content, bytes) or len(content) != 16:
        raise ValueError("a uuid has 16 bytes")
    return UUID(bytes=content)


def _vector(content: Any, _: bool) -> Vector:
    if not isinstance(content, bytes):
        raise ValueError("a vector lies over bytes")
    return Vector.from_bytes(content)


def _date(content: Any, _: bool) -> date | FarDate:
    if type(content) is not int or not -(2**31) <= content < 2**31:
        raise ValueError("a date is a count of days in 32 bits")
    return date_from_days(content)


def _instant(content: Any, _: bool) -> datetime | FarInstant:
    if isinstance(content, Mapping) and type(content.get(1)) is int:
        fraction = content.get(-6)
        if len(content) == 1 or (
            len(content) == 2 and type(fraction) is int and 1 <= fraction <= 999_999
        ):
            microseconds: int = content[1] * 1_000_000 + (fraction or 0)
            if LEAST_INT <= microseconds <= GREATEST_INT:
                return instant_from_microseconds(microseconds)
    raise ValueError("an instant is a map of seconds and microseconds")


# What cbor2 would read by itself and Mneme does not have is refused.
_TAGS: dict[int, Any] = {
    tag: _refuse
    for tag in (
        *range(0, 6), 25, 28, 29, 30, 35, 36, 52, 54, 256, 258, 260, 261, 1004, 43000, 55799,
    )
}  # fmt: skip
_TAGS.update({37: _uuid, 85: _vector, 100: _date, 1001: _instant})

_LEAVES = frozenset(
    (type(None), bool, int, float, str, bytes, UUID, datetime, date, FarInstant, FarDate, Vector)
)


def _check(value: Any) -> None:
    """Holds decoded items against the kinds of values."""
    count = 0
    stack = [value]
    while stack:
        item = stack.pop()
        count += 1
        kind = type(item)
        if kind is dict:
            for name in item:
                if type(name) is not str:
                    raise BadRequest("These bytes are no value: the name of a member is no text.")
            count += len(item)
            stack.extend(item.values())
        elif kind is list:
            stack.extend(item)
        elif kind not in _LEAVES:
            raise BadRequest(f"These bytes are no value: {item!r} is none.")
        elif kind is int and not LEAST_INT <= item <= GREATEST_INT:
            raise BadRequest(f"These bytes are no value: {item} has more than 64 bits.")
    if count > MOST_ITEMS:
        raise BadRequest(f"These bytes are no value: more than {MOST_ITEMS} items.")
