"""Backups: the manifest, and every file and frame held against it. formats/backup.md."""

import os
from typing import NamedTuple

from log import CLOSE, COMMIT, FIRST, Segment
from primitives import Damage, Findings, Newer, Reader, checksum

HEAD, ENTRY = 176, 40


class Entry(NamedTuple):
    file: int
    made: int
    number: int
    byte_count: int
    checksum: int
    first_sequence: int


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
        if version != 1:
            raise Newer(f"{path}: version {version}")
        self.path, self.kind = path, reader.u32()
        self.identity = (reader.u64(), reader.u64())
        self.id, self.base = (reader.u64(), reader.u64()), (reader.u64(), reader.u64())
        self.base_sequence, self.first_sequence = reader.u64(), reader.u64()
        self.last_sequence, self.commit, self.time = reader.u64(), reader.u64(), reader.i64()
        self.end, self.frame_checksum = reader.u64(), reader.u64()
        self.incarnation, self.epoch, count = reader.u64(), reader.u32(), reader.u32()
        self.made, self.base_end, self.base_checksum = reader.i64(), reader.u64(), reader.u64()
        reader.u64()
        if len(data) != HEAD + ENTRY * count:
            raise Damage(f"{path}: {count} files in {len(data)} bytes")
        self.entries = [
            Entry(reader.u32(), reader.u32(), reader.u64(), reader.u64(), reader.u64(), reader.u64())
            for _ in range(count)]

    def check(self, findings: Findings):
        """What must hold of the manifest alone."""
        segments = self.entries[1:]
        findings.expect(bool(segments), "the manifest names no segment")
        findings.expect(self.entries[0].file == 1 and self.entries[0].made == 1
                        and all(entry.file == 2 for entry in segments), "kinds of files")
        findings.expect(self.kind in (1, 2) and self.id != (0, 0), "kind or id")
        numbers = [entry.number for entry in segments]
        findings.expect(numbers == list(range(numbers[0], numbers[0] + len(numbers))), "a gap")
        findings.expect(segments[-1].made == 1, "the tail is linked")
        findings.expect(self.end >> 24 == numbers[-1]
                        and (self.end & 0xFFFFFF) * 8 == segments[-1].byte_count, "the end")
        findings.expect(segments[0].first_sequence == self.first_sequence, "first sequence")
        if self.kind == 1:
            findings.expect(numbers[0] == 1 and self.first_sequence == 1
                            and self.base == (0, 0) and self.base_sequence == 0, "a full backup")
        else:
            findings.expect(self.base not in ((0, 0), self.id)
                            and self.base_end >> 24 == numbers[0]
                            and self.first_sequence <= self.base_sequence + 1
                            and self.last_sequence >= self.base_sequence, "an increment")


def read_backup(directory: str, findings: Findings) -> dict:
    """Reads a backup and returns the summary."""
    manifest = Manifest(os.path.join(directory, "manifest"))
    manifest.check(findings)
    for entry in manifest.entries:
        name = "store" if entry.file == 1 else os.path.join("log", f"{entry.number:012}.log")
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
    """Every frame of every segment, in order."""
    expected, commit, last = manifest.first_sequence, None, None
    met_base = manifest.kind == 1 or manifest.base_end & 0xFFFFFF == FIRST >> 3
    for entry in manifest.entries[1:]:
        path = os.path.join(directory, "log", f"{entry.number:012}.log")
        if entry.byte_count == FIRST:
            continue  # a tail without frames
        segment = Segment.read(path, entry.number)
        if segment is None or segment.identity != manifest.identity:
            raise Damage(f"{path}: no header, or of another store")
        findings.expect(segment.first_sequence == entry.first_sequence == expected,
                        f"{path}: begins with sequence {segment.first_sequence}")
        offset, hashes = FIRST, b""
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
    findings.expect(met_base, "the base's last frame does not stand where it stood")
    findings.expect(expected == manifest.last_sequence + 1, f"the frames end before {expected}")
    if last is not None:
        findings.expect(last.checksum == manifest.frame_checksum, "the last frame is another one")
    if commit is not None:
        findings.expect((commit.sequence, commit.time) == (manifest.commit, manifest.time),
                        "the last commit is another one")
