"""The forward pass of the MiniLM encoder in float64, and what is made of its outputs.

Everything is computed in float64 and only the last step quantises. Machines differ in the order
of their sums: 2e-10 of a quantisation step between SSE on one thread and AVX-512 on two. `rows`
returns how near any value comes to a rounding boundary (5e-9 of a step) and refuses a table in
which that distance could be crossed.
"""

import json
import struct

import numpy
from scipy.special import erf

LAYERS = 6
HEADS = 12
WIDTH = 384
CLS = 101
SEP = 102
EPSILON = 1e-12
BATCH = 1024
SMALLEST_MARGIN = 1e-9


def read_weights(path):
    """All float32 tensors of a safetensors file, widened to float64."""
    with open(path, "rb") as file:
        head = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start = file.tell()
        tensors = {}
        for name, entry in head.items():
            if name == "__metadata__" or entry["dtype"] != "F32":
                continue
            first, last = entry["data_offsets"]
            file.seek(start + first)
            values = numpy.frombuffer(file.read(last - first), dtype="<f4")
            tensors[name] = values.reshape(entry["shape"]).astype(numpy.float64)
    return tensors


class Encoder:
    """BERT with 6 layers of 12 heads, for inputs of equal length and without padding."""

    def __init__(self, weights):
        self.weights = weights

    def dense(self, name, values):
        weights = self.weights
        return values @ weights[name + ".weight"].T + weights[name + ".bias"]

    def normalise(self, name, values):
        values = values - values.mean(axis=-1, keepdims=True)
        spread = numpy.sqrt((values * values).mean(axis=-1, keepdims=True) + EPSILON)
        weights = self.weights
        return values / spread * weights[name + ".weight"] + weights[name + ".bias"]

    def attend(self, name, values):
        batch, length, _ = values.shape

        def heads(part):
            projected = self.dense(f"{name}.self.{part}", values)
            return projected.reshape(batch, length, HEADS, -1).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2)
        scores = scores / numpy.sqrt(WIDTH // HEADS)
        scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
        scores = scores / scores.sum(axis=-1, keepdims=True)
        mixed = (scores @ heads("value")).transpose(0, 2, 1, 3).reshape(values.shape)
        return self.normalise(
            f"{name}.output.LayerNorm", self.dense(f"{name}.output.dense", mixed) + values
        )

    def outputs(self, tokens):
        """The last layer's outputs, [count, length, WIDTH]."""
        weights = self.weights
        values = (
            weights["embeddings.word_embeddings.weight"][tokens]
            + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        values = self.normalise("embeddings.LayerNorm", values)
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            values = self.attend(f"{name}.attention", values)
            inner = self.dense(f"{name}.intermediate.dense", values)
            inner = inner * 0.5 * (1 + erf(inner / numpy.sqrt(2.0)))
            values = self.normalise(
                f"{name}.output.LayerNorm", self.dense(f"{name}.output.dense", inner) + values
            )
        return values


def token_means(weights):
    """One row a token: the mean of the three outputs for `[CLS] token [SEP]`, [tokens, WIDTH]."""
    count = weights["embeddings.word_embeddings.weight"].shape[0]
    encoder = Encoder(weights)
    means = numpy.empty((count, WIDTH))
    for start in range(0, count, BATCH):
        tokens = numpy.arange(start, min(start + BATCH, count))
        framed = numpy.stack(
            [numpy.full_like(tokens, CLS), tokens, numpy.full_like(tokens, SEP)], axis=1
        )
        means[start : start + len(tokens)] = encoder.outputs(framed).mean(axis=1)
    return means


def principal(means, dimension):
    """The centred rows in their `dimension` principal directions, the widest first.

    A direction's sign is free: its coefficient of the largest size is made positive.
    """
    centred = means - means.mean(axis=0)
    _, directions = numpy.linalg.eigh(centred.T @ centred)
    directions = directions[:, ::-1][:, :dimension]
    largest = numpy.abs(directions).argmax(axis=0)
    directions = directions * numpy.sign(directions[largest, numpy.arange(dimension)])
    return centred @ directions


def rows(projected):
    """Rows of 8 bits, their one scale, and the margin to the nearest rounding boundary in steps."""
    scale = numpy.abs(projected).max() / 127
    steps = projected / scale
    margin = numpy.abs(steps - numpy.floor(steps) - 0.5).min()
    if margin < SMALLEST_MARGIN:
        raise SystemExit(f"a value lies {margin:.1e} steps from a rounding boundary")
    return numpy.rint(steps).astype(numpy.int8), numpy.float32(scale), float(margin)
