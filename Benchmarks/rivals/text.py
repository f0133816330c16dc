"""Word search by SQLite's FTS5 (porter) and by tantivy (en_stem): any of the words, best first.

FTS5 answers with the ids of the documents. tantivy's answers are addresses; "tantivy" reads the
stored id of each, "tantivy-addresses" does not.
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time

from figures import bytes_of, discounted_gain, line, recall, timed

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--documents", required=True)
parser.add_argument("--queries", required=True)
parser.add_argument("--limit", type=int, default=100)
parser.add_argument("--passes", type=int, default=3)
parser.add_argument("--batch", type=int, default=1000)
parser.add_argument("--json", action="store_true", help="accepted; lines are always JSON")
options = parser.parse_args()


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(text) for text in file if text.strip()]


documents = rows(options.documents)
queries = rows(options.queries)
words = [re.findall(r"\w+", query["text"].lower()) for query in queries]
directory = tempfile.mkdtemp(prefix="mneme-rivals-")


def report(engine, ask, seconds, size, version):
    ranked = [ask(i) for i in range(len(queries))]
    relevant = [{str(one) for one in query.get("relevant", [])} for query in queries]
    judged = [(r, wanted) for r, wanted in zip(ranked, relevant) if wanted]
    figures = timed([lambda i=i: ask(i) for i in range(len(queries))], options.passes)
    count = max(1, len(judged))
    line("text", engine,
         ndcgAt10=round(sum(discounted_gain(r, w, 10) for r, w in judged) / count, 6),
         recallAt100=round(sum(recall(r, w, 100) for r, w in judged) / count, 6),
         **figures, indexSeconds=round(seconds, 6), indexBytes=size, version=version)


def sqlite():
    place = os.path.join(directory, "sqlite")
    os.mkdir(place)
    database = sqlite3.connect(os.path.join(place, "documents"), isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE VIRTUAL TABLE documents USING fts5(id UNINDEXED, text, tokenize='porter unicode61')")
    start = time.perf_counter()
    for first in range(0, len(documents), options.batch):
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO documents VALUES (?, ?)",
            [(str(one["id"]), one["text"]) for one in documents[first:first + options.batch]])
        database.execute("COMMIT")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    seconds = time.perf_counter() - start
    asked = [" OR ".join(f'"{word}"' for word in one) or '""' for one in words]
    statement = "SELECT id FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT ?"

    def ask(i):
        return [row[0] for row in database.execute(statement, (asked[i], options.limit))]

    report("sqlite-fts5", ask, seconds, bytes_of(place), sqlite3.sqlite_version)
    database.close()


def tantivy():
    try:
        import tantivy
    except ImportError:
        return
    place = os.path.join(directory, "tantivy")
    os.mkdir(place)
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("text", tokenizer_name="en_stem")
    index = tantivy.Index(builder.build(), path=place)
    start = time.perf_counter()
    writer = index.writer(num_threads=1)
    for first in range(0, len(documents), options.batch):
        for one in documents[first:first + options.batch]:
            document = tantivy.Document()
            document.add_text("id", str(one["id"]))
            document.add_text("text", one["text"])
            writer.add_document(document)
        writer.commit()
    writer.wait_merging_threads()
    seconds = time.perf_counter() - start
    index.reload()
    searcher = index.searcher()
    asked = [" ".join(one) or "a" for one in words]

    def search(i):
        return searcher.search(index.parse_query(asked[i], ["text"]), options.limit).hits

    def ask(i):
        return [searcher.doc(address)["id"][0] for _, address in search(i)]

    size = bytes_of(place)
    report("tantivy", ask, seconds, size, getattr(tantivy, "__version__", "?"))
    line("text", "tantivy-addresses",
         **timed([lambda i=i: search(i) for i in range(len(queries))], options.passes))


try:
    sqlite()
    tantivy()
finally:
    shutil.rmtree(directory, ignore_errors=True)
