"""Values in their JSON spelling (formats/values.md#json), read as strictly as the page has it.

Kinds that JSON does not have are objects of one member: `{"$instant": "2023-05-08T13:56:00Z"}`.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NoReturn
from uuid import UUID

from .errors import BadRequest, WrongType
from .values import (
    GREATEST_INT,
    LEAST_INT,
    FarDate,
    FarInstant,
    Reference,
    Value,
    Vector,
    date_from_days,
    instant_from_microseconds,
    read_date,
    read_instant,
    write_date,
    write_instant,
)

_MOST_LEVELS = 128
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def loads(text: str) -> Value:
    """Reads a value. Raises `BadRequest` for what is none."""
    try:
        value = json.loads(
            text,
            parse_int=_int,
            parse_float=_float,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"JSON: {error}. See formats/values.md.") from error
    _check(value)
    return value


def dumps(value: Value, *, pretty: bool = False) -> str:
    """Writes a value: members in the order of their bytes, floats with a point or an exponent."""
    return json.dumps(
        _spelled(value), ensure_ascii=False, allow_nan=False, indent=2 if pretty else None
    )


def _int(text: str) -> int | float:
    if text == "-0":
        return -0.0
    number = int(text) if len(text) < 25 else GREATEST_INT + 1
    return number if LEAST_INT <= number <= GREATEST_INT else _float(text)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is beyond all floats")
    return number


def _constant(text: str) -> NoReturn:
    raise ValueError(f'there is no {text} in JSON; write {{"$float": "nan"}}')


def _object(pairs: list[tuple[str, Any]]) -> Value:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice in an object")
    if len(pairs) == 1 and pairs[0][0].startswith("$"):
        name, content = pairs[0]
        if name.startswith("$$"):
            return {name[1:]: content}
        if name in _KINDS:
            return _KINDS[name](content)
    return members


def _read_uuid(content: Any) -> UUID:
    digits = content.replace("-", "") if isinstance(content, str) else ""
    if len(digits) != 32 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError("$uuid takes 32 hexadecimal digits")
    return UUID(digits)


def _read_instant(content: Any) -> datetime | FarInstant:
    if type(content) is int:
        return instant_from_microseconds(content)
    if isinstance(content, str):
        return read_instant(content)
    raise ValueError('$instant is written {"$instant": "2023-05-08T13:56:00Z"}')


def _read_date(content: Any) -> date | FarDate:
    if type(content) is int and -(2**31) <= content < 2**31:
        return date_from_days(content)
    if isinstance(content, str):
        return read_date(content)
    raise ValueError('$date is written {"$date": "2024-02-29"}')


def _read_bytes(content: Any) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (TypeError, binascii.Error) as error:
        raise ValueError("$bytes takes base64 with padding") from error


def _read_vector(content: Any) -> Vector:
    if not isinstance(content, list):
        raise ValueError("$vector takes an array of numbers")
    numbers = []
    for element in content:
        if isinstance(element, str):
            element = _FLOATS.get(element)
        if type(element) not in (int, float):
            raise ValueError('$vector takes numbers, "nan", "inf" and "-inf"')
        numbers.append(float(element))
    return Vector(numbers)


def _read_float(content: Any) -> float:
    if isinstance(content, str) and content in _FLOATS:
        return _FLOATS[content]
    raise ValueError('$float takes "nan", "inf" and "-inf"')


_KINDS: dict[str, Callable[[Any], Any]] = {
    "$uuid": _read_uuid,
    "$instant": _read_instant,
    "$date": _read_date,
    "$bytes": _read_bytes,
    "$vector": _read_vector,
    "$float": _read_float,
}


def _check(value: Any, level: int = 0) -> None:
    if level > _MOST_LEVELS:
        raise BadRequest(f"JSON: more than {_MOST_LEVELS} arrays and objects inside each other.")
    if type(value) is dict:
        for name, member in value.items():
            _check(name, level + 1)
            _check(member, level + 1)
    elif type(value) is list:
        for element in value:
            _check(element, level + 1)
    elif type(value) is str:
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise BadRequest("JSON: a text has a surrogate by itself.")


def _spelled(value: Any) -> Any:
    """A value of what the module json writes as it stands."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return {"$float": _word(value)} if not math.isfinite(value) else float(value)
    if isinstance(value, Vector):
        return {"$vector": [_component(part) for part in value]}
    if isinstance(value, UUID):
        return {"$uuid": str(value)}
    if isinstance(value, (datetime, FarInstant)):
        return {"$instant": write_instant(value)}
    if isinstance(value, (date, FarDate)):
        return {"$date": write_date(value)}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, Reference):
        return _spelled(value.spelling)
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: str(name).encode())
        members = {str(name): _spelled(value[name]) for name in names}
        if len(names) == 1 and (names[0] in _KINDS or names[0].startswith("$$")):
            return {f"${names[0]}": members[names[0]]}
        return members
    if isinstance(value, Sequence):
        return [_spelled(element) for element in value]
    raise WrongType(f"{type(value).__name__} is no kind of value.")


def _word(number: float) -> str:
    return "nan" if math.isnan(number) else "inf" if number > 0 else "-inf"


def _component(number: float) -> float | str:
    """The shortest decimal that is read back as the same float32."""
    if not math.isfinite(number):
        return _word(number)
    for digits in range(1, 10):
        short = float(f"{number:.{digits}g}")
        if abs(short) > 3.4028235e38:
            continue
        if struct.unpack("<f", struct.pack("<f", short))[0] == number:
            return short
    return number
