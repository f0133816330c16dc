"""The digests of a recall list, held against what their records say: formats/digests.md.

Which words a text has, what it is like and which days it names is what analysis makes of it, which
this reader does not know: of these parts it is held that they are well formed.
"""

import struct
import unicodedata
from typing import Any

import xxhash

from primitives import Damage, Findings, Reader
from values import Tagged, key_field

DELETED, ARCHIVED, PINNED, CUT = 1, 2, 4, 8
LONGEST = 1000


def list_number(collection) -> "int | None":
    """The number of the collection's recall list."""
    roles = collection.roles
    wanted = [roles[role] for role in ("owner", "session") if role in roles]
    wanted += [roles[role] for role in ("position", "time") if role in roles][:1]
    index = collection.indexes.get("recall")
    text = collection.fields.get(roles.get("text"))
    if index is None or not wanted or text not in collection.texts or index.condition is not None:
        return None
    parts = [part.name for part in index.parts if not (
        part.members or part.is_descending or part.is_folded or part.contains)]
    return index.number if parts == wanted and len(index.parts) == len(wanted) else None


def check(collection, record, data: bytes, findings: Findings, what: str):
    """Holds one digest against its record."""
    try:
        digest = read(data, what)
    except Damage as damage:
        findings.note(str(damage))
        return
    fields = record.fields

    def value(role: str) -> Any:
        name = collection.roles.get(role)
        return None if name is None else fields.get(collection.fields[name])

    for role in ("time", "validFrom", "validTo"):
        given = value(role)
        wanted = given.value if isinstance(given, Tagged) and given.kind == "instant" else None
        findings.expect(
            digest[role] == wanted, f"{what}: its {role} is {digest[role]}, the record's {wanted}")
    for role in ("importance", "confidence", "decayRate"):
        given, wanted = value(role), None
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            wanted = _single(given)
        findings.expect(
            digest[role] == wanted, f"{what}: its {role} is {digest[role]}, the record's {wanted}")
    findings.expect(
        bool(digest["marks"] & PINNED) == (value("pinned") is True), f"{what}: it is pinned, or not")
    if collection.archived_at or collection.archived is not None:
        findings.expect(
            bool(digest["marks"] & ARCHIVED) == collection.is_archived(fields),
            f"{what}: it is archived, or not")
    session = 0
    if value("session") is not None:
        spelled = key_field(value("session")) + key_field(value("owner"))
        session = max(1, xxhash.xxh3_64_intdigest(spelled) & 0xFFFF_FFFF)
    findings.expect(
        digest["session"] == session, f"{what}: it is of session {digest['session']:08x}, the "
        f"record of {session:08x}")
    text = value("text")
    if not isinstance(text, str):
        findings.expect(digest["words"] == 0 and not digest["terms"], f"{what}: words of no text")
        return
    counted = sum(count for _, _, count in digest["terms"])
    if not digest["marks"] & CUT and all(count < 255 for _, _, count in digest["terms"]):
        findings.expect(
            counted <= digest["words"], f"{what}: {counted} of {digest['words']} words are counted")
    findings.expect(
        digest["words"] <= len(unicodedata.normalize("NFC", text)),
        f"{what}: more words than the text has letters")


def read(data: bytes, what: str) -> dict:
    """The parts of a digest."""
    if len(data) > LONGEST:
        raise Damage(f"{what}: {len(data)} bytes")
    reader = Reader(data, what)
    if reader.u8() != 1:
        raise Damage(f"{what}: another version")
    parts, digest = reader.u8(), {}
    digest["traits"], digest["words"], digest["marks"] = reader.u16(), reader.u16(), reader.u8()
    dates, names, terms = reader.u8(), reader.u8(), reader.u8()
    if parts >> 6 or digest["marks"] >> 4 or dates > 4 or names > 4 or terms > 128:
        raise Damage(f"{what}: counts or bits that do not fit")
    digest["session"] = reader.u32()
    for bit, role in enumerate(
            ("time", "importance", "confidence", "decayRate", "validFrom", "validTo")):
        is_number = role in ("importance", "confidence", "decayRate")
        there = parts >> bit & 1
        digest[role] = None if not there else (
            struct.unpack("<f", reader.take(4))[0] if is_number else reader.i64())
    days = [struct.unpack("<ii", reader.take(8)) for _ in range(dates)]
    if any(first >= end for first, end in days):
        raise Damage(f"{what}: days that end before they begin")
    digest["days"] = days
    digest["names"] = [reader.u32() for _ in range(names)]
    stems = [reader.u32() for _ in range(terms)]
    tokens = [reader.u16() for _ in range(terms)]
    counts = [reader.u8() for _ in range(terms)]
    if len(set(stems)) != terms or 0 in counts:
        raise Damage(f"{what}: a stem twice, or one that does not come")
    if digest["marks"] & CUT and terms != 128:
        raise Damage(f"{what}: terms are left out, though there is room")
    if reader.offset != len(data):
        raise Damage(f"{what}: bytes follow it")
    digest["terms"] = list(zip(stems, tokens, counts))
    return digest


def _single(number) -> "float | None":
    """A number as 32 bits hold it; none where that is not finite."""
    try:
        return struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return None
