"""Backups: the manifest, and every file and frame held against it. formats/backup.md."""

import os
from typing import NamedTuple

from log import CLOSE, COMMIT, FIRST, Segment
from primitives import Damage, Findings, Newer, Reader, checksum

HEAD = 176
COPIED, IN_BASE = 1, 3
PLAIN, COLD = 2, 3
COLD_BASE = 1 << 35
SUMMARY = 22


class Entry(NamedTuple):
    file: int
    made: int
    number: int
    byte_count: int
    checksum: int
    first_sequence: int
    first_segment: int = 0
    last_segment: int = 0
    last_sequence: int = 0
    as_of: int = 0
    hash: int = 0

    @property
    def run(self) -> tuple[int, int]:
        """The plain segments that it is, or stands for."""
        if self.file == COLD:
            return self.first_segment, self.last_segment
        return self.number, self.number

    @property
    def name(self) -> str:
        if self.file == 1:
            return "store"
        if self.file == COLD:
            return os.path.join("log", f"cold-{self.number - COLD_BASE:012}.log")
        return os.path.join("log", f"{self.number:012}.log")


class Manifest:
    """The file that makes a directory a backup."""

    def __init__(self, path: str):
        with open(path, "rb") as file:
            data = file.read()
        reader = Reader(data, path)
        stored = reader.u64()
        if data[8:16] != b"MNEMEBK1" or checksum(data[8:]) != stored:
            raise Damage(f"{path}: no manifest, or damaged")
        reader.u64()
        version = reader.u32()
        if version not in (1, 2):
            raise Newer(f"{path}: version {version}")
        self.version = version
        self.path, self.kind = path, reader.u32()
        self.identity = (reader.u64(), reader.u64())
        self.id, self.base = (reader.u64(), reader.u64()), (reader.u64(), reader.u64())
        self.base_sequence, self.first_sequence = reader.u64(), reader.u64()
        self.last_sequence, self.commit, self.time = reader.u64(), reader.u64(), reader.i64()
        self.end, self.frame_checksum = reader.u64(), reader.u64()
        self.incarnation, self.epoch, count = reader.u64(), reader.u32(), reader.u32()
        self.made, self.base_end, self.base_checksum = reader.i64(), reader.u64(), reader.u64()
        reader.u64()
        numbers = 4 if version == 1 else 9
        if len(data) != HEAD + (8 + 8 * numbers) * count:
            raise Damage(f"{path}: {count} files in {len(data)} bytes")
        self.entries = [
            Entry(reader.u32(), reader.u32(), *[reader.u64() for _ in range(numbers)])
            for _ in range(count)]

    def sequence_behind(self, index: int) -> int:
        """The sequence of the frame that would follow a segment."""
        entry = self.entries[index]
        if entry.file == COLD:
            return entry.last_sequence + 1
        if index + 1 < len(self.entries):
            return self.entries[index + 1].first_sequence
        return self.last_sequence + 1

    def check(self, findings: Findings):
        """What must hold of the manifest alone."""
        segments = self.entries[1:]
        findings.expect(bool(segments), "the manifest names no segment")
        findings.expect(self.entries[0].file == 1 and self.entries[0].made == COPIED
                        and all(entry.file in (PLAIN, COLD) for entry in segments), "kinds of files")
        findings.expect(self.kind in (1, 2) and self.id != (0, 0), "kind or id")
        follows = segments[0].run[0]
        for entry in segments:
            findings.expect(entry.run[0] == follows, f"{entry.name} does not follow")
            follows = entry.run[1] + 1
            findings.expect((entry.number > COLD_BASE) == (entry.file == COLD), "a cold number")
            findings.expect(entry.made != IN_BASE or self.version == 2 and self.kind == 2, "made")
            if entry.file == COLD:
                findings.expect(entry.first_sequence <= entry.last_sequence <= entry.as_of
                                <= self.last_sequence, f"{entry.name}: its sequences")
        last = segments[-1]
        findings.expect(last.made == COPIED and last.file == PLAIN, "the tail is linked or cold")
        findings.expect(self.end >> 24 == last.number
                        and (self.end & 0xFFFFFF) * 8 == last.byte_count, "the end")
        findings.expect(segments[0].first_sequence == self.first_sequence, "first sequence")
        if self.kind == 1 or self.version == 2:
            findings.expect(segments[0].run[0] == 1 and self.first_sequence == 1, "the beginning")
        if self.kind == 1:
            findings.expect(self.base == (0, 0) and self.base_sequence == 0, "a full backup")
        else:
            findings.expect(self.base not in ((0, 0), self.id)
                            and (self.version == 2 or self.base_end >> 24 == last.number
                                 or self.base_end >> 24 == segments[0].number)
                            and self.base_end <= self.end
                            and self.first_sequence <= self.base_sequence + 1
                            and self.last_sequence >= self.base_sequence, "an increment")


