"""Values: CBOR as formats/cbor.md and formats/values.md have it, and keys as formats/keys.md."""

import struct
import unicodedata
from typing import Any, NamedTuple

from primitives import Damage, Reader


class Tagged(NamedTuple):
    """A value that has no type of its own here: uuid, instant, date, vector."""

    kind: str
    value: Any


def decode(data: bytes, what: str) -> Any:
    """The one value that the bytes are."""
    reader = Reader(data, what)
    value = _item(reader, 0)
    if reader.offset != len(data):
        raise Damage(f"{what}: bytes follow the value")
    return value


def decode_fields(data: bytes, what: str) -> dict[int, Any]:
    """A record's fields by number."""
    fields = decode(data, what)
    if not isinstance(fields, dict) or not all(type(key) is int for key in fields):
        raise Damage(f"{what}: fields are not a map from numbers")
    if list(fields) != sorted(fields) or any(not 0 <= key <= 0xFFFF for key in fields):
        raise Damage(f"{what}: field numbers do not ascend")
    return fields


def _argument(reader: Reader, extra: int) -> int:
    if extra < 24:
        return extra
    if extra > 27:
        raise Damage(f"{reader.what}: an indefinite or unknown length")
    size = 1 << (extra - 24)
    number = int.from_bytes(reader.take(size), "big")
    if number < (24 if size == 1 else 1 << (size * 4)):
        raise Damage(f"{reader.what}: a number that is not in its shortest form")
    return number


def _item(reader: Reader, depth: int) -> Any:
    if depth > 128:
        raise Damage(f"{reader.what}: nested too deeply")
    head = reader.u8()
    major, extra = head >> 5, head & 0x1F
    if major == 7:
        return _simple(reader, extra)
    number = _argument(reader, extra)
    if major == 0:
        return number
    if major == 1:
        return -1 - number
    if major == 2:
        return reader.take(number)
    if major == 3:
        try:
            return reader.take(number).decode()
        except UnicodeDecodeError as error:
            raise Damage(f"{reader.what}: {error}") from error
    if major == 4:
        return [_item(reader, depth + 1) for _ in range(number)]
    if major == 5:
        return _map(reader, number, depth)
    return _tagged(reader, number, depth)


def _simple(reader: Reader, extra: int) -> Any:
    if extra in (20, 21, 22):
        return {20: False, 21: True, 22: None}[extra]
    if extra in (25, 26, 27):
        form, size = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}[extra]
        return struct.unpack(form, reader.take(size))[0]
    raise Damage(f"{reader.what}: simple value {extra}")


def _map(reader: Reader, count: int, depth: int) -> dict:
    members, before = {}, b""
    for _ in range(count):
        start = reader.offset
        key = _item(reader, depth + 1)
        encoded = reader.data[start:reader.offset]
        if encoded <= before or not isinstance(key, (str, int)):
            raise Damage(f"{reader.what}: the keys of a map do not ascend")
        before = encoded
        members[key] = _item(reader, depth + 1)
    return members


def _tagged(reader: Reader, tag: int, depth: int) -> Tagged:
    content = _item(reader, depth + 1)
    if tag == 37 and isinstance(content, bytes) and len(content) == 16:
        return Tagged("uuid", content)
    if tag == 100 and type(content) is int:
        return Tagged("date", content)
    if tag == 85 and isinstance(content, bytes) and len(content) % 4 == 0:
        return Tagged("vector", content)
    if tag == 1001 and isinstance(content, dict) and set(content) <= {1, -6} and 1 in content:
        return Tagged("instant", content[1] * 1_000_000 + content.get(-6, 0))
    raise Damage(f"{reader.what}: tag {tag}")


def key_field(value: Any, descending: bool = False) -> bytes:
    """A field of a key. What cannot be indexed counts as null: formats/store.md#keys."""
    field = _ascending(value)
    return bytes(byte ^ 0xFF for byte in field) if descending else field


def _ascending(value: Any) -> bytes:
    if isinstance(value, bool):
        return b"\x05" if value else b"\x04"
    if isinstance(value, int):
        return b"\x10" + struct.pack(">Q", value + (1 << 63))
    if isinstance(value, float):
        return b"\x18" + _double(value)
    if isinstance(value, str):
        return b"\x30" + _escaped(unicodedata.normalize("NFC", value).encode())
    if isinstance(value, bytes):
        return b"\x38" + _escaped(value)
    if isinstance(value, Tagged):
        if value.kind == "instant":
            return b"\x20" + struct.pack(">Q", value.value + (1 << 63))
        if value.kind == "date":
            return b"\x22" + struct.pack(">I", value.value + (1 << 31))
        if value.kind == "uuid":
            return b"\x28" + value.value
    return b"\x02"


def _double(value: float) -> bytes:
    if value != value:
        return b"\xff" * 8
    bits = struct.unpack(">Q", struct.pack(">d", value or 0.0))[0]
    return struct.pack(">Q", bits ^ 0xFFFF_FFFF_FFFF_FFFF if bits >> 63 else bits | 1 << 63)


def _escaped(data: bytes) -> bytes:
    return data.replace(b"\x00", b"\x00\xff") + b"\x00\x01"
