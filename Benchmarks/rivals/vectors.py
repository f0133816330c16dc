"""Nearest neighbours by faiss-cpu's flat index: the whole set, or a flat index of one tenant.

One thread. Vectors are searched as float32 by inner product, which is the cosine for vectors of
length 1. "single" is one query a call, "batch" all queries in one call.
"""

import argparse
import time

import faiss
import numpy as np

from figures import line, timed

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--base", required=True)
parser.add_argument("--queries", required=True)
parser.add_argument("--truth", required=True)
parser.add_argument("--tenants")
parser.add_argument("--tenant", type=int)
parser.add_argument("--k", type=int, default=10)
parser.add_argument("--passes", type=int, default=3)
parser.add_argument("--json", action="store_true", help="accepted; lines are always JSON")
options = parser.parse_args()

faiss.omp_set_num_threads(1)
base = np.load(options.base).astype(np.float32)
queries = np.ascontiguousarray(np.load(options.queries), dtype=np.float32)
truth = np.load(options.truth)[:, : options.k]
rows = np.arange(len(base))
if options.tenant is not None:
    rows = np.flatnonzero(np.load(options.tenants) == options.tenant)

engine = "faiss-flat"
start = time.perf_counter()
index = faiss.IndexFlatIP(base.shape[1])
index.add(np.ascontiguousarray(base[rows]))
line("vectors", engine, event="build", count=len(rows), seconds=time.perf_counter() - start,
     version=faiss.__version__)

_, found = index.search(queries, options.k)
keys = rows[found]
shares = []
for near, wanted in zip(keys, truth):
    wanted = set(wanted[wanted >= 0].tolist())
    if wanted:
        shares.append(len(set(near.tolist()) & wanted) / len(wanted))
quality = sum(shares) / len(shares)

singles = [queries[i : i + 1] for i in range(len(queries))]
figures = timed([lambda one=one: index.search(one, options.k) for one in singles], options.passes)
line("vectors", engine, event="search", call="single", recall=quality, exact=True, **figures)
figures = timed([lambda: index.search(queries, options.k)], options.passes)
line("vectors", engine, event="search", call="batch", recall=quality, exact=True,
     queriesPerSecond=round(figures["queriesPerSecond"] * len(queries), 1))
