"""The keys of a record in an index: formats/store.md#keys."""

import struct
import unicodedata
from typing import Any, Iterator

import xxhash

from values import key_field


def is_plain(collection, index) -> bool:
    """Whether every record has exactly one key, made of its fields as they are."""
    return index.condition is None and not any(
        part.is_folded or _is_spread(collection, part) for part in index.parts)


def index_keys(collection, index, fields: dict) -> list[tuple[bytes, bool]]:
    """The keys but for index and ordinal, and whether a part of each is null.

    The index's condition is not looked at.
    """
    keys = {(b"", False)}
    for part in index.parts:
        is_json = collection.types[collection.fields[part.name]] == "json"
        value = fields.get(collection.fields[part.name])
        values = [value]
        if part.contains:
            ends = {(key, key == b"\x02") for key in _leaf_keys(value, part.members)}
            keys = {(start + end, has_null or is_null)
                    for start, has_null in keys for end, is_null in ends}
            continue
        if _is_spread(collection, part):
            values = list(_elements(value, part.members)) or [None]
        ends = {_field(one, part, is_json) for one in values}
        keys = {(start + end, has_null or is_null)
                for start, has_null in keys for end, is_null in ends}
    return sorted(keys)


def _leaf_keys(value: Any, members: list[str]) -> set[bytes]:
    leaves = set()
    for one in _found(value, members):
        leaves |= set(_leaves(one, b""))
    if len(leaves) > 1000:
        return {key_field(b"")}
    hashes = {xxhash.xxh3_64_intdigest(one) for one in leaves}
    return {key_field(struct.pack(">Q", one)) for one in hashes} or {b"\x02"}


def _found(value: Any, members: list[str]) -> Iterator[Any]:
    if not members:
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _found(one, members)
    elif isinstance(value, dict):
        yield from _found(value.get(members[0]), members[1:])
    else:
        yield None


def _leaves(value: Any, head: bytes) -> Iterator[bytes]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, head + key_field(name))
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, head)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield head + b"\x1a" + _number(value)
    else:
        yield head + key_field(value)


def _is_spread(collection, part) -> bool:
    kind = collection.types[collection.fields[part.name]]
    return kind == "json" or isinstance(kind, dict) and "array" in kind


def _elements(value: Any, members: list[str]) -> Iterator[Any]:
    if members:
        if isinstance(value, list):
            for one in value:
                yield from _elements(one, members)
        else:
            inside = value.get(members[0]) if isinstance(value, dict) else None
            yield from _elements(inside, members[1:]) if isinstance(value, dict) else [None]
    elif isinstance(value, list):
        yield from value or [None]
    else:
        yield value


def _field(value: Any, part, is_json: bool) -> tuple[bytes, bool]:
    if part.is_folded and isinstance(value, str):
        value = "".join(
            upper.lower() for one in unicodedata.normalize("NFC", value) for upper in one.upper())
    field = key_field(value)
    is_null = field == b"\x02"
    if is_json and isinstance(value, (int, float)) and not isinstance(value, bool):
        field = b"\x1a" + _number(value)
    return (bytes(byte ^ 0xFF for byte in field) if part.is_descending else field), is_null


def _number(value) -> bytes:
    floor = float(value)
    # Comparing an int with a float rounds neither.
    if floor > value:
        floor = _before(floor)
    rest = value - int(floor) if isinstance(value, int) else 0
    return key_field(floor)[1:] + struct.pack(">H", rest)


def _before(value: float) -> float:
    bits = struct.unpack("<q", struct.pack("<d", value))[0]
    return struct.unpack("<d", struct.pack("<q", bits - 1 if value > 0 else bits + 1))[0]
