"""The page file, its page table, ordinals, trees and column trees.

formats/pages.md, formats/tree.md, formats/column-tree.md.
"""

import struct
from typing import Iterator, NamedTuple

from primitives import Damage, Findings, Newer, Reader, checksum

SIZE = 8192
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

    def __init__(self, path: str, identity: tuple[int, int]):
        self.path = path
        with open(path, "rb") as file:
            self.data = file.read()
        self.limit = len(self.data) // SIZE
        self.taken: set[int] = set()
        self.touched: set[int] = set()
        self.pages: dict[int, int] = {}
        blocks = [block for block in (self._block(slot) for slot in (0, 1)) if block]
        self.has_checkpoint = bool(blocks)
        if not blocks:
            if all(self.data[slot * SIZE:(slot + 1) * SIZE].strip(b"\x00") for slot in (0, 1)):
                raise Damage(f"{path}: neither root block is whole")
            return
        newest = max(blocks, key=lambda block: block["checkpoint"])
        if newest["version"] != 1:
            raise Newer(f"{path}: version {newest['version']}")
        if newest["identity"] != identity:
            raise Damage(f"{path}: of another store")
        self.checkpoint, self.generation = newest["checkpoint"], newest["generation"]
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
        if block["version"] == 1 and block["size"] != SIZE:
            raise Damage(f"{self.path}: pages of {block['size']} bytes")
        return block

    def _read_table(self, reader: Reader):
        payload_count, spaces, directories = reader.u32(), reader.u32(), reader.u32()
        reader.u32()
        if payload_count > 4096 or spaces > 2 or directories > 400:
            raise Damage(f"{self.path}: a root block over its limits")
        counts = [reader.u32() for _ in range(spaces)]
        places = [reader.u64() for _ in range(directories)]
        self.payload = reader.take(payload_count)
        nodes: list[int] = []
        for index, place in enumerate(places):
            page = self._table_page(place, 0xFF << 56 | index, 0xFF)
            count = struct.unpack_from("<I", page, 20)[0]
            if count > 1000:
                raise Damage(f"directory page {index} counts {count} places")
            nodes += struct.unpack_from(f"<{count}Q", page, 32)
        if sum(counts) != len(nodes):
            raise Damage(f"{self.path}: the directory does not fit the node counts")
        for space, count in enumerate(counts):
            for index, place in enumerate(nodes[:count]):
                if place:
                    self._read_node(space, index, place)
            nodes = nodes[count:]

    def _read_node(self, space: int, index: int, place: int):
        page = self._table_page(place, 0xFE << 56 | space << 48 | index, 0xFE)
        for entry in range(1024):
            target = int.from_bytes(page[32 + entry * 6:38 + entry * 6], "little")
            if target:
                self._take(target)
                self.pages[space << 56 | index * 1024 + entry] = target

    def _take(self, place: int):
        if place < 2 or place >= self.limit or place in self.taken:
            raise Damage(f"place {place} is outside the file, or named twice")
        self.taken.add(place)

    def _table_page(self, place: int, page_id: int, kind: int) -> bytes:
        self._take(place)
        page = self._page_at(place, page_id)
        if page[16] != kind:
            raise Damage(f"place {place}: kind {page[16]} where {kind} belongs")
        return page

    def _page_at(self, place: int, page_id: int) -> bytes:
        page = self.data[place * SIZE:(place + 1) * SIZE]
        if checksum(page[8:], place) != int.from_bytes(page[:8], "little"):
            raise Damage(f"place {place}: the page's checksum does not match")
        found, number = struct.unpack_from("<Q", page, 8)[0], struct.unpack_from("<Q", page, 24)[0]
        if found != page_id:
            raise Damage(f"place {place}: page {found:#x} where {page_id:#x} belongs")
        if number > self.checkpoint:
            raise Damage(f"place {place}: a page of checkpoint {number}, after the root block's")
        return page

    def page(self, page_id: int) -> bytes:
        """A page by its id, verified."""
        if page_id not in self.pages:
            raise Damage(f"page {page_id:#x} is not in the page table")
        if page_id >> 56 == 0 and page_id in self.touched:
            raise Damage(f"page {page_id:#x} belongs to two trees, or twice to one")
        self.touched.add(page_id)
        return self._page_at(self.pages[page_id], page_id)

    def extent(self, place: int, count: int, expected: int) -> bytes:
        """The bytes of an extent."""
        places = range(place, place + (count + SIZE - 1) // SIZE)
        if count == 0:
            raise Damage(f"an empty extent at place {place}")
        for one in places:
            self._take(one)
        data = self.data[place * SIZE:place * SIZE + count]
        if len(data) != count or checksum(data, place) != expected:
            raise Damage(f"the extent at place {place} does not match its checksum")
        if self.data[place * SIZE + count:(places[-1] + 1) * SIZE].strip(b"\x00"):
            raise Damage(f"the extent at place {place} is not filled up with zeros")
        return data

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
