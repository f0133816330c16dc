"""Nearest neighbours by one peer: building, then recall and rate by the width of the beam.

Vectors are float32, and of length 1, as the peers compare by the inner product; the peers and
their settings are in vector_engines.py. One thread searches.
"single" is one query a call, "batch" all queries in one call. A sweep ends where recall is 0.9995.
Memory is what the index grew by until after the first pass: not the caller's own array of
vectors, which peers that need it for rescoring name as callerBytesPerVector.
"""

import argparse
import importlib
import importlib.metadata
import time

import numpy as np

from figures import bytes_of, line, resident_bytes, timed
from vector_engines import ENGINES

# A sweep ends at this recall.
ENOUGH = 0.9995
# No further pass over a point begins after so many seconds.
LONGEST = 0.7


def shares(found, truth):
    """The part of the exact neighbours that was found, on average; negative ones are none."""
    parts = []
    for near, wanted in zip(found, truth):
        wanted = {int(one) for one in wanted if one >= 0}
        if wanted:
            parts.append(len({int(one) for one in near} & wanted) / len(wanted))
    return sum(parts) / len(parts)


def units(rows):
    """Rows of length 1; what has no length stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


class Run:
    def __init__(self, options):
        self.options = options
        self.base = units(np.load(options.base).astype(np.float32))
        self.queries = units(np.load(options.queries).astype(np.float32))
        self.tenants = np.load(options.tenants) if options.tenants else None
        engine, module, package = ENGINES[options.engine]
        self.version = importlib.metadata.version(package)
        self.engine = engine(importlib.import_module(module), self.base, self.tenants)

    def build(self):
        engine, options, count = self.engine, self.options, len(self.base)
        before = resident_bytes()
        start = time.perf_counter()
        engine.build(options.build_threads)
        seconds = time.perf_counter() - start
        engine.open()
        name, way = engine.ways(options.k)[0]
        engine.prepared(self.queries, options.k, options.beams[0], way)()
        figures = {"residentBytesPerVector": (resident_bytes(engine.folder) - before) / count}
        if engine.caller_bytes:
            figures["callerBytesPerVector"] = engine.caller_bytes
        if engine.folder:
            figures["diskBytesPerVector"] = bytes_of(engine.folder) / count
        line("vectors", options.engine, event="build", count=count, seconds=round(seconds, 3),
             threads=options.build_threads, **figures, version=self.version)

    def search(self, ways, truth, **named):
        """Every way at every width."""
        for name, way in ways:
            for beam in self.options.beams if self.engine.has_beam else [None]:
                if beam is None or beam >= way.get("count", 0):
                    if self.point(name, way, beam, truth, **named) >= ENOUGH:
                        break

    def point(self, name, way, beam, truth, **named):
        engine, queries, options = self.engine, self.queries, self.options
        batch = engine.prepared(queries, options.k, beam, way)
        quality = shares(batch(), truth)
        singles = [engine.prepared(queries[i:i + 1], options.k, beam, way)
                   for i in range(len(queries))]
        known = {"event": "search", **named, "with": name, "beam": beam, "recall": quality}
        line("vectors", options.engine, **known, call="single",
             **timed(singles, options.passes, LONGEST))
        figures = timed([batch], options.passes, LONGEST, queries=len(queries))
        line("vectors", options.engine, **known, call="batch",
             queriesPerSecond=figures["queriesPerSecond"])
        return quality

    def run(self):
        options = self.options
        self.build()
        self.search(self.engine.ways(options.k), np.load(options.truth)[:, :options.k])
        for tenant, path in options.filter:
            rows = np.flatnonzero(self.tenants == tenant)
            with self.engine.inside(tenant, rows, options.k) as ways:
                self.search(ways, np.load(path)[:, :options.k], tenant=tenant,
                            share=len(rows) / len(self.base))


def tenant_and_truth(text):
    number, path = text.split("=", 1)
    return int(number), path


def numbers(text):
    return [int(one) for one in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("--base", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--tenants", help="each vector's tenant")
    parser.add_argument("--filter", metavar="N=F", type=tenant_and_truth, action="append",
                        default=[], help="searches inside tenant N as well; F is the truth in it")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--beams", type=numbers, required=True, help="rising widths, with commas")
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--build-threads", type=int, default=1)
    options = parser.parse_args()
    if options.filter and not options.tenants:
        parser.error("--filter needs --tenants")
    run = Run(options)
    try:
        run.run()
    finally:
        run.engine.close()


main()
