"""Reads a store with nothing but the pages in formats/ to go by, and says what is wrong with it.

usage: read-store DIRECTORY [--key-file FILE] [--frames] [--json]

Verifies every checksum, replays the log into a dictionary of records and edges, reads the newest
checkpoint of the page file, and holds the two against each other. Of a backup, holds every file and
every frame against its manifest. Of an encrypted store, without its master key, holds every frame of
the log against its checksum, and says that the contents are encrypted. Changes nothing. Exit status: 0 all is well, 1 there are findings or
nothing can be read, 2 the command line is wrong.
"""

import argparse
import json
import os
import sys

from backup import read_backup
from compare import Checkpoint, compare
from encryption import Vault, read_key, unlock
from log import Log
from pagefile import PageFile
from primitives import Damage, Findings, Newer, Reader, checksum
from replay import State

NAMES = {16: "schema", 17: "owner", 18: "put", 19: "delete", 20: "link", 21: "unlink",
         22: "summary", 23: "erase (old)", 24: "erase", 25: "fork",
         26: "withdrawal", 27: "erase of an edge"}


def identity(
        path: str, master: "bytes | None" = None) -> "tuple[tuple[int, int], Vault | None]":
    """Which store it is, and its keys: formats/store.md#identity, formats/encryption.md."""
    with open(path, "rb") as file:
        data = file.read(4096)
    vault = unlock(data, path, master)
    if vault is not None:
        own = Reader(vault.identity, path)
        return (own.u64(), own.u64()), vault
    reader = Reader(data, path)
    stored = reader.u64()
    if data[8:16] != b"MNEMEST1" or checksum(data[8:]) != stored:
        raise Damage(f"{path}: no store")
    reader.u64()
    version = reader.u32()
    if version != 1:
        raise Newer(f"{path}: version {version}")
    reader.u32()
    if master is not None:
        raise Damage(f"{path}: the store is not encrypted, and a key was given")
    return (reader.u64(), reader.u64()), None


def refuse_unfinished(directory: str) -> None:
    """A whole marker, but of what a pruning has put in a backup's place, says that the directory
    is none of which a store can be read: formats/backup.md#marker."""
    try:
        with open(os.path.join(directory, "unfinished"), "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return
    if len(data) != 64 or data[8:16] != b"MNEMEWK1":
        return
    reader = Reader(data, "the marker")
    if reader.u64() != checksum(data[8:]):
        return
    reader.u64()
    if reader.u32() != 1:
        return
    kind = reader.u32()
    if kind in (1, 2, 3, 5):
        raise Damage(f"{directory}: not finished, or not removed yet (marker of kind {kind})")


def read_sealed(
        directory: str, own: tuple[int, int], vault: Vault, shows_frames: bool,
        findings: Findings) -> dict:
    """What can be told of an encrypted store without its key."""
    log = Log(os.path.join(directory, "log"), own, vault=vault)
    frames, batches = 0, 0
    for batch in log.batches():
        if shows_frames:
            show(batch)
        frames += len(batch.frames)
        batches += 1
    return {"contents": "are encrypted; give the master key to read them: --key-file FILE", "log": {
        "segments": len(log.segments), "batches": batches, "next sequence": log.next_sequence,
        "frames": frames, "tail": log.judge_tail(findings)}}


def read(
        directory: str, shows_frames: bool, findings: Findings,
        master: "bytes | None" = None) -> dict:
    """Reads everything and returns the summary."""
    refuse_unfinished(directory)
    own, vault = identity(os.path.join(directory, "store"), master)
    summary: dict = {"store": f"{own[0]:016x}{own[1]:016x}"}
    if vault is not None and vault.key is None:
        return {**summary, **read_sealed(directory, own, vault, shows_frames, findings)}
    path = os.path.join(directory, "pages")
    pages = PageFile(path, own, vault) if os.path.exists(path) else None
    point = Checkpoint(pages) if pages is not None and pages.has_checkpoint else None
    log = Log(os.path.join(directory, "log"), own, None if point is None else point.cold, vault)
    state = State(findings, is_sparse=bool(log.cold))
    batches, was_compared = 0, point is None
    if point is not None and point.next_sequence == 1:
        findings.expect(
            point.place == 1 << 24 | 512, "the checkpoint's place is not the log's first")
        summary["checkpoint"] = held(point, pages, state, log, findings)
        was_compared = True
    for batch in log.batches():
        if not was_compared and batch.frames[0].sequence >= point.next_sequence:
            summary["checkpoint"] = held(point, pages, state, log, findings)
            was_compared = True
        if shows_frames:
            show(batch)
        state.apply(batch)
        batches += 1
    if not was_compared and point.next_sequence == log.next_sequence:
        summary["checkpoint"] = held(point, pages, state, log, findings)
        was_compared = True
    findings.expect(
        was_compared,
        f"the checkpoint goes on with another sequence than {log.next_sequence}, before which the "
        "log ends")
    summary["log"] = {
        "segments": len(log.segments), "cold segments": len(log.cold),
        "batches": batches, "next sequence": log.next_sequence,
        "frames": {NAMES[kind]: count for kind, count in sorted(state.frames.items())},
        "tail": log.judge_tail(findings)}
    summary["state"] = {
        "records": len(state.records), "edges": len(state.edges), "owners": len(state.owners),
        "collections": [one.name for one in state.catalog.collections.values()],
        "edge types": list(state.catalog.edge_types.values())}
    return summary


def held(
    point: Checkpoint, pages: PageFile, state: State, log: Log, findings: Findings
) -> dict:
    """Compares the pages with the log as it stood at the checkpoint."""
    found = compare(point, pages, state, log, findings)
    return {"number": pages.checkpoint, "sequence": point.sequence, "pages": len(pages.pages),
            **found}


def show(batch):
    for frame in [*batch.frames, *([batch.commit] if batch.commit else [])]:
        print(f"{frame.sequence:8d} {NAMES.get(frame.type, 'commit'):7s} segment {frame.segment} "
              f"offset {frame.offset} length {frame.length} owner {frame.owner}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="read-store", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--key-file", metavar="FILE", help="the master key of an encrypted store")
    parser.add_argument("--frames", action="store_true", help="list every frame")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    options = parser.parse_args()
    findings, summary = Findings(), {}
    try:
        if os.path.exists(os.path.join(options.directory, "manifest")):
            summary = read_backup(options.directory, findings)
        else:
            master = read_key(options.key_file) if options.key_file else None
            summary = read(options.directory, options.frames, findings, master)
    except (Damage, OSError, UnicodeDecodeError) as error:
        findings.note(str(error))
    if options.json:
        print(json.dumps({**summary, "findings": findings.shown}))
    else:
        for part, content in summary.items():
            print(f"{part}: {content}")
        for finding in findings.shown:
            print(f"finding: {finding}")
        print(f"{findings.count} findings")
    return 1 if findings.count else 0


if __name__ == "__main__":
    sys.exit(main())
