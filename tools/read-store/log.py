"""The log: segments, frames, batches, the tail. formats/log.md."""

import os
from typing import Iterator, NamedTuple

from encryption import Vault, opened
from primitives import Damage, Findings, Newer, Reader, checksum

HEAD = 72
FIRST = 4096
COMMIT, CLOSE, DICTIONARY, PACK = 1, 2, 3, 4
PACKED = 1
FIRST_OF_STORE = 16
COLD = 1 << 35
SUMMARY = 22
MIX = 0x9E3779B97F4A7C15


class Frame(NamedTuple):
    segment: int
    offset: int
    length: int
    type: int
    flags: int
    schema_version: int
    epoch: int
    incarnation: int
    sequence: int
    time: int
    owner: int
    key_id: int
    plain_count: int
    checksum: int
    columns: bytes
    body: bytes
    vectors: bytes
    dictionary: "bytes | None" = None  # what the body is packed against
    in_pack: "int | None" = None  # its number in the pack that stands at the offset

    @property
    def place(self) -> int:
        if self.in_pack is not None:
            return (1 << 63 | self.segment - COLD << 34 | self.in_pack << 24 | self.offset >> 3)
        return self.segment << 24 | self.offset >> 3

    @property
    def vector_offset(self) -> int:
        return self.offset + HEAD + len(self.columns) + len(self.body)

    def __str__(self) -> str:
        return f"frame {self.sequence} (segment {self.segment}, offset {self.offset})"


class Batch(NamedTuple):
    frames: list[Frame]
    commit: "Frame | None"  # None for what a cold segment holds
    end: int  # place after the commit frame


