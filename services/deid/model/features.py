"""The features of the name model, as services/deid/tagger.h defines them; tests hold both to the same answers.

    words = cut("Ada Quill")                    # tokens as services/deid/text.h cuts them
    rows = feature_rows([words], lexicon)       # [tokens of all texts, kTemplates] rows of the weight table

All texts at once in numpy: tokens of all texts stand in one array, with two empty ones around each text.
"""
import re
import unicodedata

import numpy as np

ROW_BITS = 16
GIVEN, LAST, CITY, COMMON = 1, 2, 4, 8
SPELLINGS = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae",
             "œ": "oe", "Œ": "Oe", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "’": "'", "‘": "'", "“": '"',
             "”": '"', "\u00a0": " ", "–": "-", "—": "-"}
SEED, PRIME, MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
_hashes = {}


def fold(text):
    """(folded text, place in the source of each folded character)."""
    if text.isascii():
        return text, range(len(text) + 1)
    out, places = [], []
    for place, char in enumerate(text):
        for part in SPELLINGS.get(char) or unicodedata.normalize("NFKD", char):
            if not unicodedata.combining(part):
                out.append(part if part.isascii() or part.isalpha() else " ")
                places.append(place)
    places.append(len(text))
    return "".join(out), places


def fnv(word):
    """FNV-1a, 64 bits, of the bytes with A-Z as a-z."""
    found = _hashes.get(word)
    if found is None:
        found = SEED
        for byte in word.encode():
            found = ((found ^ (byte + 32 if 65 <= byte <= 90 else byte)) * PRIME) & MASK
        _hashes[word] = found
    return found


def cut(folded):
    """[(begin, end)] of the runs of letters and digits."""
    return [match.span() for match in re.finditer(r"[A-Za-z0-9\u0080-\U0010ffff]+", folded)]


def paragraphs(folded):
    """[(begin, end)] of what stands between empty lines, without white space around it: each is labelled by itself."""
    return [match.span() for match in re.finditer(r"\S(?:(?!\n\n)[\s\S])*(?<=\S)", folded)]


def case_class(word):
    has_digit = any(c in "0123456789" for c in word)
    if has_digit:
        return 5 if word.isdigit() and word.isascii() else 6
    if not word[0].isascii():
        return 7
    upper = sum("A" <= c <= "Z" for c in word)
    if upper == 0:
        return 0
    if len(word) == 1:
        return 4
    if upper == len(word.encode()):
        return 2
    return 1 if upper == 1 and "A" <= word[0] <= "Z" else 3


def gap_value(gap):
    """A gap of up to three bytes is itself; of a longer one its first two count."""
    data = gap.encode()
    if len(data) > 3:
        data = data[:2] + b"~"
    return int.from_bytes(data, "little") + 1


class Columns:
    """One array a property of tokens, texts one after another."""
    NAMES = ("hash", "dict", "case", "mode", "size", "suffix2", "suffix3", "prefix3", "gap", "end")

    def __init__(self):
        self.columns = {name: [] for name in self.NAMES}
        self.places = []           # where each text's tokens begin

    def _pad(self):
        for name in self.NAMES:
            self.columns[name] += [0, 0]

    def add(self, folded, tokens, lexicon, drop=()):
        self._pad()
        self.places.append(len(self.columns["hash"]))
        letters = [c for begin, end in tokens for c in folded[begin:end] if c.isascii() and c.isalpha()]
        upper = sum(c.isupper() for c in letters)
        mode = 1 if upper == 0 else 2 if upper * 5 > len(letters) * 4 else 0
        columns, before = self.columns, 0
        for index, (begin, end) in enumerate(tokens):
            word = folded[begin:end]
            lower = "".join(c.lower() if c.isascii() else c for c in word).encode()
            bits = lexicon.get(fnv(word))
            columns["hash"].append(fnv(word))
            columns["dict"].append(bits & COMMON if index in drop else bits)
            columns["case"].append(case_class(word))
            columns["mode"].append(mode)
            columns["size"].append(min(len(lower), 9))
            columns["suffix2"].append(int.from_bytes(lower[-2:], "little"))
            columns["suffix3"].append(int.from_bytes(lower[-3:], "little"))
            columns["prefix3"].append(int.from_bytes(lower[:3], "little"))
            columns["gap"].append(gap_value(folded[before:begin]))
            columns["end"].append(0)
            before = end
        if tokens:
            columns["gap"].append(gap_value(folded[before:]))
            for name in self.NAMES:
                if name != "gap":
                    columns[name].append(0)
            self.columns["gap"].append(0)
            for name in self.NAMES:
                if name != "gap":
                    columns[name].append(0)

    def arrays(self):
        self._pad()
        return {name: np.array(values, dtype=np.uint64) for name, values in self.columns.items()}


def mix(template, value):
    with np.errstate(over="ignore"):
        x = value * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(template * 0xC2B2AE3D27D4EB4F & MASK)
        x = (x ^ (x >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        return (x >> np.uint64(64 - ROW_BITS)).astype(np.uint32)


def pair(a, b):
    with np.errstate(over="ignore"):
        return (a * np.uint64(0xD6E8FEB86659FD93) + b) * np.uint64(0xA0761D6478BD642F)


def at(column, offset):
    return np.roll(column, -offset)


def feature_rows(columns):
    """Rows of the weight table for every token, empty ones included: [tokens, templates]."""
    c = columns.arrays()
    case, size, mode, bits, gap = c["case"], c["size"], c["mode"], c["dict"], c["gap"]
    u = np.uint64
    # A word counts as itself only where it is a common one: names stay to be known by their form and neighbours.
    common = (bits & u(COMMON)) != 0
    unknown = u(16) + case + u(8) * (size * (case == u(5)))
    word = np.where(common, c["hash"], np.where(size == 0, u(1), unknown))
    shape = case + u(8) * mode + u(24) * np.minimum(size, u(6))
    around = at(case, -1) + u(8) * case + u(64) * at(case, 1) + u(512) * mode
    known = bits + u(16) * case + u(128) * mode
    gap1 = at(gap, 1)
    values = [
        word, at(word, -1), at(word, 1), at(word, -2), at(word, 2),
        pair(at(word, -1), word), pair(word, at(word, 1)), pair(at(word, -2), at(word, -1)), pair(at(word, 1), at(word, 2)),
        shape, around, known, pair(at(bits, -1), known), pair(at(bits, 1), known),
        pair(pair(at(bits, -1), at(bits, 1)), bits + u(16) * mode),
        c["suffix2"] + (mode << u(32)), c["suffix3"], c["prefix3"],
        pair(gap, case), pair(gap1, case), pair(gap, gap1), pair(pair(at(word, -1), gap), case),
        pair(pair(at(word, 1), gap1), case), pair(at(case, -2), around), pair(pair(at(word, -2), at(word, -1)), known),
        pair(at(shape, -1), at(shape, 1)), at(known, -1), at(known, 1),
    ]
    return np.stack([mix(number, value) for number, value in enumerate(values)], axis=1)
