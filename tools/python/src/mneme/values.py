"""Values: what a field holds and what requests are made of (formats/values.md).

A value is None, a bool, an int of 64 bits, a float, a text, bytes, a UUID, an instant, a date, a
list, a dict with texts for keys, or a vector. Python has a type for each but the vector, and for
instants and dates outside its calendar, which is smaller than Mneme's.
"""

from __future__ import annotations

import re
import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple, TypeAlias, Union, overload
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LEAST_INT = -(2**63)
GREATEST_INT = 2**63 - 1


class FarInstant(NamedTuple):
    """An instant outside the years 1 to 9999, which `datetime` does not have."""

    microseconds: int
    """Since 1970-01-01T00:00:00Z, in 64 signed bits."""


class FarDate(NamedTuple):
    """A date outside the years 1 to 9999, which `date` does not have."""

    days: int
    """Since 1970-01-01, in 32 signed bits."""


Instant: TypeAlias = Union[datetime, FarInstant]
"""A point in time to the microsecond. Those that are read have the zone UTC."""

Key: TypeAlias = Union[str, int, UUID]
"""What names a record in its collection."""

Value: TypeAlias = Any
"""Any of the kinds above. Tuples and other sequences stand for lists, mappings for dicts."""


class Vector(Sequence[float]):
    """A vector of float32 components, sent as its bytes.

    A plain list of floats is taken wherever a vector is, and so is an `array('f')` or a row of
    float32 of numpy, which are sent as vectors.
    """

    __slots__ = ("_bytes",)
    _bytes: bytes

    def __init__(self, components: Iterable[float]) -> None:
        if isinstance(components, (bytes, bytearray)):
            raise ValueError("A vector takes numbers; Vector.from_bytes takes their bytes.")
        try:
            floats = array("f", components)
        except (TypeError, OverflowError) as error:
            raise ValueError(f"A vector takes numbers: {error}.") from error
        if sys.byteorder == "big":
            floats.byteswap()
        self._bytes = floats.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Vector:
        """Takes float32 components as they lie in memory, little-endian."""
        if len(data) % 4:
            raise ValueError(f"The bytes of a vector come in fours, and these are {len(data)}.")
        vector = cls.__new__(cls)
        vector._bytes = bytes(data)
        return vector

    def to_bytes(self) -> bytes:
        """The components as float32, little-endian."""
        return self._bytes

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        return self._floats()[index]

    def __len__(self) -> int:
        return len(self._bytes) // 4

    def __iter__(self) -> Iterator[float]:
        return iter(self._floats())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and self._bytes == other._bytes

    def __hash__(self) -> int:
        return hash(self._bytes)

    def __repr__(self) -> str:
        return f"Vector({self._floats()!r})"

    def _floats(self) -> list[float]:
        return list(struct.unpack(f"<{len(self)}f", self._bytes))


class Reference(NamedTuple):
    """What names a record: its collection and its key."""

    collection: str
    key: Key

    @classmethod
    def read(cls, value: object) -> Reference:
        """Reads `"collection/key"`, or a dict of both."""
        if isinstance(value, Reference):
            return value
        if isinstance(value, str):
            collection, slash, key = value.partition("/")
            if slash:
                return cls(collection, key)
        elif isinstance(value, Mapping) and set(value) == {"collection", "key"}:
            given: Any = value["key"]
            if isinstance(given, Mapping) and set(given) == {"uuid"}:
                given = UUID(given["uuid"])
            if isinstance(given, (str, int, UUID)) and not isinstance(given, bool):
                return cls(str(value["collection"]), given)
        raise ValueError(f'A reference is "collection/key", or a dict of both, and no {value!r}.')

    @property
    def spelling(self) -> Value:
        """As requests have it."""
        if isinstance(self.key, str):
            return f"{self.collection}/{self.key}"
        return {"collection": self.collection, "key": self.key}

    def __str__(self) -> str:
        return f"{self.collection}/{self.key}"


ReferenceLike: TypeAlias = Union[str, Reference, Mapping[str, Any]]
"""What is taken for a reference: `"notes/a"`, a `Reference`, or a dict of collection and key."""


# Instants and dates, as numbers and as text


def instant_from_microseconds(microseconds: int) -> Instant:
    """The instant so many microseconds after 1970."""
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return FarInstant(microseconds)


def microseconds_of(instant: Instant) -> int:
    """How many microseconds after 1970 an instant is. One without a zone is taken as UTC."""
    if isinstance(instant, FarInstant):
        return instant.microseconds
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    return (instant - EPOCH) // timedelta(microseconds=1)


def date_from_days(days: int) -> date | FarDate:
    """The date so many days after 1970-01-01."""
    try:
        return date(1970, 1, 1) + timedelta(days=days)
    except OverflowError:
        return FarDate(days)


def days_of(day: date | FarDate) -> int:
    """How many days after 1970-01-01 a date is."""
    return day.days if isinstance(day, FarDate) else day.toordinal() - 719_163


_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(?:([Zz])|([+-])(\d\d):?(\d\d))?)?",
    re.ASCII,
)


def read_instant(text: str) -> Instant:
    """Reads an instant as formats/values.md has it in JSON: RFC 3339, and what is shorter."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError(f'An instant is written "2023-05-08T13:56:00Z", and not {text!r}.')
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    away = int(match[10] or 0) * 60 + int(match[11] or 0)
    if hour > 23 or minute > 59 or second > 59 or int(match[10] or 0) > 23 or away % 60 != int(
        match[11] or 0
    ):
        raise ValueError(f"There is no time of day such as in {text!r}.")
    seconds = (_days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    seconds -= (-away if match[9] == "-" else away) * 60
    fraction = int((match[7] or "")[:6].ljust(6, "0"))
    return instant_from_microseconds(seconds * 1_000_000 + fraction)


def write_instant(instant: Instant) -> str | int:
    """The text of an instant in UTC, or its microseconds outside the years 0 to 9999."""
    microseconds = microseconds_of(instant)
    seconds, fraction = divmod(microseconds, 1_000_000)
    days, rest = divmod(seconds, 86_400)
    day = _date_text(days)
    if day is None:
        return microseconds
    digits = f".{fraction:06}".rstrip("0") if fraction else ""
    return f"{day}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}{digits}Z"


def read_date(text: str) -> date | FarDate:
    """Reads a date such as `2024-02-29`, of the years 0 to 9999."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text, re.ASCII)
    if match is None:
        raise ValueError(f'A date is written "2024-02-29", and not {text!r}.')
    return date_from_days(_days(int(match[1]), int(match[2]), int(match[3])))


def write_date(day: date | FarDate) -> str | int:
    """The text of a date, or its days outside the years 0 to 9999."""
    return _date_text(days_of(day)) or days_of(day)


def _days(year: int, month: int, day: int) -> int:
    # Python's calendar begins with the year 1; the year 0 is like 2000, 2,000 years before.
    shift = 730_485 if year == 0 else 0
    return days_of(date(year or 2000, month, day)) - shift


def _date_text(days: int) -> str | None:
    day = date_from_days(days)
    if isinstance(day, date):
        return day.isoformat()
    early = date_from_days(days + 730_485)
    if isinstance(early, date) and early.year == 2000:
        return early.isoformat().replace("2000", "0000", 1)
    return None
