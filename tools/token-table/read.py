#!/usr/bin/env python3
"""A second reader of the token table, written from formats/token-table.md alone.

    read.py            checks the table against its page
    read.py TEXT …     prints each text's tokens and the first numbers of its vector
    read.py --help     prints this

Needs nothing but Python.
"""

import math
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
UNKNOWN = 100
SPECIAL = {0, 100, 101, 102, 103}
LONGEST_WORD = 100
NO_TOKEN = 0xFFFF
FIELDS = ["tokenEnds", "tokenBytes", "slots", "foldIndex", "foldBlocks", "folds", "foldBytes",
          "weights", "rows"]


class Table:
    def __init__(self, data):
        self.data = data
        assert data[:8] == b"MNEMETOK", "magic"
        (self.version, self.tokens, self.dimension, self.scale, self.weight_bits, self.longest,
         self.slot_bits, self.blocks, self.folds) = struct.unpack_from("<IIIfIIIII", data, 8)
        self.at = dict(zip(FIELDS, struct.unpack_from("<9I", data, 44)))
        (self.length,) = struct.unpack_from("<I", data, 80)

    def check(self):
        assert self.version == 1 and self.tokens == 30_522 and self.dimension == 256
        assert self.scale > 0 and self.weight_bits == 10 and self.slot_bits == 16
        assert self.longest <= 64 and self.blocks <= 65_536 and self.folds <= 65_532
        assert self.length == len(self.data) and not any(self.data[84:128])
        places = [self.at[field] for field in FIELDS]
        assert places == sorted(places) and all(place % 64 == 0 for place in places)
        ends = self.numbers("tokenEnds", "I", self.tokens + 1)
        assert ends[0] == 0 and all(a < b for a, b in zip(ends, ends[1:]))
        assert max(b - a for a, b in zip(ends, ends[1:])) == self.longest
        slots = self.numbers("slots", "H", 1 << self.slot_bits)
        assert sorted(slot for slot in slots if slot != NO_TOKEN) == list(range(self.tokens))
        for token in range(self.tokens):
            assert self.find(self.text(token)) == token
        assert max(self.numbers("foldIndex", "H", 8_704)) < self.blocks
        assert max(self.numbers("foldBlocks", "H", self.blocks * 128)) < self.folds + 4
        for entry in self.numbers("folds", "I", self.folds):
            first, count = entry & 0xFFFFFF, entry >> 24 & 127
            assert self.at["foldBytes"] + first + count <= self.at["weights"] and count > 0
        weights = self.numbers("weights", "h", self.tokens)
        assert {token for token, weight in enumerate(weights) if weight == 0} == SPECIAL
        assert min(weights) == 0
        assert min(self.numbers("rows", "b", self.tokens * self.dimension)) >= -127
        assert self.at["rows"] + self.tokens * self.dimension <= self.length - 8
        print("the table is as its page says")

    def numbers(self, field, kind, count):
        return struct.unpack_from(f"<{count}{kind}", self.data, self.at[field])

    def number(self, field, kind, index):
        size = struct.calcsize(kind)
        return struct.unpack_from(f"<{kind}", self.data, self.at[field] + index * size)[0]

    def text(self, token):
        first = self.at["tokenBytes"] + self.number("tokenEnds", "I", token)
        last = self.at["tokenBytes"] + self.number("tokenEnds", "I", token + 1)
        return self.data[first:last]

    def find(self, text):
        value = 0x811C9DC5
        for byte in text:
            value = (value ^ byte) * 0x01000193 % 2**32
        slot = value * 0x9E3779B1 % 2**32 >> 32 - self.slot_bits
        while (token := self.number("slots", "H", slot)) != NO_TOKEN:
            if self.text(token) == text:
                return token
            slot = (slot + 1) % 2**self.slot_bits
        return None

    def fold(self, scalar):
        """How a character is taken (0 word, 1 alone, 2 space, 3 dropped) and what it becomes."""
        block = self.number("foldIndex", "H", scalar >> 7)
        code = self.number("foldBlocks", "H", block * 128 + scalar % 128)
        if code < 4:
            return code, chr(scalar)
        entry = self.number("folds", "I", code - 4)
        first = self.at["foldBytes"] + (entry & 0xFFFFFF)
        return entry >> 31, self.data[first : first + (entry >> 24 & 127)].decode()

    def words(self, text):
        word = ""
        for character in text:
            kind, folded = self.fold(ord(character))
            if kind == 0:
                word += folded
            elif kind != 3:
                yield word
                yield folded if kind == 1 else ""
                word = ""
        yield word

    def pieces(self, word):
        if len(word) > LONGEST_WORD:
            return [UNKNOWN]
        tokens, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                token = self.find((b"##" if start else b"") + word[start:end].encode())
                if token is not None:
                    break
            else:
                return [UNKNOWN]
            tokens.append(token)
            start = end
        return tokens

    def tokenise(self, text):
        return [token for word in self.words(text) for token in self.pieces(word)]

    def vector(self, tokens):
        sums = [0] * self.dimension
        for token in tokens:
            weight = self.number("weights", "h", token)
            first = self.at["rows"] + token * self.dimension
            row = struct.unpack_from(f"<{self.dimension}b", self.data, first)
            sums = [value + weight * part for value, part in zip(sums, row)]
        length = math.sqrt(sum(value * value for value in sums))
        return [value / length for value in sums] if length else None


def main():
    if sys.argv[1:] in (["--help"], ["-h"]):
        print(__doc__.strip())
        return
    with open(os.path.join(ROOT, "Sources", "CTokenTable", "token-table.bin"), "rb") as file:
        table = Table(file.read())
    if len(sys.argv) == 1:
        table.check()
    for text in sys.argv[1:]:
        tokens = table.tokenise(text)
        print(" ".join(table.text(token).decode() for token in tokens))
        print("    ", *[f"{value:+.6f}" for value in (table.vector(tokens) or [])[:8]])


if __name__ == "__main__":
    main()