class Segment:
    """One file with a whole header."""

    def __init__(self, path: str, number: int, data: bytes, header: Reader):
        self.path, self.number, self.data = path, number, data
        self.version = header.u32()
        self.salt: "bytes | None" = None
        self.key: "bytes | None" = None
        header.u32()
        self.identity = (header.u64(), header.u64())
        self.own_number, self.first_sequence, self.byte_count = (
            header.u64(), header.u64(), header.u64())
        self.dictionary: "bytes | None" = None

    @staticmethod
    def read(path: str, number: int) -> "Segment | None":
        """The segment, None when the file has no whole header."""
        with open(path, "rb") as file:
            data = file.read()
        if len(data) <= FIRST:
            return None
        for start in (0, 2048):
            copy = data[start:start + 64]
            stored = int.from_bytes(copy[:8], "little")
            if copy[8:16] != b"MNEMELG1" or checksum(copy[8:]) != stored:
                continue
            segment = Segment(path, number, data, Reader(copy, path, 16))
            if segment.version == 2:
                # formats/encryption.md#log
                segment.salt = data[start + 128:start + 160]
                if checksum(segment.salt, stored) != int.from_bytes(
                        data[start + 160:start + 168], "little"):
                    continue
            return segment
        return None

    def frame(self, offset: int, is_behind: bool = False) -> Frame:
        """The frame at an offset, verified; one that stands behind the last may be a dictionary."""
        what = f"segment {self.number}, offset {offset}"
        reader = Reader(self.data, what, offset)
        length, kind, flags, version = reader.u32(), reader.u8(), reader.u8(), reader.u16()
        schema, epoch, incarnation, sequence = reader.u32(), reader.u32(), reader.u64(), reader.u64()
        time, owner, key_id = reader.i64(), reader.u64(), reader.u32()
        columns, body, plain, stored = reader.u32(), reader.u32(), reader.u32(), reader.u64()
        if length < HEAD + columns + body or offset + length > len(self.data):
            raise Damage(f"{what}: no frame stands here")
        if version != 1:
            raise Newer(f"{what}: a frame of format version {version}")
        head = self.data[offset:offset + 64]
        rest = self.data[offset + HEAD:offset + length]
        seed = (self.number * MIX & 0xFFFF_FFFF_FFFF_FFFF) ^ sequence
        if checksum(rest, checksum(head, seed)) != stored:
            raise Damage(f"{what}: the checksum does not match")
        belonging = (COMMIT, CLOSE, *([DICTIONARY] if is_behind else []),
                     *([PACK] if self.number > COLD else []))
        if kind not in belonging and kind < FIRST_OF_STORE:
            raise Newer(f"{what}: type {kind}")
        may_pack = self.number > COLD and kind >= FIRST_OF_STORE
        if flags & ~PACKED or flags and not may_pack or key_id > (self.salt is not None):
            raise Newer(f"{what}: flags {flags}, key {key_id}")
        if self.salt is not None and (
                kind >= FIRST_OF_STORE or kind in (DICTIONARY, PACK)) != (key_id == 1):
            raise Damage(f"{what}: was not written with the store's key")
        if key_id == 1:
            if length < HEAD + columns + body + 24:
                raise Damage(f"{what}: no room for a trailer")
            trailer, rest = rest[-24:], rest[:-24]
            if self.key is not None:
                nonce = trailer[:8] + (sequence & 0xFFFF_FFFF).to_bytes(4, "little")
                rest = opened(self.key, nonce, rest + trailer[8:], head, what)
        return Frame(
            self.number, offset, length, kind, flags, schema, epoch, incarnation, sequence, time,
            owner, key_id, plain, stored, rest[:columns], rest[columns:columns + body],
            rest[columns + body:], self.dictionary if flags & PACKED else None)

    def unpacked(self, frame: Frame) -> list[Frame]:
        """The frames of a pack, any other frame by itself: formats/log.md#pack."""
        if frame.type != PACK or frame.key_id == 1 and self.key is None:
            return [frame]
        reader = Reader(frame.columns, str(frame))
        count, kind, words, common = reader.u16(), reader.u8(), reader.u8(), reader.u16()
        reader.u16()
        described = [(reader.u8(), reader.leb128()) for _ in range(5 + words + common)]
        row_bits = sum(bits for bits, _ in described)
        rests = (count * row_bits + 7) // 8
        if (not 2 <= count <= 1024 or kind < FIRST_OF_STORE or words > 16 or common > 1024
                or frame.flags or frame.owner or frame.plain_count or frame.vectors
                or reader.offset != len(frame.columns) or rests > len(frame.body)
                or any(bits > 64 for bits, _ in described)
                or any(bits > 8 for bits, _ in described[5 + words:])):
            raise Damage(f"{frame}: a pack that cannot be")
        rows = int.from_bytes(frame.body[:rests], "little")
        frames: list[Frame] = []
        begin, sequence = 0, frame.sequence - 1
        for number in range(count):
            values = []
            for bits, least in described:
                values.append(least + (rows & (1 << bits) - 1))
                rows >>= bits
            end, plain, own, time, owner = values[:5]
            first = values[5 + words:]
            if (max(values) >> 64 or plain >> 32 or any(byte > 255 for byte in first)
                    or not sequence < own < 1 << 62 or number == 0 and own != frame.sequence
                    or not begin <= end <= len(frame.body) - rests):
                raise Damage(f"{frame}: frame {number} of the pack cannot be")
            frames.append(frame._replace(
                type=kind, sequence=own, owner=owner, plain_count=plain, checksum=0,
                time=time - (1 << 64) if time >> 63 else time,
                columns=b"".join(word.to_bytes(8, "little") for word in values[5:5 + words]),
                body=bytes(first) + frame.body[rests + begin:rests + end], in_pack=number))
            begin, sequence = end, own
        return frames

    def find_dictionary(self, end: int) -> "bytes | None":
        """What bodies are packed against: formats/log.md#dictionary."""
        for offset in range((end + 4095) // 4096 * 4096, len(self.data) - HEAD + 1, 4096):
            if self.data[offset + 4] != DICTIONARY:
                continue
            try:
                frame = self.frame(offset, is_behind=True)
            except Damage:
                continue
            if frame.sequence == 0 and not (frame.flags or frame.columns or frame.vectors
                                            or frame.plain_count):
                return frame.body
        return None

    def last_nonzero(self, start: int) -> int:
        """The offset after the last byte from `start` on that is not zero, a multiple of 8."""
        count = len(self.data[start:].rstrip(b"\x00"))
        return start + (count + 7) // 8 * 8


class ColdSegment:
    """A segment that was written again: what is still needed of a run of others."""

    def __init__(self, segment: Segment, part: Reader):
        self.segment, self.number = segment, segment.number
        self.first, self.last = part.u64(), part.u64()
        self.first_sequence, self.last_sequence = segment.first_sequence, part.u64()
        self.as_of, self.end, self.count, self.hash = (
            part.u64(), part.u64(), part.u64(), part.u64())

    @staticmethod
    def read(segment: Segment) -> "ColdSegment | None":
        """None where it has no whole header, as it was never finished."""
        for start in (64, 2112):
            part = segment.data[start:start + 64]
            if checksum(part[8:], segment.number) == int.from_bytes(part[:8], "little"):
                cold = ColdSegment(segment, Reader(part, segment.path, 8))
                if (0 < cold.first <= cold.last < COLD and 0 < cold.first_sequence
                        <= cold.last_sequence <= cold.as_of and FIRST <= cold.end
                        <= len(segment.data) and cold.end % 8 == 0):
                    return cold
        return None

    def holds(self, number: int) -> bool:
        return self.first <= number <= self.last

    def frames(self) -> list[Frame]:
        """All frames, the summary last."""
        self.segment.dictionary = self.segment.find_dictionary(self.end)
        frames: list[Frame] = []
        offset, sequence, hashes = FIRST, self.first_sequence, b""
        while offset < self.end:
            whole = self.segment.frame(offset)
            for frame in self.segment.unpacked(whole):
                if (not sequence <= frame.sequence <= self.last_sequence
                        or frame.type < FIRST_OF_STORE and frame.type != PACK):
                    raise Damage(f"{frame}: it does not belong there")
                frames.append(frame)
                sequence = frame.sequence + 1
            hashes += whole.checksum.to_bytes(8, "little")
            offset = (offset + whole.length + 7) // 8 * 8
        if offset != self.end or len(hashes) != 8 * self.count or checksum(hashes) != self.hash:
            raise Damage(f"{self.segment.path}: other frames than its header counts")
        if (not frames or frames[-1].sequence != self.last_sequence
                or [frame.type == SUMMARY for frame in frames].index(True) != len(frames) - 1):
            raise Damage(f"{self.segment.path}: the summary is not its last frame")
        return frames


class Log:
    """All segments of a store, in order."""

    def __init__(
        self, directory: str, identity: tuple[int, int],
        mentions: "dict[int, bool] | None" = None, vault: "Vault | None" = None
    ):
        """`mentions`: which cold segments the state names, and whether they are complete."""
        self.segments: dict[int, Segment] = {}
        found: dict[int, ColdSegment] = {}
        self.spares = 0
        for name in sorted(os.listdir(directory)):
            is_cold = name.startswith("cold-")
            stem, extension = os.path.splitext(name.removeprefix("cold-"))
            if (extension != ".log" or not stem.isdecimal()
                    or name.removeprefix("cold-") != f"{int(stem):012}.log"):
                continue
            number = int(stem) + (COLD if is_cold else 0)
            segment = Segment.read(os.path.join(directory, name), number)
            if segment is None and is_cold:
                continue
            if segment is None:
                self.spares += 1
                continue
            if segment.version not in (1, 2):
                raise Newer(f"{segment.path}: version {segment.version}")
            if segment.identity != identity or segment.own_number != segment.number:
                raise Damage(f"{segment.path}: of another store, or misnamed")
            if (segment.salt is None) != (vault is None):
                raise Damage(f"{segment.path}: encrypted, or not, otherwise than the store is")
            if vault is not None:
                segment.key = vault.segment(segment.number, segment.salt)
            if not is_cold:
                self.segments[number] = segment
            elif (cold := ColdSegment.read(segment)) is not None:
                found[number] = cold
        self._choose(found, mentions, directory)
        self.passed = [number for number in self.segments
                       if any(cold.holds(number) for cold in self.cold)]
        for number in self.passed:
            del self.segments[number]
        numbers = sorted([*self.segments, *(
            number for cold in self.cold for number in range(cold.first, cold.last + 1))])
        if not numbers:
            raise Damage(f"{directory}: no segment has a whole header")
        gaps = [f"{low + 1} to {high - 1}"
                for low, high in zip([0, *numbers], numbers) if high > low + 1]
        if gaps:
            raise Damage(f"{directory}: segments {', '.join(gaps)} are missing")
        begin = self.segments[1] if 1 in self.segments else self.cold[0]
        if begin.first_sequence != 1:
            raise Damage(f"{directory}: begins with sequence {begin.first_sequence}")
        self.closes = 0
        self.incarnation = 0
        self.cuts: set[tuple[int, int]] = set()  # how long a close may leave a segment
        self.durable = max((cold.as_of for cold in self.cold), default=0)
        self.end_segment: "Segment | None" = None
        self.end_offset = FIRST
        self.next_sequence = 1

    def _choose(
        self, found: dict[int, ColdSegment], mentions: "dict[int, bool] | None", directory: str
    ):
        """Which cold segments are read in the place of others, and which only repeat them."""
        if mentions is None:
            standing = [
                cold for cold in found.values()
                if not any(other.number > cold.number and other.holds(cold.first)
                           for other in found.values())]
            repeating = []
        else:
            lost = [number - COLD for number in mentions if number not in found]
            if lost:
                raise Damage(f"{directory}: cold segments {lost} are missing")
            standing = [found[number] for number, is_complete in mentions.items() if is_complete]
            repeating = [
                found[number] for number, is_complete in mentions.items() if not is_complete]
        self.cold = sorted(standing, key=lambda cold: cold.first)
        # Where else a frame stands, by its sequence: places lead to either.
        self.copies = {
            frame.sequence: frame for cold in repeating for frame in cold.frames()
            if frame.type != SUMMARY}

    def batches(self) -> Iterator[Batch]:
        """Every whole batch, and what cold segments hold; afterwards the end is known."""
        number = 1
        while True:
            for cold in self.cold:
                if cold.first == number and cold.first_sequence == self.next_sequence:
                    yield Batch(cold.frames(), None, cold.number << 24 | cold.end >> 3)
                    number, self.next_sequence = cold.last + 1, cold.last_sequence + 1
            following = self.segments.get(number)
            if following is None or following.first_sequence != self.next_sequence:
                if self.end_segment is None:
                    raise Damage(f"no segment goes on with sequence {self.next_sequence}")
                return
            self.end_segment, self.end_offset = following, FIRST
            while (batch := self._batch()) is not None:
                yield batch
            number += 1

    def _batch(self) -> "Batch | None":
        frames: list[Frame] = []
        offset, sequence = self.end_offset, self.next_sequence
        while True:
            try:
                frame = self.end_segment.frame(offset)
            except Newer:
                raise
            except Damage:
                return None
            if frame.sequence != sequence or frame.incarnation < self.incarnation:
                return None
            offset = (offset + frame.length + 7) // 8 * 8
            sequence += 1
            if frame.type == COMMIT:
                if not self._ends(frame, frames):
                    return None
                self._reach(frame, offset)
                return Batch(frames, frame, frame.segment << 24 | offset >> 3)
            if frame.type == CLOSE:
                if frames:
                    return None
                self.closes += 1
                self.cuts.add((frame.segment, (offset + HEAD + 4095) // 4096 * 4096))
                self._reach(frame, offset)
            else:
                frames.append(frame)

    @staticmethod
    def _ends(commit: Frame, frames: list[Frame]) -> bool:
        reader = Reader(commit.columns, str(commit))
        count = reader.u32()
        reader.u32()
        hashes = b"".join(frame.checksum.to_bytes(8, "little") for frame in frames)
        return count == len(frames) and reader.u64() == checksum(hashes)

    def _reach(self, frame: Frame, offset: int):
        self.durable = max(self.durable, Reader(frame.columns, str(frame), 16).u64())
        self.incarnation = max(self.incarnation, frame.incarnation)
        self.end_offset, self.next_sequence = offset, frame.sequence + 1

    def judge_tail(self, findings: Findings) -> str:
        """What stands behind the end. Call when all batches were taken."""
        behind, claimed = 0, self.durable
        for segment in self.segments.values():
            count = len(segment.data)
            findings.expect(
                count == segment.byte_count
                or count < segment.byte_count and (segment.number, count) in self.cuts,
                f"segment {segment.number} has {count} bytes, not {segment.byte_count}")
        for number in sorted(self.segments):
            if number < self.end_segment.number:
                continue
            segment = self.segments[number]
            if segment is not self.end_segment:
                claimed = max(claimed, segment.first_sequence - 1)
            start = self.end_offset if segment is self.end_segment else FIRST
            limit = segment.last_nonzero(start)
            behind += limit - start
            for offset in range(start, limit, 8):
                # Only the log's own frames count; most offsets fail on the type already.
                head = segment.data[offset + 4:offset + 8]
                sequence = int.from_bytes(segment.data[offset + 24:offset + 32], "little")
                if head[0] >= FIRST_OF_STORE or head[2:4] != b"\x01\x00":
                    continue
                if sequence < self.next_sequence:
                    continue
                try:
                    frame = segment.frame(offset)
                    claimed = max(claimed, Reader(frame.columns, str(frame), 16).u64())
                except Newer:
                    raise
                except Damage:
                    continue
        findings.expect(
            self.next_sequence > claimed,
            f"the log ends before sequence {self.next_sequence}, and everything up to {claimed} "
            "was durable once")
        if behind == 0:
            return "a clean end" if self.closes else "an end without a close"
        return f"{behind} bytes of an unfinished group behind the end"
