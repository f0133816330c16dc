"""The bytes of the table; the page is formats/token-table.md."""

import struct

import numpy
import xxhash

MAGIC = b"MNEMETOK"
VERSION = 1
ALIGNMENT = 64
HEADER = 128
SLOT_BITS = 16
NO_TOKEN = 0xFFFF


def slot_of(token):
    value = 0x811C9DC5
    for byte in token:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return (value * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - SLOT_BITS)


def hash_slots(tokens):
    slots = numpy.full(1 << SLOT_BITS, NO_TOKEN, dtype="<u2")
    for number, token in enumerate(tokens):
        slot = slot_of(token)
        while slots[slot] != NO_TOKEN:
            slot = (slot + 1) % len(slots)
        slots[slot] = number
    return slots


def encode(vocabulary, folding, weights, weight_bits, rows, scale):
    """The whole file."""
    tokens = [token.encode() for token in vocabulary]
    ends = numpy.cumsum([0] + [len(token) for token in tokens]).astype("<u4")
    sections = [
        ends.tobytes(),
        b"".join(tokens),
        hash_slots(tokens).tobytes(),
        folding.index.tobytes(),
        folding.blocks.tobytes(),
        numpy.array(folding.entries, dtype="<u4").tobytes(),
        bytes(folding.pool),
        weights.tobytes(),
        rows.tobytes(),
    ]
    body, offsets = bytearray(HEADER), []
    for section in sections:
        body += bytes(-len(body) % ALIGNMENT)
        offsets.append(len(body))
        body += section
    body += bytes(-len(body) % ALIGNMENT)
    head = MAGIC + struct.pack("<III", VERSION, len(tokens), rows.shape[1])
    head += struct.pack("<f", scale)
    head += struct.pack("<III", weight_bits, max(map(len, tokens)), SLOT_BITS)
    head += struct.pack("<II", len(folding.blocks), len(folding.entries))
    head += struct.pack("<9I", *offsets) + struct.pack("<I", len(body) + 8)
    body[: len(head)] = head
    return bytes(body) + struct.pack("<Q", xxhash.xxh3_64_intdigest(bytes(body)))
