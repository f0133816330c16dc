"""The page file, its page table, ordinals, trees and column trees.

formats/pages.md, formats/tree.md, formats/column-tree.md.
"""

import struct
from typing import Iterator, NamedTuple

import lz4.block

from encryption import Vault
from primitives import Damage, Findings, Newer, Reader, checksum

SIZE = 8192
PLACE = 1024
WHOLE = SIZE // PLACE
ALL = 0xFFFF_FFFF_FFFF_FFFF


class Ordinal(NamedTuple):
    place: int
    birth: int
    death: int
    expiry: int
    owner: int
    collection: int
    flags: int


class PageFile:
    """The newest checkpoint of the file, None of it when there has been none."""

    def __init__(self, path: str, identity: tuple[int, int], vault: "Vault | None" = None):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        if vault is not None:
            self.data = vault.page_file(self.data, path)
        self.limit = len(self.data) // PLACE
        self.taken: set[int] = set()
        self.touched: set[int] = set()
        self.pages: dict[int, tuple[int, int, int, int, int]] = {}
        self.delta_pages: dict[int, bytes] = {}
        blocks = [block for block in (self._block(slot) for slot in (0, 1)) if block]
        self.has_checkpoint = bool(blocks)
        if not blocks:
            if all(self.data[slot * SIZE:(slot + 1) * SIZE].strip(b"\x00") for slot in (0, 1)):
                raise Damage(f"{path}: neither root block is whole")
            return
        newest = max(blocks, key=lambda block: block["checkpoint"])
        if newest["version"] not in (3, 4):
            raise Newer(f"{path}: version {newest['version']}")
        if newest["identity"] != identity:
            raise Damage(f"{path}: of another store")
        self.checkpoint, self.generation = newest["checkpoint"], newest["generation"]
        self.version = newest["version"]
        self._read_table(newest["reader"])

    def _block(self, slot: int) -> "dict | None":
        page = self.data[slot * SIZE:(slot + 1) * SIZE]
        if len(page) < SIZE or page[8:16] != b"MNEMEPG1":
            return None
        if checksum(page[8:], slot) != int.from_bytes(page[:8], "little"):
            return None
        reader = Reader(page, f"root block {slot}", 16)
        block = {"version": reader.u32(), "size": reader.u32()}
        block["identity"] = (reader.u64(), reader.u64())
        block["generation"], block["checkpoint"] = reader.u64(), reader.u64()
        block["reader"] = reader
        if block["version"] in (3, 4) and block["size"] != SIZE:
            raise Damage(f"{self.path}: pages of {block['size']} bytes")
        return block

    def _read_table(self, reader: Reader):
        payload_count, spaces, directories = reader.u32(), reader.u32(), reader.u32()
        reader.u32()
        if payload_count > 4096 or spaces > 3 or directories > 400:
            raise Damage(f"{self.path}: a root block over its limits")
        counts = [reader.u32() for _ in range(spaces)]
        places = [reader.u64() for _ in range(directories)]
        self.payload = reader.take(payload_count)
        nodes: list[int] = []
        for index, place in enumerate(places):
            page = self._table_page(place, WHOLE, 0xFF << 56 | index, 0xFF)
            if self._number(place, WHOLE) != self.checkpoint:
                raise Damage(f"directory page {index} is another checkpoint's")
            count = struct.unpack_from("<I", page, 20)[0]
            if count > 1000:
                raise Damage(f"directory page {index} counts {count} places")
            nodes += struct.unpack_from(f"<{count}Q", page, 32)
        if sum(counts) != len(nodes):
            raise Damage(f"{self.path}: the directory does not fit the node counts")
        for space, count in enumerate(counts):
            for index, run in enumerate(nodes[:count]):
                if run:
                    place, length = run >> 4 & (1 << 44) - 1, run & 15
                    self._read_node(space, index, place, length, run >> 48)
            nodes = nodes[count:]

    def _read_node(self, space: int, index: int, place: int, count: int, tag: int):
        page = self._table_page(place, count, 0xFE << 56 | space << 48 | index, 0xFE)
        self._expect_tag(place, count, tag)
        if struct.unpack_from("<I", page, 20)[0] != 512 or page[7712:].strip(b"\x00"):
            raise Damage(f"node {index} of space {space} is no node")
        for entry in range(512):
            reader = Reader(page, f"node {index}", 32 + entry * 15)
            base, length = int.from_bytes(reader.take(5), "little"), reader.take(1)[0]
            delta, offset = int.from_bytes(reader.take(5), "little"), reader.u16()
            tag = reader.u16()
            if not base:
                if length or delta or offset or tag:
                    raise Damage(f"node {index} of space {space}: an entry of no page")
                continue
            self._take(base, length)
            if delta:
                self._delta_page(delta)
            self.pages[space << 56 | index * 512 + entry] = (base, length, delta, offset, tag)

    def _take(self, place: int, count: int = 1):
        if not 1 <= count <= WHOLE:
            raise Damage(f"a run of {count} places at {place}")
        for one in range(place, place + count):
            if one < 2 * WHOLE or one >= self.limit or one in self.taken:
                raise Damage(f"place {one} is outside the file, or named twice")
            self.taken.add(one)

    def _delta_page(self, place: int) -> bytes:
        if place not in self.delta_pages:
            self.delta_pages[place] = self._table_page(place, WHOLE, 0xFD << 56, 0xFD)
        return self.delta_pages[place]

    def _table_page(self, place: int, count: int, page_id: int, kind: int) -> bytes:
        self._take(place, count)
        page = self._base(place, count, page_id)
        if page[16] != kind:
            raise Damage(f"place {place}: kind {page[16]} where {kind} belongs")
        return page

    def _number(self, place: int, count: int) -> int:
        """The number of the checkpoint that wrote a run."""
        return struct.unpack_from("<Q", self.data, place * PLACE + (24 if count == WHOLE else 16))[0]

    def _expect_tag(self, place: int, count: int, tag: int):
        if self._number(place, count) & 0xFFFF != tag:
            raise Damage(f"place {place}: another checkpoint's version stands here")

    def _base(self, place: int, count: int, page_id: int) -> bytes:
        """A page as it is or packed, without checksum and checkpoint."""
        run = self.data[place * PLACE:(place + count) * PLACE]
        if checksum(run[8:], place) != int.from_bytes(run[:8], "little"):
            raise Damage(f"place {place}: the page's checksum does not match")
        found = struct.unpack_from("<Q", run, 8)[0]
        number = self._number(place, count)
        if found != page_id:
            raise Damage(f"place {place}: page {found:#x} where {page_id:#x} belongs")
        if number > self.checkpoint:
            raise Damage(f"place {place}: a page of checkpoint {number}, after the root block's")
        if count == WHOLE:
            return bytes(8) + run[8:24] + bytes(8) + run[32:]
        length = struct.unpack_from("<H", run, 24)[0]
        start, rows, stride = struct.unpack_from("<HHB", run, 26)
        if 32 + length > len(run) or run[31] or run[32 + length:].strip(b"\x00"):
            raise Damage(f"place {place}: a packed page over its bounds")
        page = self._unpacked(run[32:32 + length], b"", page_id, place)
        if not start and not rows and not stride:
            return page
        if (self.version < 4 or start < 32 or rows < 2 or stride < 2
                or start + rows * stride > SIZE):
            raise Damage(f"place {place}: rows that cannot be turned")
        return turned_back(page, start, rows, stride)

    @staticmethod
    def _unpacked(block: bytes, dictionary: bytes, page_id: int, place: int) -> bytes:
        try:
            page = lz4.block.decompress(block, uncompressed_size=SIZE, dict=dictionary)
        except lz4.block.LZ4BlockError as error:
            raise Damage(f"place {place}: {error}") from error
        if len(page) != SIZE or page[:8] != bytes(8) or page[24:32] != bytes(8):
            raise Damage(f"place {place}: a block that makes no page")
        if struct.unpack_from("<Q", page, 8)[0] != page_id:
            raise Damage(f"place {place}: another page than {page_id:#x} is packed here")
        return page

    def page(self, page_id: int) -> bytes:
        """A page by its id, verified."""
        if page_id not in self.pages:
            raise Damage(f"page {page_id:#x} is not in the page table")
        if page_id >> 56 == 0 and page_id in self.touched:
            raise Damage(f"page {page_id:#x} belongs to two trees, or twice to one")
        self.touched.add(page_id)
        base, length, delta, offset, tag = self.pages[page_id]
        page = self._base(base, length, page_id)
        if not delta:
            self._expect_tag(base, length, tag)
            return page
        deltas = self._delta_page(delta)
        self._expect_tag(delta, WHOLE, tag)
        if offset < 32:
            raise Damage(f"delta page {delta}: a delta at {offset}")
        reader = Reader(deltas, f"delta page {delta}", offset)
        expected, found, count = reader.u64(), reader.u64(), reader.u16()
        if found != page_id:
            raise Damage(f"delta page {delta}: a delta of {found:#x}, not of {page_id:#x}")
        page = self._unpacked(reader.take(count), page, page_id, delta)
        if checksum(page[8:], base) != expected:
            raise Damage(f"delta page {delta}: the delta at {offset} does not fit its base")
        return page

    def extent(self, place: int, count: int, expected: int) -> bytes:
        """The bytes of an extent."""
        places = range(place, place + (count + PLACE - 1) // PLACE)
        if place % 4:
            raise Damage(f"an extent from place {place} on")
        if count == 0:
            raise Damage(f"an empty extent at place {place}")
        for one in places:
            self._take(one)
        data = self.data[place * PLACE:place * PLACE + count]
        if len(data) != count or checksum(data, place) != expected:
            raise Damage(f"the extent at place {place} does not match its checksum")
        if self.data[place * PLACE + count:(places[-1] + 1) * PLACE].strip(b"\x00"):
            raise Damage(f"the extent at place {place} is not filled up with zeros")
        return data

    def has_ordinals(self, number: int) -> bool:
        """Whether a page of the ordinal table is there."""
        return 1 << 56 | number in self.pages

    def ordinals(self) -> Iterator[tuple[int, Ordinal]]:
        """Every entry of the ordinal table that was ever used."""
        for page_id in sorted(one for one in self.pages if one >> 56 == 1):
            page = self.page(page_id)
            if page[16] != 0x10:
                raise Damage(f"page {page_id:#x}: kind {page[16]} in the ordinal table")
            first = (page_id & (1 << 56) - 1) * 204
            for index in range(204):
                entry = Ordinal(*struct.unpack_from("<QQQqIHH", page, 32 + index * 40))
                if entry.birth:
                    yield first + index, entry

    def unreached(self) -> int:
        """Tree pages that no tree reached. Call when all trees were walked."""
        return sum(1 for one in self.pages if one not in self.touched)


def turned_back(page: bytes, start: int, rows: int, stride: int) -> bytes:
    """The page, its rows as they were: formats/pages.md#turned-rows."""
    made = bytearray(page)
    for column in range(stride):
        byte = 0
        for row in range(rows):
            byte = byte + page[start + column * rows + row] & 0xFF
            made[start + row * stride + column] = byte
    return bytes(made)


def tree(pages: PageFile, root: int, findings: Findings) -> dict[bytes, bytes]:
    """All entries of a tree of byte strings."""
    entries: dict[bytes, bytes] = {}
    total = struct.unpack_from("<Q", pages.page(root), 32)[0]
    pages.touched.discard(root)
    _tree_page(pages, root, None, b"", None, entries)
    findings.expect(total == len(entries), f"tree {root:#x} counts {total}, has {len(entries)}")
    return entries


def _tree_page(pages, page_id, level, low, high, entries):
    page = pages.page(page_id)
    kind, own_level, count, prefix_count, heap = struct.unpack_from("<BBHHH", page, 16)
    live = struct.unpack_from("<H", page, 40)[0]
    what = f"tree page {page_id:#x}"
    is_leaf = own_level == 0
    if kind != (1 if is_leaf else 2) or (level is not None and own_level != level):
        raise Damage(f"{what}: kind {kind} at level {own_level}")
    if prefix_count > 1024 or not 48 + 8 * count <= heap <= SIZE - prefix_count:
        raise Damage(f"{what}: its head breaks a bound")
    if count == 0 and (level is not None or not is_leaf):
        raise Damage(f"{what}: empty")
    prefix, rows, used = page[SIZE - prefix_count:], [], 0
    for index in range(count):
        head, cell, rest_count = struct.unpack_from("<IHH", page, 48 + 8 * index)
        reader = Reader(page[:SIZE - prefix_count], what, cell)
        if cell < heap or prefix_count + rest_count > 1024:
            raise Damage(f"{what}: entry {index} breaks a bound")
        value_count = reader.u16()
        rest, value = reader.take(rest_count), reader.take(value_count)
        used += 2 + rest_count + value_count
        if head != int.from_bytes(rest[:4].ljust(4, b"\x00"), "big"):
            raise Damage(f"{what}: the head of entry {index} is not its key's")
        if not is_leaf and (len(value) != 8 or (index == 0 and rest_count)):
            raise Damage(f"{what}: entry {index} is no child")
        rows.append((low if not is_leaf and index == 0 else prefix + rest, value))
    if used != live:
        raise Damage(f"{what}: {live} live bytes, in fact {used}")
    keys = [key for key, _ in rows]
    if any(a >= b for a, b in zip(keys, keys[1:])) or any(
            key < low or (high is not None and key >= high) for key in keys):
        raise Damage(f"{what}: keys are out of order or out of bounds")
    for index, (key, value) in enumerate(rows):
        if is_leaf:
            entries[key] = value
        else:
            after = keys[index + 1] if index + 1 < count else high
            child = int.from_bytes(value, "little")
            _tree_page(pages, child, own_level - 1, key, after, entries)


def column_tree(
    pages: PageFile, root: int, sizes: list[int], findings: Findings
) -> dict[tuple[int, int], tuple[bytes, ...]]:
    """All entries of a column tree: columns by (high, low)."""
    page = pages.page(root)
    pages.touched.discard(root)
    total, count = struct.unpack_from("<QH", page, 32)
    found = list(struct.unpack_from("<8H", page, 48))
    if count != len(sizes) or found != sizes + [0] * (8 - len(sizes)):
        raise Damage(f"column tree {root:#x} has columns {found[:count]}, not {sizes}")
    entries: dict = {}
    _column_page(pages, root, None, (0, 0), None, sizes, _layout(sizes), entries)
    findings.expect(
        total == len(entries), f"column tree {root:#x} counts {total}, has {len(entries)}")
    return entries


def _layout(sizes: list[int]) -> tuple[int, list[int]]:
    """How many entries a leaf holds, and where its columns start."""
    capacity = (SIZE - 64) // (16 + sum(sizes))
    while True:
        starts, end = [], 64 + 16 * capacity
        for column, size in enumerate(sizes):
            step = 64 if column == 0 else max(n for n in (8, 4, 2, 1) if n <= size)
            end = (end + step - 1) // step * step
            starts.append(end)
            end += size * capacity
        if end <= SIZE:
            return capacity, starts
        capacity -= 1


def _column_page(pages, page_id, level, low, high, sizes, layout, entries):
    page = pages.page(page_id)
    kind, own_level, count = struct.unpack_from("<BBH", page, 16)
    what = f"column page {page_id:#x}"
    capacity, starts = layout
    is_leaf = own_level == 0
    if kind != (3 if is_leaf else 4) or own_level > 11 or level not in (None, own_level):
        raise Damage(f"{what}: kind {kind} at level {own_level}")
    if count > (capacity if is_leaf else 338) or (
            count == 0 and (level is not None or not is_leaf)):
        raise Damage(f"{what}: {count} entries")
    keys = [struct.unpack_from("<QQ", page, 64 + 16 * index) for index in range(count)]
    if not is_leaf:
        keys[0] = low
    if any(a >= b for a, b in zip(keys, keys[1:])) or any(
            key < low or (high is not None and key >= high) for key in keys):
        raise Damage(f"{what}: keys are out of order or out of bounds")
    for index, key in enumerate(keys):
        if is_leaf:
            entries[key] = tuple(
                page[start + index * size:start + (index + 1) * size]
                for start, size in zip(starts, sizes))
        else:
            after = keys[index + 1] if index + 1 < count else high
            child = struct.unpack_from("<Q", page, 5472 + 8 * index)[0]
            _column_page(pages, child, own_level - 1, key, after, sizes, layout, entries)
