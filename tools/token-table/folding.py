"""What each character becomes, asked of the reference normaliser one character at a time."""

import numpy
from tokenizers import normalizers, pre_tokenizers

CHARACTERS = 0x110000
BLOCK = 128
WORD, ALONE, SPACE, DROPPED, FIRST_FOLD = 0, 1, 2, 3, 4


class Folding:
    """Codes in blocks of 128 characters, and the replacements that they point to."""

    def __init__(self):
        normaliser = normalizers.BertNormalizer(
            clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True
        )
        splitter = pre_tokenizers.BertPreTokenizer()
        self.entries, self.pool, self.places = [], bytearray(), {}
        codes = numpy.full(CHARACTERS, DROPPED, dtype="<u2")
        for scalar in range(CHARACTERS):
            if 0xD800 <= scalar < 0xE000:
                continue
            framed = normaliser.normalize_str("a" + chr(scalar) + "a")
            words = [word for word, _ in splitter.pre_tokenize_str(framed)]
            codes[scalar] = self.code(chr(scalar), words)
        blocks, index = numpy.unique(codes.reshape(-1, BLOCK), axis=0, return_inverse=True)
        self.blocks = blocks.astype("<u2")
        self.index = index.reshape(-1).astype("<u2")

    def code(self, character, words):
        if words == ["aa"]:
            return DROPPED
        if words == ["a", "a"]:
            return SPACE
        alone = len(words) == 3
        if not (alone and words[0] == words[2] == "a") and len(words) != 1:
            raise SystemExit(f"character {ord(character):x} becomes {words}")
        folded = words[1] if alone else words[0][1:-1]
        if folded == character:
            return ALONE if alone else WORD
        key = (folded, alone)
        if key not in self.places:
            written = folded.encode()
            self.places[key] = FIRST_FOLD + len(self.entries)
            self.entries.append(len(self.pool) | len(written) << 24 | int(alone) << 31)
            self.pool += written
        return self.places[key]
