"""Recall by tantivy (en_stem) and hnswlib (M 16, beams of 200 and 64) glued in one process.

The best 50 of each are put together by reciprocal rank (60), and the stored id and text of what is
left are read. Within an owner the vectors are that owner's, scanned by numpy, and the words must be
that owner's too. Nothing is durable but tantivy's files.
"""

import argparse
import json
import re
import shutil
import tempfile
import time

import hnswlib
import numpy as np
import tantivy

from figures import discounted_gain, line, recall, timed

DEPTH = 50
BEAM = 64

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--memories", required=True)
parser.add_argument("--queries", required=True)
parser.add_argument("--vectors", required=True)
parser.add_argument("--query-vectors", required=True)
parser.add_argument("--owner", default="conversation")
parser.add_argument("--text", default="text")
parser.add_argument("--limit", type=int, default=20)
parser.add_argument("--passes", type=int, default=3)
parser.add_argument("--within", choices=["owner", "all"], default="owner")
parser.add_argument("--batch", type=int, default=500)
options = parser.parse_args()


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(text) for text in file if text.strip()]


def units(path):
    vectors = np.load(path).astype(np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


memories, questions = rows(options.memories), rows(options.queries)
vectors, asked = units(options.vectors), units(options.query_vectors)
owners = {}
for row, memory in enumerate(memories):
    owners.setdefault(str(memory[options.owner]), []).append(row)
slices = {owner: (np.array(rows), vectors[rows]) for owner, rows in owners.items()}
words = [" ".join(re.findall(r"\w+", one["text"].lower())) or "a" for one in questions]
folder = tempfile.mkdtemp(prefix="mneme-rivals-")

start = time.perf_counter()
builder = tantivy.SchemaBuilder()
builder.add_integer_field("row", stored=True, fast=True)
builder.add_text_field("owner", tokenizer_name="raw", index_option="basic")
builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
schema = builder.build()
index = tantivy.Index(schema, path=folder)
writer = index.writer(num_threads=1)
for first in range(0, len(memories), options.batch):
    for row in range(first, min(first + options.batch, len(memories))):
        document = tantivy.Document()
        document.add_integer("row", row)
        document.add_text("owner", str(memories[row][options.owner]))
        document.add_text("text", memories[row][options.text])
        writer.add_document(document)
    writer.commit()
writer.wait_merging_threads()
index.reload()
searcher = index.searcher()
graph = hnswlib.Index("ip", vectors.shape[1])
graph.init_index(len(vectors), M=16, ef_construction=200)
graph.add_items(vectors, num_threads=1)
graph.set_ef(BEAM)
seconds = time.perf_counter() - start


def by_vector(i, owner):
    if owner is None:
        return graph.knn_query(asked[i], DEPTH, num_threads=1)[0][0].tolist()
    numbers, own = slices[owner]
    scores = own @ asked[i]
    count = min(DEPTH, len(scores))
    best = np.argpartition(-scores, count - 1)[:count]
    return numbers[best[np.argsort(-scores[best])]].tolist()


def by_words(i, owner):
    query = index.parse_query(words[i], ["text"])
    if owner is not None:
        term = tantivy.Query.term_query(schema, "owner", owner)
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query), (tantivy.Occur.Must, term)])
    return searcher.search(query, DEPTH, count=False).hits


def ask(i):
    owner = str(questions[i][options.owner]) if options.within == "owner" else None
    scores, texts = {}, {}
    for rank, row in enumerate(by_vector(i, owner)):
        scores[row] = 1 / (61 + rank)
    for rank, (_, address) in enumerate(by_words(i, owner)):
        document = searcher.doc(address)
        row = document["row"][0]
        scores[row] = scores.get(row, 0) + 1 / (61 + rank)
        texts[row] = document["text"][0]
    best = sorted(scores, key=lambda row: -scores[row])[:options.limit]
    return [(str(memories[row]["id"]), texts.get(row) or memories[row][options.text])
            for row in best]


try:
    judged = []
    for i, question in enumerate(questions):
        relevant = {str(one) for one in question.get("relevant", [])}
        if relevant and str(question.get("category")) in ("1", "2", "3", "4"):
            judged.append(([name for name, _ in ask(i)], relevant))
    figures = timed([lambda i=i: ask(i) for i in range(len(questions))], options.passes)
    count = max(1, len(judged))
    line("recall", "tantivy+hnswlib", category="1-4", within=options.within,
         recallAt10=round(sum(recall(r, w, 10) for r, w in judged) / count, 6),
         ndcgAt10=round(sum(discounted_gain(r, w, 10) for r, w in judged) / count, 6))
    line("recall", "tantivy+hnswlib", category="all", within=options.within, **figures,
         indexSeconds=round(seconds, 3))
finally:
    shutil.rmtree(folder, ignore_errors=True)
