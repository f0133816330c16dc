"""Text runs: documents, terms, postings. formats/text-run.md."""

import struct

from primitives import Damage, Reader, checksum


class TextRun:
    """A run, read whole and held against itself."""

    def __init__(self, data: bytes, what: str):
        self.what = what
        if data[:8] != b"MnemeTxt" or checksum(data[16:]) != int.from_bytes(data[8:16], "little"):
            raise Damage(f"{what}: magic or checksum")
        reader = Reader(data, what, 16)
        version, analysis, flags, count = reader.u16(), reader.u16(), reader.u32(), reader.u64()
        if (version, flags) not in ((1, 0), (2, 1)) or (analysis, count) != (1, len(data)):
            raise Damage(f"{what}: version {version}, analysis {analysis}, flags {flags}")
        documents, owners, fields, terms = (reader.u32() for _ in range(4))
        dictionary_count, postings_count = reader.u64(), reader.u64()
        positions_count = reader.u64() if version == 2 else None
        self._reader = reader
        self._fields = [struct.unpack("<HHIQ", self._section(16)) for _ in range(fields)]
        numbers = self._array("I", owners)
        firsts = self._array("I", owners + 1)
        owner_documents = self._array("I", owners * fields)
        owner_lengths = self._array("Q", owners * fields)
        ordinals = self._array("Q", documents)
        births = self._array("Q", documents)
        self._lengths = self._array("H", fields * documents)
        blocks = (terms + 15) // 16
        starts = self._array("I", blocks)
        block_postings = self._array("Q", blocks)
        self._has_positions = positions_count is not None
        block_positions = self._array("Q", blocks) if self._has_positions else (0,) * blocks
        dictionary = self._section(dictionary_count)
        self._align()
        self._postings = self._section(postings_count)
        self._align()
        self._positions = self._section(positions_count or 0)
        self._align()
        if self._section(8) != bytes(8) or reader.offset != len(data):
            raise Damage(f"{what}: the sections do not end where the run does")
        if firsts[0] != 0 or firsts[-1] != documents:
            raise Damage(f"{what}: the owners' ranges do not cover the documents")
        self.documents = [
            (owner, ordinals[local], births[local])
            for owner, first, end in zip(numbers, firsts, firsts[1:])
            for local in range(first, end)]
        if any(a >= b for a, b in zip(self.documents, self.documents[1:])):
            raise Damage(f"{what}: documents are out of order")
        self._check_fields(owner_documents, owner_lengths, owners, documents)
        self.terms = self._read_terms(
            dictionary, terms, starts, block_postings, block_positions, documents)

    def _align(self):
        self._reader.offset = (self._reader.offset + 7) // 8 * 8

    def _section(self, count: int) -> bytes:
        return self._reader.take(count)

    def _array(self, letter: str, count: int) -> tuple:
        self._align()
        part = struct.unpack(f"<{count}{letter}", self._section(struct.calcsize(letter) * count))
        self._align()
        return part

    def _check_fields(self, owner_documents, owner_lengths, owners, documents):
        width = len(self._fields)
        for index, (_, _, count, length) in enumerate(self._fields):
            sums = (sum(owner_documents[owner * width + index] for owner in range(owners)),
                    sum(owner_lengths[owner * width + index] for owner in range(owners)))
            own = self._lengths[index * documents:(index + 1) * documents]
            if sums != (count, length) or sum(1 for one in own if one) != count:
                raise Damage(f"{self.what}: the counts of field {index} do not agree")
            if max(own, default=0) < 65535 and sum(own) != length:
                raise Damage(f"{self.what}: the lengths of field {index} do not add up")

    def _read_terms(
            self, dictionary, count, starts, block_postings, block_positions, documents) -> dict:
        reader, place, key, terms = Reader(dictionary, self.what), 0, b"", {}
        position_place = 0
        for index in range(count):
            if index % 16 == 0:
                block = index // 16
                if (starts[block], block_postings[block], block_positions[block]) != (
                        reader.offset, place, position_place):
                    raise Damage(f"{self.what}: dictionary block {index // 16} is elsewhere")
                shared = 0
            else:
                shared = reader.leb128()
            following = key[:shared] + reader.take(reader.leb128())
            if following <= key or shared > len(key):
                raise Damage(f"{self.what}: term {index} is out of order")
            key = following
            holding, size = reader.leb128(), reader.leb128()
            terms[key] = self._read_list(self._postings[place:place + size], holding, documents)
            place += size
            if self._has_positions:
                size = reader.leb128()
                self._check_positions(
                    self._positions[position_place:position_place + size], terms[key])
                position_place += size
        if (reader.offset, place, position_place) != (
                len(dictionary), len(self._postings), len(self._positions)):
            raise Damage(f"{self.what}: dictionary or postings have bytes left")
        self._check_lengths(terms, documents)
        return terms

    def _read_list(self, data: bytes, count: int, documents: int) -> list[tuple[int, int]]:
        """Postings as (local, frequency)."""
        if count < 128:
            found = self._tail(Reader(data, self.what), count, -1)
        else:
            found = self._blocks(data, count)
        if found[-1][0] >= documents:
            raise Damage(f"{self.what}: a posting of document {found[-1][0]}")
        return found

    @staticmethod
    def _tail(reader: Reader, count: int, before: int) -> list[tuple[int, int]]:
        found = []
        for _ in range(count):
            number = reader.leb128()
            before += (number >> 1) + 1
            found.append((before, 1 if number & 1 else reader.leb128()))
        if reader.offset != len(reader.data):
            raise Damage(f"{reader.what}: bytes are left after a list of postings")
        return found

    def _blocks(self, data: bytes, count: int) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for index in range((count + 127) // 128):
            last, offset, most, once, step_bits, frequency_bits, more = struct.unpack_from(
                "<IIHHBBH", data, index * 16)
            before = found[-1][0] if found else -1
            size = min(128, count - index * 128)
            if size < 128:
                block = self._tail(Reader(data, self.what, offset), size, before)
            else:
                steps = self._packed(data, offset, step_bits)
                frequencies = self._packed(data, offset + 16 * step_bits, frequency_bits)
                block = []
                for step, frequency in zip(steps, frequencies):
                    before += step + 1
                    block.append((before, frequency + 1))
            if block[-1][0] != last or max(one[1] for one in block) != most:
                raise Damage(f"{self.what}: a block of postings is not what its directory says")
            self._check_bounds(block, once, more)
            found += block
        return found

    def _check_bounds(self, block: list[tuple[int, int]], once: int, more: int):
        """The least lengths of a block are checked against all fields, as a list has no field yet."""
        count = len(self._lengths) // max(len(self._fields), 1)
        for bound, chosen in (
                (once, [local for local, frequency in block if frequency == 1]),
                (more, [local for local, frequency in block if frequency > 1])):
            least = {
                min((self._lengths[field * count + local] for local in chosen), default=65535)
                for field in range(len(self._fields))}
            if bound not in least:
                raise Damage(f"{self.what}: a block's least length {bound} is no field's")

    def _check_positions(self, data: bytes, postings: list[tuple[int, int]]):
        """As many positions a posting as its frequency, ascending, or none that are known."""
        blocks = (len(postings) + 127) // 128 if len(postings) >= 128 else 0
        starts = struct.unpack_from(f"<{blocks}I", data)
        reader = Reader(data, self.what, 4 * blocks)
        for index, (local, frequency) in enumerate(postings):
            if blocks and index % 128 == 0 and starts[index // 128] != reader.offset:
                raise Damage(f"{self.what}: a block of positions is elsewhere")
            position = reader.leb128() - 1
            if position < 0:
                continue
            for _ in range(frequency - 1):
                position += reader.leb128() + 1
            if position >= 1 << 31:
                raise Damage(f"{self.what}: document {local} has a word at {position}")
        if reader.offset != len(data):
            raise Damage(f"{self.what}: bytes are left after the positions of a term")

    def _packed(self, data: bytes, offset: int, bits: int) -> list[int]:
        number = int.from_bytes(data[offset:offset + 16 * bits], "little")
        mask = (1 << bits) - 1
        return [number >> index * bits & mask for index in range(128)]

    def _check_lengths(self, terms: dict, documents: int):
        """Frequencies of a document add up to its length, field by field."""
        places = {number: index for index, (number, _, _, _) in enumerate(self._fields)}
        sums = [0] * len(self._lengths)
        for key, postings in terms.items():
            field = places.get(int.from_bytes(key[:2], "big"))
            if field is None:
                raise Damage(f"{self.what}: a term of an unknown field")
            for local, frequency in postings:
                sums[field * documents + local] += frequency
        for index, length in enumerate(self._lengths):
            if length < 65535 and sums[index] != length:
                raise Damage(
                    f"{self.what}: document {index % max(documents, 1)} has {sums[index]} words, "
                    f"its length is {length}")
