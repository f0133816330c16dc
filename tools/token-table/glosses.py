"""General weights: in how many WordNet glosses each token occurs."""

import math
import os

import numpy
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

FILES = ["data.noun", "data.verb", "data.adj", "data.adv"]
GLOSSES = 117_659
UNKNOWN = 100
SPECIAL = [0, 100, 101, 102, 103]
WEIGHT_BITS = 10


def reference_tokenizer(vocabulary):
    """BERT's tokenizer over a list of tokens, without special tokens in its output."""
    numbers = {token: number for number, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(
        models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100)
    )
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def read_glosses(folder):
    """Every synset's gloss in file order."""
    glosses = []
    for name in FILES:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            for line in file:
                if not line.startswith("  "):
                    glosses.append(line.split(" | ", 1)[1].strip())
    if len(glosses) != GLOSSES:
        raise SystemExit(f"{len(glosses)} glosses in {folder}, not the {GLOSSES} of WordNet 3.0")
    return glosses


def general_weights(vocabulary, glosses):
    """Fixed-point weights, [tokens]."""
    holding = numpy.zeros(len(vocabulary), dtype=numpy.int64)
    for encoding in reference_tokenizer(vocabulary).encode_batch(glosses):
        holding[list(set(encoding.ids))] += 1
    total = len(glosses)
    weights = [
        round(math.log(1 + (total - count + 0.5) / (count + 0.5)) * 2**WEIGHT_BITS)
        for count in holding.tolist()
    ]
    for token in SPECIAL:
        weights[token] = 0
    return numpy.array(weights, dtype="<i2")
