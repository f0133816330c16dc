"""Makes more vectors of a few: each again and again with noise, and the exact neighbours among them.

What comes out is not real: rows of one vector are closer to each other than rows of texts are.
"""

import argparse
import os

import numpy as np

# The noise's length beside a vector's of 1: a copy has a cosine of about 0.86 with its vector.
NOISE = 0.6
ROWS = 100_000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--count", type=int, required=True, help="of the vectors to make")
    parser.add_argument("--neighbours", type=int, default=100)
    parser.add_argument("--out", required=True, help="the folder that gets base.npy and truth.npy")
    options = parser.parse_args()
    base = np.load(options.base)
    queries = np.load(options.queries).astype(np.float32)
    rows = np.lib.format.open_memmap(os.path.join(options.out, "base.npy"), mode="w+",
                                     dtype=np.float16, shape=(options.count, base.shape[1]))
    chance = np.random.default_rng(5)
    near = np.zeros((len(queries), 0), dtype=np.int32)
    scores = np.zeros((len(queries), 0), dtype=np.float32)
    for first in range(0, options.count, ROWS):
        numbers = np.arange(first, min(first + ROWS, options.count))
        some = base[numbers % len(base)].astype(np.float32)
        noise = chance.standard_normal(some.shape, dtype=np.float32)
        noise *= NOISE / np.sqrt(base.shape[1])
        # The first copy of each is the vector itself.
        some += noise * (numbers >= len(base))[:, None]
        some /= np.linalg.norm(some, axis=1, keepdims=True)
        rows[numbers] = some
        found = queries @ rows[numbers].astype(np.float32).T
        scores = np.concatenate([scores, found], axis=1)
        near = np.concatenate([near, np.broadcast_to(numbers.astype(np.int32), found.shape)], axis=1)
        keep = np.argpartition(-scores, options.neighbours - 1, axis=1)[:, :options.neighbours]
        scores = np.take_along_axis(scores, keep, axis=1)
        near = np.take_along_axis(near, keep, axis=1)
    rows.flush()
    order = np.argsort(-scores, axis=1, kind="stable")
    np.save(os.path.join(options.out, "truth.npy"), np.take_along_axis(near, order, axis=1))


main()
