"""Walks along edges by SQLite and by Kuzu: the questions of "mneme-bench graph", one thread.

hop1 to hop3: distinct nodes within so many outgoing edges, the start not counted. shortestPath: its
length along edges of --path-type in both directions, -1 where there is none; SQLite has no
statement for that which ends in time, so a search from both ends asks it for neighbours. typedIn:
sources of edges of a type into a node. "sum" is the total of the answers: the same for everybody.
"""

import argparse
import csv
import json
import os
import shutil
import sqlite3
import tempfile
import time
import warnings

from figures import bytes_of, line, timed

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--nodes", required=True)
parser.add_argument("--edges", required=True)
parser.add_argument("--work", required=True)
parser.add_argument("--path-type", default="hypernym")
parser.add_argument("--passes", type=int, default=3)
parser.add_argument("--seconds", type=float, default=30, help="no further pass after so many")
parser.add_argument("--questions", type=int, default=1000,
                    help="only the first so many of each kind")
parser.add_argument("--json", action="store_true", help="accepted; lines are always JSON")
options = parser.parse_args()


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        table = csv.reader(file)
        next(table)
        return list(table)


nodes = rows(options.nodes)
edges = [(int(start), int(end), kind) for start, end, kind in rows(options.edges)]
with open(options.work, encoding="utf-8") as work_file:
    work = {kind: questions[:options.questions]
            for kind, questions in json.load(work_file).items()}
directory = tempfile.mkdtemp(prefix="mneme-rivals-")


def report(engine, event, ask, questions, version):
    total = sum(ask(question) for question in questions)
    calls = [lambda question=question: ask(question) for question in questions]
    figures = timed(calls, options.passes, options.seconds)
    line("graph", engine, event=event, **figures, sum=total, version=version)


def meet(neighbours, start, end):
    """The length of a shortest path, searched from both ends, -1 where there is none."""
    if start == end:
        return 0
    seen, fronts, length = ({start}, {end}), [{start}, {end}], 0
    while fronts[0] and fronts[1]:
        side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        found = set()
        for node in fronts[side]:
            found.update(neighbours(node))
        fronts[side] = found - seen[side]
        length += 1
        if fronts[side] & seen[1 - side]:
            return length
        seen[side].update(fronts[side])
    return -1


