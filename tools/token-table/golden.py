"""Reference tokenisations: texts of many kinds, and what the reference tokenizer makes of them."""

import json
import os
import random

SENTENCES = [
    "", " ", "\t\n\r ", "a", "The quick brown fox jumps over the lazy dog.",
    "Hey Mel! Good to see you! I'm swamped with the kids & work.",
    "On 7 May 2023, at 14:05, she paid $1,234.56 (incl. 19% VAT) — didn't she?",
    "unaffable antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "don't can't won't it's o'clock rock'n'roll", "e-mail: jane.doe+news@example.org",
    "https://example.org/a/b?c=d&e=%20f#g", "C:\\Users\\x\\file.txt /usr/share/doc",
    "snake_case camelCase UPPER lower MiXeD 3D 2nd 100th", "[CLS] [SEP] [PAD] [UNK] [MASK]",
    "##ing ## # a#b [unused1]", "a\u0000b c\ufffdd e\u0007f g\u200bh i\u00adj k\ufeffl",
    "a\u000bb\u000cc\u0085d\u00a0e\u2003f\u2028g\u2029h\u3000i\u1680j",
    "caf\u00e9 cafe\u0301 CAF\u00c9 na\u00efve fa\u00e7ade",
    "\u00c5ngstr\u00f6m \u00d8resund \u0141\u00f3d\u017a \u0110\u1ed3ng \u0130stanbul "
    "\u0131\u015f\u0131k stra\u00dfe \u1e9e \u00e6ther \u0153uvre",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u1f08\u03b8\u03ae\u03bd\u03b7 "
    "\u03c3\u03c2 \u037e \u0387",
    "\u041c\u043e\u0441\u043a\u0432\u0430 \u0401\u043b\u043a\u0430 "
    "\u0439\u043e\u0433\u0443\u0440\u0442 \u041a\u0438\u0457\u0432",
    "\u4e2d\u6587\u5b57\u7b26 \u6771\u4eac\u30bf\u30ef\u30fc \u3072\u3089\u304c\u306a "
    "\u30ab\u30bf\u30ab\u30ca\u3002\u300c\u5f15\u7528\u300d",
    "\ud55c\uad6d\uc5b4 \uc11c\uc6b8\ud2b9\ubcc4\uc2dc",
    "a\u4e2db \uf900 \U00020000 \u3400x \u3007",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 "
    "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f "
    "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 "
    "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u1019\u103c\u1014\u103a\u1019\u102c",
    "I \u2764\ufe0f you \U0001f600\U0001f44d\U0001f3fd "
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea",
    "\u201cquotes\u201d \u2018single\u2019 \u00abguillemets\u00bb \u2026 \u2013 \u2014 "
    "\u00bf\u00a1",
    "x\u00b2 + y\u2082 \u2260 \u221a2 \u00d7 \u03c0 \u2264 \u221e \u00bd \u2103 \u20ac "
    "\u00a3 \u00a5 \u20b9 \u00a7 \u00b6 \u2022 \u2122 \u00a9 \u00ae",
    "\ufb01ne \uff26\uff35\uff2c\uff2c \uff57\uff49\uff44\uff54\uff48\uff01 \u2168 \u24d0",
    "Z\u0351\u036b\u0343a\u0323\u0307lgo\u0334\u0321",
    "\U0001d54f \U0001d7d8 \U00010400\U00010428 \U0001f3f4\U000e0067\U000e0062\U000e007f "
    "\ue000 \U000f0000 \U0010ffff",
    "\u1e63\u0323\u0307 q\u0323\u0307 \u212b \u2126 \u1100\u1161\u11a8 \uac01", "x" * 100,
    "x" * 101, "\u00e9" * 100, "\u00e9" * 101, "e\u0301" * 100, "ab" * 49 + "c d", "a" * 5000,
    "!" * 300, "\u4e2d" * 150, "1" * 100 + "." + "2" * 101, "\u2603\u2603 snow\u2603man",
]

GLOSSES = 400
NOISES = 200
GLOSS_SEED = 20
NOISE_SEED = 21
RANGES = [
    (0x20, 0x7F), (0x20, 0x7F), (0x00, 0x250), (0x250, 0x530), (0x530, 0x900), (0x900, 0x1200),
    (0x1E00, 0x2400), (0x2400, 0x3100), (0x3100, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0x10000),
    (0x10000, 0x11000), (0x1D000, 0x1D800), (0x1F000, 0x1FB00), (0x2F800, 0x2FA20),
]


def noise(chance):
    """Random characters of a few scripts in words of random length."""
    words = []
    for _ in range(chance.randrange(1, 8)):
        first, last = chance.choice(RANGES)
        letters = [chr(chance.randrange(first, last)) for _ in range(chance.randrange(1, 9))]
        words.append("".join(letters))
    return chance.choice([" ", "", "\u3000", "-"]).join(words)


def write(path, vocabulary, glosses):
    """One case a line: the text as a JSON string in ASCII, a tab, the token numbers."""
    from glosses import reference_tokenizer

    chance = random.Random(NOISE_SEED)
    texts = SENTENCES + random.Random(GLOSS_SEED).sample(glosses, GLOSSES)
    texts += [noise(chance) for _ in range(NOISES)]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii", newline="\n") as file:
        for text, encoding in zip(texts, reference_tokenizer(vocabulary).encode_batch(texts)):
            file.write(json.dumps(text) + "\t" + " ".join(map(str, encoding.ids)) + "\n")
    print(f"{path}: {len(texts)} texts")