def read_backup(directory: str, findings: Findings) -> dict:
    """Reads a backup and returns the summary."""
    manifest = Manifest(os.path.join(directory, "manifest"))
    manifest.check(findings)
    for entry in manifest.entries:
        if entry.made == IN_BASE:
            continue
        name = entry.name
        with open(os.path.join(directory, name), "rb") as file:
            data = file.read()
        findings.expect(len(data) == entry.byte_count, f"{name}: {len(data)} bytes")
        findings.expect(checksum(data) == entry.checksum, f"{name}: another checksum")
    walk(directory, manifest, findings)
    return {"store": f"{manifest.identity[0]:016x}{manifest.identity[1]:016x}",
            "backup": {"kind": {1: "full", 2: "increment"}[manifest.kind],
                       "segments": len(manifest.entries) - 1, "sequence": manifest.last_sequence,
                       "commit": manifest.commit}}


def walk(directory: str, manifest: Manifest, findings: Findings):
    """Every frame of every segment that is here, in order."""
    commit, last = None, None
    met_base = manifest.kind == 1 or manifest.base_end & 0xFFFFFF == FIRST >> 3
    for index, entry in enumerate(manifest.entries):
        if entry.file == 1 or entry.made == IN_BASE:
            continue
        path = os.path.join(directory, entry.name)
        if entry.byte_count == FIRST:
            continue  # a tail without frames
        segment = Segment.read(path, entry.number)
        if segment is None or segment.identity != manifest.identity:
            raise Damage(f"{path}: no header, or of another store")
        findings.expect(segment.first_sequence == entry.first_sequence,
                        f"{path}: begins with sequence {segment.first_sequence}")
        if entry.file == COLD:
            walk_cold(path, segment, entry, manifest, findings)
            commit, last = None, None
            if entry.run[0] <= manifest.base_end >> 24 <= entry.run[1]:
                met_base = True
            continue
        offset, hashes, expected = FIRST, b"", entry.first_sequence
        while offset + 72 <= len(segment.data) and any(segment.data[offset:offset + 4]):
            frame = segment.frame(offset)
            findings.expect(frame.sequence == expected, f"{frame}: expected {expected}")
            expected, offset = frame.sequence + 1, (offset + frame.length + 7) // 8 * 8
            if frame.type not in (COMMIT, CLOSE):
                hashes += frame.checksum.to_bytes(8, "little")
                continue
            columns = Reader(frame.columns, str(frame))
            count = columns.u32()
            columns.u32()
            stored = columns.u64()
            findings.expect(count == len(hashes) // 8, f"{frame}: {count} frames")
            if frame.type == COMMIT:
                findings.expect(stored == checksum(hashes), f"{frame}: another batch")
                commit = frame
            hashes, last = b"", frame
            if frame.segment << 24 | offset >> 3 == manifest.base_end and manifest.kind == 2:
                met_base = (frame.sequence == manifest.base_sequence
                            and frame.checksum == manifest.base_checksum)
            findings.expect(frame.incarnation <= manifest.incarnation, f"{frame}: incarnation")
        findings.expect(not hashes, f"{path}: ends within a batch")
        findings.expect(expected == manifest.sequence_behind(index),
                        f"{path}: the frames end before {expected}")
    findings.expect(met_base, "the base's last frame does not stand where it stood")
    if last is not None:
        findings.expect(last.checksum == manifest.frame_checksum, "the last frame is another one")
    if commit is not None:
        findings.expect((commit.sequence, commit.time) == (manifest.commit, manifest.time),
                        "the last commit is another one")


def walk_cold(path: str, segment: Segment, entry: Entry, manifest: Manifest, findings: Findings):
    """What a cold segment's header says, and its frames."""
    part = None
    for start in (64, 2112):
        bytes_ = segment.data[start:start + 64]
        if checksum(bytes_[8:], entry.number) == int.from_bytes(bytes_[:8], "little"):
            part = Reader(bytes_, path, 8)
            break
    if part is None:
        raise Damage(f"{path}: no header of a cold segment")
    said = (part.u64(), part.u64(), part.u64(), part.u64())
    end, count, stored = part.u64(), part.u64(), part.u64()
    findings.expect(said + (stored,) == entry[6:], f"{path}: its header says {said}")
    offset, hashes, sequence, frame = FIRST, b"", entry.first_sequence, None
    while offset < end:
        frame = segment.frame(offset)
        findings.expect(sequence <= frame.sequence <= entry.last_sequence, f"{frame}: sequence")
        findings.expect(frame.type not in (COMMIT, CLOSE), f"{frame}: type {frame.type}")
        findings.expect(frame.incarnation <= manifest.incarnation, f"{frame}: incarnation")
        hashes += frame.checksum.to_bytes(8, "little")
        sequence, offset = frame.sequence + 1, (offset + frame.length + 7) // 8 * 8
    findings.expect(offset == end and len(hashes) == 8 * count and checksum(hashes) == stored,
                    f"{path}: frames are missing")
    findings.expect(frame is not None and frame.type == SUMMARY, f"{path}: no summary")