def sqlite():
    path = os.path.join(directory, "sqlite")
    os.mkdir(path)
    start = time.perf_counter()
    database = sqlite3.connect(os.path.join(path, "graph"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.executescript("""
        CREATE TABLE nodes (id INTEGER PRIMARY KEY, key TEXT, word TEXT, sst TEXT, gloss TEXT);
        CREATE TABLE edges (src INTEGER, type TEXT, dst INTEGER, PRIMARY KEY (src, type, dst))
            WITHOUT ROWID;
        CREATE INDEX incoming ON edges (dst, type, src);
    """)
    database.execute("BEGIN")
    database.executemany("INSERT INTO nodes VALUES (?,?,?,?,?)", nodes)
    database.executemany("INSERT OR IGNORE INTO edges (src, dst, type) VALUES (?,?,?)", edges)
    database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    line("graph", "sqlite", event="load", seconds=round(time.perf_counter() - start, 3),
         diskBytes=bytes_of(path), nodes=len(nodes), edges=len(edges),
         version=sqlite3.sqlite_version)
    ask = database.execute
    one = "SELECT count(DISTINCT dst) FROM edges WHERE src = ?1 AND dst != ?1"
    many = """
        WITH RECURSIVE reached (node, hops) AS (
            SELECT ?1, 0 UNION SELECT dst, hops + 1 FROM reached JOIN edges ON src = node
            WHERE hops < ?2)
        SELECT count(DISTINCT node) - 1 FROM reached"""
    into = "SELECT count(DISTINCT src) FROM edges WHERE dst = ?1 AND type = ?2 AND src != ?1"
    beside = "SELECT dst FROM edges WHERE src = ?1 AND type = ?2 " \
        "UNION ALL SELECT src FROM edges WHERE dst = ?1 AND type = ?2"
    version = sqlite3.sqlite_version
    report("sqlite", "hop1", lambda node: ask(one, (node,)).fetchone()[0], work["starts"], version)
    for hops in 2, 3:
        report("sqlite", f"hop{hops}", lambda node: ask(many, (node, hops)).fetchone()[0],
               work["starts"], version)

    def neighbours(node):
        return [row[0] for row in ask(beside, (node, options.path_type))]

    report("sqlite", "shortestPath", lambda pair: meet(neighbours, *pair), work["pairs"], version)
    report("sqlite", "typedIn", lambda pair: ask(into, tuple(pair)).fetchone()[0], work["typed"],
           version)


def kuzu_engine():
    import kuzu  # pylint: disable=import-outside-toplevel

    # What is asked often is planned once, which newer versions would rather do themselves.
    warnings.filterwarnings("ignore", category=DeprecationWarning)

    def write(name, table):
        path = os.path.join(directory, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
        return path

    start = time.perf_counter()
    place = os.path.join(directory, "kuzu")
    os.mkdir(place)
    link = kuzu.Connection(kuzu.Database(os.path.join(place, "graph")), num_threads=1)
    link.execute("CREATE NODE TABLE node (id INT64 PRIMARY KEY, key STRING, word STRING, "
                 "sst STRING, gloss STRING)")
    link.execute("CREATE REL TABLE edge (FROM node TO node, type STRING)")
    link.execute("CREATE REL TABLE path_edge (FROM node TO node)")
    link.execute(f"COPY node FROM '{write('nodes.csv', nodes)}' (PARALLEL=FALSE)")
    link.execute(f"COPY edge FROM '{write('edges.csv', edges)}' (PARALLEL=FALSE)")
    along = [edge[:2] for edge in edges if edge[2] == options.path_type]
    link.execute(f"COPY path_edge FROM '{write('along.csv', along)}' (PARALLEL=FALSE)")
    link.execute("CHECKPOINT")
    line("graph", "kuzu", event="load", seconds=round(time.perf_counter() - start, 3),
         diskBytes=bytes_of(place), nodes=len(nodes), edges=len(edges), version=kuzu.__version__)

    def asked(text):
        statement = link.prepare(text)

        def ask(**values):
            answer = link.execute(statement, values)
            return answer.get_next()[0] if answer.has_next() else None
        return ask

    version = kuzu.__version__
    one = asked("MATCH (a:node {id: $node})-[:edge]->(b:node) WHERE b.id <> $node "
                "RETURN count(DISTINCT b.id)")
    report("kuzu", "hop1", lambda node: one(node=node), work["starts"], version)
    for hops in 2, 3:
        many = asked(f"MATCH (a:node {{id: $node}})-[:edge* SHORTEST 1..{hops}]->(b:node) "
                     "WHERE b.id <> $node RETURN count(DISTINCT b.id)")
        report("kuzu", f"hop{hops}", lambda node: many(node=node), work["starts"], version)
    link.execute("CALL var_length_extend_max_depth=64")
    path = asked("MATCH p = (a:node {id: $near})-[:path_edge* SHORTEST 1..64]-(b:node {id: $far}) "
                 "RETURN length(p)")

    def length(pair):
        if pair[0] == pair[1]:
            return 0
        found = path(near=pair[0], far=pair[1])
        return -1 if found is None else found

    report("kuzu", "shortestPath", length, work["pairs"], version)
    into = asked("MATCH (a:node)-[e:edge]->(b:node {id: $node}) "
                 "WHERE e.type = $kind AND a.id <> $node RETURN count(DISTINCT a.id)")
    report("kuzu", "typedIn", lambda pair: into(node=pair[0], kind=pair[1]), work["typed"], version)


try:
    sqlite()
    try:
        kuzu_engine()
    except ImportError:
        pass
finally:
    shutil.rmtree(directory, ignore_errors=True)
