"""All of WordNet into SQLite: rows, a full-text index (FTS5, porter) and edges; no vectors.

The rows have the columns that a memory has, an index over owner and time and one over the key; edges
have an index each way. WAL; "synced" is synchronous FULL, "buffered" NORMAL, "none" OFF. Memories are
committed by 1,000, edges by 8,000, as mneme does. "seconds" is SQLite alone with a last checkpoint;
reading WordNet's files and making rows of them is "readSeconds".
"""

import argparse
import json
import os
import shutil
import sqlite3
import tempfile
import time

from figures import line

SYMBOLS = {
    "!": "antonym", "@": "hypernym", "@i": "instance_hypernym", "~": "hyponym",
    "~i": "instance_hyponym", "#m": "member_holonym", "#s": "substance_holonym",
    "#p": "part_holonym", "%m": "member_meronym", "%s": "substance_meronym", "%p": "part_meronym",
    "=": "attribute", "+": "derivation", ";c": "domain_topic", "-c": "member_topic",
    ";r": "domain_region", "-r": "member_region", ";u": "domain_usage", "-u": "member_usage",
    "*": "entailment", ">": "cause", "^": "also_see", "$": "verb_group", "&": "similar_to",
    "<": "participle", "\\": "pertainym",
}
PARTS = [("noun", "n"), ("verb", "v"), ("adj", "a"), ("adv", "r")]
SYNCHRONOUS = {"synced": "FULL", "buffered": "NORMAL", "none": "OFF"}

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("directory", nargs="?", default="/usr/share/wordnet")
parser.add_argument("--durability", choices=SYNCHRONOUS, default="synced")
parser.add_argument("--memory-batch", type=int, default=1000)
parser.add_argument("--edge-batch", type=int, default=8000)
parser.add_argument("--json", action="store_true", help="accepted; lines are always JSON")
options = parser.parse_args()


def key(letter, offset):
    return ("a" if letter == "s" else letter) + offset


def read():
    """Rows of memories and, by number, of edges: wndb(5WN)."""
    memories, pointers, numbers = [], [], {}
    now = int(time.time() * 1e6)
    for part, letter in PARTS:
        with open(f"{options.directory}/data.{part}", encoding="utf-8") as file:
            for text in file:
                if text.startswith("  "):
                    continue
                fields, gloss = text.rstrip("\n").split(" | ", 1)
                fields = fields.split()
                count = int(fields[3], 16)
                lemmas = [one.split("(")[0].replace("_", " ") for one in fields[4:4 + 2 * count:2]]
                at = 4 + 2 * count
                number = len(memories)
                numbers[key(letter, fields[0])] = number
                targets = {}
                for pointer in range(int(fields[at])):
                    symbol, offset, kind, _ = fields[at + 1 + 4 * pointer:at + 5 + 4 * pointer]
                    targets[(SYMBOLS[symbol], key(kind, offset))] = None
                pointers += [(number, kind, to) for kind, to in targets]
                data = json.dumps({"pos": part, "lemmas": lemmas})
                memories.append((
                    number, key(letter, fields[0]), ", ".join(lemmas) + ": " + gloss.strip(),
                    "wordnet", "semantic", now, 0.5, 0.0, 0, data))
    return memories, [(start, kind, numbers[to]) for start, kind, to in pointers]


def batches(rows, size):
    for first in range(0, len(rows), size):
        yield rows[first:first + size]


def load(path, memories, edges):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={SYNCHRONOUS[options.durability]}")
    database.executescript("""
        CREATE TABLE memories (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
            text TEXT NOT NULL, owner TEXT NOT NULL, kind TEXT NOT NULL, time INTEGER NOT NULL,
            importance REAL, decay REAL, pinned INTEGER, data TEXT);
        CREATE INDEX by_time ON memories (owner, time DESC);
        CREATE VIRTUAL TABLE words USING fts5(text, content='memories', content_rowid='number',
            tokenize='porter unicode61');
        CREATE TABLE edges (number INTEGER PRIMARY KEY, start INTEGER NOT NULL, type TEXT NOT NULL,
            end INTEGER NOT NULL);
        CREATE INDEX outgoing ON edges (start, type, end);
        CREATE INDEX incoming ON edges (end, type, start);
    """)
    for batch in batches(memories, options.memory_batch):
        database.execute("BEGIN")
        database.executemany("INSERT INTO memories VALUES (?,?,?,?,?,?,?,?,?,?)", batch)
        database.executemany(
            "INSERT INTO words (rowid, text) VALUES (?, ?)", [(row[0], row[2]) for row in batch])
        database.execute("COMMIT")
    for batch in batches(edges, options.edge_batch):
        database.execute("BEGIN")
        database.executemany("INSERT INTO edges (start, type, end) VALUES (?, ?, ?)", batch)
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


start = time.perf_counter()
memories, edges = read()
read_seconds = time.perf_counter() - start
directory = tempfile.mkdtemp(prefix="mneme-rivals-")
try:
    path = os.path.join(directory, "wordnet")
    start = time.perf_counter()
    load(path, memories, edges)
    seconds = time.perf_counter() - start
    line("wordnet", "sqlite", event="import", memories=len(memories), edges=len(edges),
         seconds=round(seconds, 3), readSeconds=round(read_seconds, 3),
         diskBytes=os.path.getsize(path), durability=options.durability,
         synchronous=SYNCHRONOUS[options.durability], version=sqlite3.sqlite_version)
finally:
    shutil.rmtree(directory, ignore_errors=True)
