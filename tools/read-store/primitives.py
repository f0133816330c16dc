"""Bytes by offset, the checksum, and what is found to be wrong. formats/README.md."""

import struct

import xxhash


class Damage(Exception):
    """Bytes that are not what their page says; the message names the place."""


class Newer(Damage):
    """A version that this reader does not know."""


def checksum(data: bytes, seed: int = 0) -> int:
    """XXH3-64 with a seed."""
    return xxhash.xxh3_64_intdigest(data, seed)


class Reader:
    """Little-endian numbers one after another; running out of bytes is damage."""

    def __init__(self, data: bytes, what: str, offset: int = 0):
        self.data, self.what, self.offset = data, what, offset

    def take(self, count: int) -> bytes:
        end = self.offset + count
        if count < 0 or end > len(self.data):
            raise Damage(f"{self.what}: {count} bytes at {self.offset} of {len(self.data)}")
        part = self.data[self.offset:end]
        self.offset = end
        return part

    def _number(self, form: str, size: int) -> int:
        return struct.unpack(form, self.take(size))[0]

    def u8(self) -> int:
        return self._number("<B", 1)

    def u16(self) -> int:
        return self._number("<H", 2)

    def u32(self) -> int:
        return self._number("<I", 4)

    def u64(self) -> int:
        return self._number("<Q", 8)

    def i64(self) -> int:
        return self._number("<q", 8)

    def leb128(self) -> int:
        number, shift = 0, 0
        while True:
            byte = self.u8()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
            if shift > 63:
                raise Damage(f"{self.what}: a number of more than 63 bits at {self.offset}")


class Findings:
    """What is wrong, and how much was looked at."""

    limit = 50

    def __init__(self):
        self.count = 0
        self.shown: list[str] = []

    def note(self, finding: str):
        self.count += 1
        if self.count <= self.limit:
            self.shown.append(finding)

    def expect(self, holds: bool, finding: str):
        if not holds:
            self.note(finding)
