"""Heads of vector indexes, and their graphs. formats/vector-graph.md."""

import struct

import pagefile
from pagefile import SIZE, PageFile
from primitives import Damage, Findings

NONE = 0xFFFF_FFFF
DEGREE = 32
PER_LINK_PAGE = 54
ORDINALS = 64 + PER_LINK_PAGE * DEGREE * 4
ADDRESSES = ORDINALS + PER_LINK_PAGE * 8
OWNERS = ADDRESSES + PER_LINK_PAGE * 8


class VectorHead:
    """What the head page of a vector field says."""

    def __init__(self, pages: PageFile, page_id: int):
        page = pages.page(page_id)
        what = f"head page {page_id:#x}"
        if page[16] != 0x11 or page_id >> 56:
            raise Damage(f"{what}: kind {page[16]}")
        self.codes, self.fresh, self.gone = struct.unpack_from("<QQQ", page, 32)
        self.count, self.used, entries, codes, links = struct.unpack_from("<5I", page, 56)
        if (self.codes | self.fresh | self.gone) >> 56 or bool(self.fresh) != bool(self.gone):
            raise Damage(f"{what}: roots of no trees")
        if (self.count > 1 << 26 or self.used > self.count or entries > 64
                or max(codes, links) > 980):
            raise Damage(f"{what}: over its limits")
        if not self.fresh and (self.count or codes or links):
            raise Damage(f"{what}: a graph without its trees")
        self.entries = struct.unpack_from(f"<{entries}I", page, 96)
        self.code_segments = struct.unpack_from(f"<{codes}I", page, 352)
        self.link_segments = struct.unpack_from(f"<{links}I", page, 4272)
        if any(entry >= self.count for entry in self.entries):
            raise Damage(f"{what}: an entry that is no node")
        if struct.unpack_from("<I", page, 76)[0] > 1:
            raise Damage(f"{what}: a layout that is not known")
        unused = page[17:24] + page[80:96] + page[96 + 4 * entries:352]
        unused += page[352 + 4 * codes:4272] + page[4272 + 4 * links:]
        if unused.strip(b"\0"):
            raise Damage(f"{what}: bytes of nothing are not zero")


def _array(pages: PageFile, segments, kind: int) -> dict[int, bytes]:
    """The pages of an array that are there, by their number in it."""
    found = {}
    for place, segment in enumerate(segments):
        for index in range(512):
            page_id = 2 << 56 | segment << 9 | index
            if page_id in pages.pages:
                page = found[place * 512 + index] = pages.page(page_id)
                if page[16] != kind:
                    raise Damage(f"page {page_id:#x}: kind {page[16]} in an array of {kind:#x}")
                if (page[17:24] + page[32:64]).strip(b"\0"):
                    raise Damage(f"page {page_id:#x}: bytes of nothing are not zero")
    return found


def compare_graph(
    number: int, code_size: int, head: VectorHead, pages: PageFile, codes: dict,
    findings: Findings
) -> None:
    """Holds codes, fresh, gone and the graph of a field against each other."""
    nodes: dict[int, tuple[int, int, int]] = {}
    what = f"field {number}"
    without = {}
    for (owner, ordinal), (code, scale, bias, address, node) in codes.items():
        node = struct.unpack("<I", node)[0]
        if node == NONE:
            without[owner, ordinal] = (code, scale, bias, address)
            continue
        findings.expect(node not in nodes, f"{what}: node {node} is of two vectors")
        nodes[node] = (owner, ordinal, struct.unpack("<Q", address)[0])
    if not head.fresh:
        findings.expect(not nodes, f"{what}: nodes without a graph")
        return
    fresh = pagefile.column_tree(pages, head.fresh, [code_size, 4, 4, 8], findings)
    for key, columns in fresh.items():
        findings.expect(without.get(key) == columns, f"{what}: {key} is fresh, and not by its code")
    if head.count:
        findings.expect(set(fresh) == set(without), f"{what}: vectors that nothing leads to")
    gone = set()
    for node, low in pagefile.column_tree(pages, head.gone, [], findings):
        findings.expect(
            low == 0 and node < (head.count or 1 << 26) and node not in nodes,
            f"{what}: node {node} is gone")
        gone.add(node)
    code_pages = _array(pages, head.code_segments, 0x12)
    links = _array(pages, head.link_segments, 0x13)
    for node, subject in nodes.items():
        findings.expect(
            node < (head.count or 1 << 26) and _subject(links, node) == subject,
            f"{what}: node {node} is not that of {subject}")
    free = 0
    per_page = (SIZE - 64) // (code_size + 8)
    for node in range(head.count):
        subject = _subject(links, node)
        is_free = subject is not None and subject[0] == NONE
        free += is_free
        findings.expect(
            (node in nodes) + (node in gone) + is_free == 1, f"{what}: number {node} is nobody's")
        page, slot = code_pages.get(node // per_page), node % per_page
        findings.expect(page is not None, f"{what}: node {node} has no code")
        if page is not None and is_free:
            start = 64 + slot * code_size
            findings.expect(
                not page[start:start + code_size].strip(b"\0"),
                f"{what}: number {node} is free and has a code")
    findings.expect(head.used == head.count - free, f"{what}: {head.used} nodes are counted")


def _subject(links: dict[int, bytes], node: int) -> "tuple[int, int, int] | None":
    """Owner, ordinal and address of a node."""
    page, slot = links.get(node // PER_LINK_PAGE), node % PER_LINK_PAGE
    if page is None:
        return None
    return (
        struct.unpack_from("<I", page, OWNERS + slot * 4)[0],
        struct.unpack_from("<Q", page, ORDINALS + slot * 8)[0],
        struct.unpack_from("<Q", page, ADDRESSES + slot * 8)[0])
