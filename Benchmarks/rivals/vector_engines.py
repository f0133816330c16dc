"""The peers of `vectors.py`: how each is built, searched and filtered, at settings it recommends.

Graphs have 16 links (32 in the lowest layer, and 32 in a graph without layers) and are built with a
beam of 200. Nearness is the inner product of vectors of length 1, which is their cosine.
"""

import contextlib
import os
import shutil
import tempfile

import numpy as np

LINKS = 16
BUILD_BEAM = 200


def rescored(base, queries, found, k):
    """The k best of the found rows by their full-precision vectors."""
    ids = np.empty((len(queries), k), dtype=np.int64)
    for first in range(0, len(queries), 32):
        some = found[first:first + 32].astype(np.int64)
        scores = np.matmul(base[some], queries[first:first + 32, :, None])[:, :, 0]
        order = np.argsort(-scores, axis=1)[:, :k]
        ids[first:first + 32] = np.take_along_axis(some, order, axis=1)
    return ids


class Codes:
    """Codes of 8 bits with one scale for all vectors, for peers that take int8 as it is."""

    # The share of components that fits into the codes; others are cut off.
    QUANTILE = 0.9999

    def __init__(self, base):
        sample = base[:: max(1, len(base) // 20_000)]
        self.scale = np.float32(127 / np.quantile(np.abs(sample), self.QUANTILE))

    def __call__(self, vectors):
        return np.clip(np.rint(vectors * self.scale), -127, 127).astype(np.int8)


class Engine:
    """One peer. Where it says nothing else, it has no filter and keeps everything in memory."""

    # Whether its recall depends on the width of a beam.
    has_beam = True
    # Bytes of each vector that the caller must keep for rescoring.
    caller_bytes = 0
    # Where its files are, if it has any.
    folder = None

    def __init__(self, library, base, tenants):
        """The base is [count, dimension] float32; tenants, where there are any, are [count]."""
        self.library, self.base, self.tenants = library, base, tenants

    def build(self, threads):
        """Makes the index. Searches have one thread after that."""
        raise NotImplementedError

    def open(self):
        """Opens what was built, where that is another step."""

    def ways(self, k):
        """Names and options of the ways to search all vectors for k neighbours.

        "count" is how many are rescored.
        """
        return [("", {})]

    @contextlib.contextmanager
    def inside(self, tenant, rows, k):
        """Names and options of the ways to search a tenant, whose rows are given."""
        yield []

    def ask(self, queries, k, beam, **way):
        """Row numbers of the nearest of each query, [count, k]."""
        raise NotImplementedError

    def prepared(self, queries, k, beam, way):
        """A call that asks the queries; what need not be in its time is done before."""
        return lambda: self.ask(queries, k, beam, **way)

    def close(self):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class Hnswlib(Engine):
    """float32.

    Its filter is a Python function that is called for each vector it comes across. In place of that
    all vectors of other tenants are marked as deleted: the same walk, with a test in C++.
    """

    def build(self, threads):
        self.index = self.library.Index("ip", self.base.shape[1])
        self.index.init_index(len(self.base), M=LINKS, ef_construction=BUILD_BEAM)
        self.index.add_items(self.base, num_threads=threads)

    @contextlib.contextmanager
    def inside(self, tenant, rows, k):
        others = np.setdiff1d(np.arange(len(self.base)), rows).tolist()
        for one in others:
            self.index.mark_deleted(one)
        yield [("marks", {})]
        for one in others:
            self.index.unmark_deleted(one)

    def ask(self, queries, k, beam):
        self.index.set_ef(beam)
        return self.index.knn_query(queries, k, num_threads=1)[0]


class Faiss(Engine):
    """What the indexes of faiss share: threads, and a bitmap as the filter."""

    def build(self, threads):
        self.library.omp_set_num_threads(threads)
        self.index = self.empty()
        self.index.train(self.base)
        self.index.add(self.base)
        self.library.omp_set_num_threads(1)

    def selector(self, rows):
        mask = np.zeros(len(self.base), dtype=bool)
        mask[rows] = True
        return self.library.IDSelectorBitmap(np.packbits(mask, bitorder="little"))

    @contextlib.contextmanager
    def inside(self, tenant, rows, k):
        yield [("bitmap", {"sel": self.selector(rows)})]


class FaissFlat(Faiss):
    """float32, every vector compared; a tenant by a bitmap or in an index of its own."""

    has_beam = False

    def empty(self):
        return self.library.IndexFlatIP(self.base.shape[1])

    @contextlib.contextmanager
    def inside(self, tenant, rows, k):
        own = self.empty()
        own.add(self.base[rows])
        yield [("bitmap", {"sel": self.selector(rows)}), ("own index", {"own": own, "rows": rows})]

    def ask(self, queries, k, beam, sel=None, own=None, rows=None):
        if own is not None:
            return rows[own.search(queries, k)[1]]
        params = self.library.SearchParameters(sel=sel) if sel else None
        return self.index.search(queries, k, params=params)[1]


class FaissHnsw(Faiss):
    """float32."""

    def empty(self):
        index = self.library.IndexHNSWFlat(
            self.base.shape[1], LINKS, self.library.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_BEAM
        return index

    def ask(self, queries, k, beam, sel=None):
        params = self.library.SearchParametersHNSW(efSearch=beam, sel=sel)
        return self.index.search(queries, k, params=params)[1]


class FaissHnswCodes(Faiss):
    """A graph over codes of 8 bits, whose best 2 k or 4 k are rescored by faiss in float32."""

    def empty(self):
        self.graph = self.library.IndexHNSWSQ(
            self.base.shape[1], self.library.ScalarQuantizer.QT_8bit, LINKS,
            self.library.METRIC_INNER_PRODUCT)
        self.graph.hnsw.efConstruction = BUILD_BEAM
        return self.library.IndexRefineFlat(self.graph)

    def ways(self, k):
        return [(f"rescored {count}", {"count": count}) for count in (2 * k, 4 * k)]

    @contextlib.contextmanager
    def inside(self, tenant, rows, k):
        sel = self.selector(rows)
        yield [(f"bitmap, {name}", {**way, "sel": sel}) for name, way in self.ways(k)]

    def ask(self, queries, k, beam, count, sel=None):
        graph = self.library.SearchParametersHNSW(efSearch=beam, sel=sel)
        params = self.library.IndexRefineSearchParameters(
            k_factor=count / k, base_index_params=graph)
        return self.index.search(queries, k, params=params)[1]


class Usearch(Engine):
    """float32."""

    element = "f32"

    def build(self, threads):
        self.index = self.library.Index(
            ndim=self.base.shape[1], metric="ip", dtype=self.element, connectivity=LINKS,
            expansion_add=BUILD_BEAM)
        self.index.add(np.arange(len(self.base)), self.elements(self.base), threads=threads)

    def elements(self, vectors):
        return vectors

    def ask(self, queries, k, beam):
        self.index.expansion_search = beam
        return self.index.search(self.elements(queries), k, threads=1).keys.reshape(-1, k)


class Svs(Engine):
    """Vamana over float32."""

    links = 2 * LINKS

    def build(self, threads):
        svs = self.library
        parameters = svs.VamanaBuildParameters(
            alpha=0.95, graph_max_degree=self.links, window_size=BUILD_BEAM)
        self.index = svs.Vamana.build(
            parameters, self.elements(self.base), svs.DistanceType.MIP, num_threads=threads)
        self.index.num_threads = 1

    def elements(self, vectors):
        return vectors

    def ask(self, queries, k, beam):
        self.index.search_window_size = beam
        return self.index.search(self.elements(queries), k)[0]


class OverCodes:
    """Before `Usearch` or `Svs`: codes in place of vectors, alone or rescored by the caller."""

    element = "i8"

    def __init__(self, library, base, tenants):
        super().__init__(library, base, tenants)
        self.caller_bytes = base.itemsize * base.shape[1]
        self.elements = Codes(base)

    def ways(self, k):
        return [("codes alone", {"count": 0}),
                *((f"rescored {count}", {"count": count}) for count in (2 * k, 4 * k))]

    def ask(self, queries, k, beam, count):
        found = super().ask(queries, count or k, beam)
        return rescored(self.base, queries, found, k) if count else found


class UsearchCodes(OverCodes, Usearch):
    """Codes made here: with usearch's own, which leave most of the 8 bits unused, less is found."""


class SvsCodes(OverCodes, Svs):
    """Codes made here, for machines on which SVS makes none of its own."""


class SvsLvq(Svs):
    """Codes of SVS, 4 bits and 8 of what they leave, with 64 links: it makes them on Intel alone."""

    links = 4 * LINKS

    def build(self, threads):
        with tempfile.TemporaryDirectory(prefix="mneme-rivals-") as folder:
            svs, file = self.library, os.path.join(folder, "base.fvecs")
            svs.write_vecs(self.base, file)
            self.made = self.codes(svs.VectorDataLoader(file, svs.DataType.float32))
            super().build(threads)

    def elements(self, vectors):
        return self.made if vectors is self.base else vectors

    def codes(self, loader):
        return self.library.LVQLoader(loader, primary=4, residual=8)


class SvsLeanVec(SvsLvq):
    """Codes of 8 bits of half of the dimensions, rescored by 8 bits of all, with 64 links."""

    def codes(self, loader):
        eight = self.library.LeanVecKind.lvq8
        return self.library.LeanVecLoader(
            loader, leanvec_dims=self.base.shape[1] // 2, primary_kind=eight, secondary_kind=eight)


class QdrantEdge(Engine):
    """float32, one segment; the tenant is a payload with an index, known when the graph is made.

    A child process writes the shard and ends, so that memory is that of a shard that was opened.
    """

    def config(self, threads):
        qdrant = self.library
        graph = qdrant.HnswIndexConfig(
            LINKS, BUILD_BEAM, full_scan_threshold=10_000, max_indexing_threads=threads)
        vectors = qdrant.EdgeVectorParams(self.base.shape[1], qdrant.Distance.Dot)
        return qdrant.EdgeConfig(
            vectors=vectors, hnsw_config=graph, quantization_config=self.codes(),
            optimizers=qdrant.EdgeOptimizersConfig(
                default_segment_number=1, max_segment_size=100_000_000, indexing_threshold=1000),
            max_search_threads=1)

    def codes(self):
        return None

    def build(self, threads):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="mneme-rivals-"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                self.write(threads)
                status = 0
            finally:
                os._exit(status)
        if os.waitpid(child, 0)[1] != 0:
            raise RuntimeError("qdrant-edge: the process that makes the shard failed")

    def write(self, threads):
        qdrant = self.library
        shard = qdrant.EdgeShard.create(self.folder, self.config(threads))
        if self.tenants is not None:
            shard.update(qdrant.UpdateOperation.create_field_index(
                "tenant", qdrant.PayloadSchemaType.Integer))
        for first in range(0, len(self.base), 1000):
            points = []
            for row, vector in enumerate(self.base[first:first + 1000].tolist(), first):
                payload = None if self.tenants is None else {"tenant": int(self.tenants[row])}
                points.append(qdrant.Point(row, vector, payload))
            shard.update(qdrant.UpdateOperation.upsert_points(points))
        shard.optimize()
        shard.flush()
        shard.close()

    def open(self):
        self.shard = self.library.EdgeShard.load(self.folder)

    @contextlib.contextmanager
    def inside(self, tenant, rows, k):
        qdrant = self.library
        condition = qdrant.FieldCondition("tenant", match=qdrant.MatchValue(tenant))
        chosen = qdrant.Filter(must=[condition])
        yield [(name, {**way, "chosen": chosen, "acorn": acorn})
               for name, way in self.ways(k) for name, acorn in
               [(f"index {name}".strip(), False), (f"acorn {name}".strip(), True)]]

    def prepared(self, queries, k, beam, way):
        acorn = way.get("acorn") or None
        params = self.library.SearchParams(
            hnsw_ef=beam, quantization=self.rescoring(k, **way),
            acorn=acorn and self.library.AcornSearchParams(enable=True))
        requests = [
            self.library.QueryRequest(
                query=self.library.Query.Nearest(query), limit=k, filter=way.get("chosen"),
                params=params)
            for query in queries.tolist()]
        if len(requests) == 1:
            return lambda: [[one.id for one in self.shard.query(requests[0])]]
        batch = self.library.QueryBatchRequest(requests)
        return lambda: [[one.id for one in found] for found in self.shard.query_batch(batch)]

    def rescoring(self, k, **way):
        return None


class QdrantEdgeCodes(QdrantEdge):
    """The same with codes of 8 bits beside the vectors, kept in memory and rescored."""

    def codes(self):
        return self.library.ScalarQuantizationConfig(
            self.library.ScalarType.Int8, quantile=0.99, always_ram=True)

    def ways(self, k):
        return [(f"rescored {count}", {"count": count}) for count in (k, 2 * k)]

    def rescoring(self, k, count, **way):
        return self.library.QuantizationSearchParams(rescore=True, oversampling=count / k)


# By the name of the peer: its class, the module that is imported and its package on PyPI.
ENGINES = {
    "hnswlib": (Hnswlib, "hnswlib", "hnswlib"),
    "faiss-flat": (FaissFlat, "faiss", "faiss-cpu"),
    "faiss-hnsw": (FaissHnsw, "faiss", "faiss-cpu"),
    "faiss-hnsw-sq8": (FaissHnswCodes, "faiss", "faiss-cpu"),
    "usearch-f32": (Usearch, "usearch.index", "usearch"),
    "usearch-i8": (UsearchCodes, "usearch.index", "usearch"),
    "svs-f32": (Svs, "svs", "scalable-vs"),
    "svs-i8": (SvsCodes, "svs", "scalable-vs"),
    "svs-lvq": (SvsLvq, "svs", "scalable-vs"),
    "svs-leanvec": (SvsLeanVec, "svs", "scalable-vs"),
    "qdrant-edge": (QdrantEdge, "qdrant_edge", "qdrant-edge-py"),
    "qdrant-edge-i8": (QdrantEdgeCodes, "qdrant_edge", "qdrant-edge-py"),
}


if __name__ == "__main__":
    for name, (_, module, package) in ENGINES.items():
        print(name, module, package)
