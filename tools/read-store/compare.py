"""The newest checkpoint against the log. formats/store.md#state and what it points to."""

import itertools
import struct
import unicodedata

import digests
import pagefile
from indexes import index_keys, is_plain
from log import COLD, Log
from pagefile import ALL, PageFile
from primitives import Damage, Findings, Newer, Reader, checksum
from replay import NEVER, WITHDRAWN, Edge, Fork, Record, State, read_set
from textrun import TextRun
from vectorgraph import VectorHead, compare_graph
from values import Tagged, decode, key_field


class Checkpoint:
    """The state that the newest root block's payload names."""

    def __init__(self, pages: PageFile):
        payload = Reader(pages.payload, "the root block's payload")
        data = pages.extent(payload.u64(), payload.u64(), payload.u64())
        reader = Reader(data, "the state")
        version = reader.u32()
        if version > 10:
            raise Newer(f"the state's version is {version}")
        if version == 0:
            raise Damage("the state has version 0")
        self.version = version
        reader.u32()
        self.sequence, self.place, self.next_sequence = reader.u64(), reader.u64(), reader.u64()
        self.incarnation, _, _ = reader.u64(), reader.u32(), reader.u32()
        self.tree, self.adjacency, self.next_ordinal = reader.u64(), reader.u64(), reader.u64()
        self.next_owner, self.has_expiring = reader.u32(), reader.u32() != 0
        self.dead_documents = reader.u64()
        self.vectors = {reader.u16(): reader.u64() for _ in range(reader.u32())}
        self.next_keys = {reader.u16(): reader.i64() for _ in range(reader.u32())}
        self.counts = {reader.u16(): reader.i64() for _ in range(reader.u32())}
        self.runs = []
        for _ in range(reader.u32()):
            place, count, stored, first, last = (reader.u64() for _ in range(5))
            run = TextRun(pages.extent(place, count, stored), f"the run at place {place}")
            self.runs.append((run, first, last))
        self.schemas = [
            decode(reader.take(reader.u32()), "a schema of the state")
            for _ in range(reader.u32())]
        self.cold: dict[int, bool] = {}
        self.dead: dict[int, tuple[int, int]] = {}
        if version > 1:
            cold = [(reader.u64(), reader.u32()) for _ in range(reader.u32())]
            dead = [(reader.u64(), reader.u64(), reader.i64()) for _ in range(reader.u32())]
            for numbers in ([one[0] for one in cold], [one[0] for one in dead]):
                if numbers != sorted(set(numbers)):
                    raise Damage("segments of the state are out of order")
            most = 3 if version > 8 else 1
            if any(number <= COLD or flags > most for number, flags in cold):
                raise Damage("a cold segment of the state")
            self.cold = {number: flags & 1 == 1 for number, flags in cold}
            self.dead = {number: (count, since) for number, count, since in dead}
        self.forks: list[Fork] = []
        if version > 3:
            for _ in range(reader.u32()):
                fork = Fork.read(reader)
                if (fork.stop >= self.sequence or not fork.kept < fork.first <= self.incarnation
                        or not fork.follows(self.forks)):
                    raise Damage(f"the state has {fork}")
                self.forks.append(fork)
        self.passing: dict[int, int] = {}
        if version > 2 and reader.offset < len(data):
            passing = [(reader.u64(), reader.u64()) for _ in range(reader.u32())]
            if [one[0] for one in passing] != sorted({one[0] for one in passing}):
                raise Damage("segments of the state are out of order")
            if any(not 0 < count <= 1 << 27 for _, count in passing):
                raise Damage("how many bytes of a segment pass")
            self.passing = dict(passing)
        self.building: dict[int, tuple[int, int, int]] = {}
        self.leaving: dict[int, int] = {}
        if version > 4:
            for _ in range(reader.u32()):
                number, collection = reader.u16(), reader.u16()
                self.building[number] = (collection, reader.u64(), reader.u64())
            # Of a searchable field they are sequences.
            if any(not 1 <= one <= end <= max(self.next_ordinal, self.sequence)
                   for _, one, end in self.building.values()):
                raise Damage("how far an index is")
            self.leaving = {reader.u16(): reader.u16() for _ in range(reader.u32())}
        self.withdrawn: set[int] = set()
        if version > 5:
            self.withdrawn = read_set(reader)
            if any(not 0 < one < self.next_ordinal for one in self.withdrawn):
                raise Damage("what the state has withdrawn")
        self.archived: dict[int, tuple[int, int]] = {}
        if version < 8 and self.vectors:
            raise Newer(f"a state of version {version} with trees of codes, which is derived again")
        if version > 6:
            archived = [(reader.u64(), reader.i64(), reader.i64()) for _ in range(reader.u32())]
            if [one[0] for one in archived] != sorted({one[0] for one in archived}):
                raise Damage("segments of the state are out of order")
            self.archived = {number: (count, size) for number, count, size in archived}


def compare(
    point: Checkpoint, pages: PageFile, state: State, log: Log, findings: Findings
) -> dict:
    """Holds everything in the pages against the log's state at the same sequence."""
    for ordinal, edge in state.edges.items():
        findings.expect(
            edge.start in state.records and edge.end in state.records,
            f"edge {ordinal} lacks an end")
    for number in point.dead:
        findings.expect(
            number == 0 or number in log.segments or number in point.cold,
            f"what is not needed is counted of segment {number}, which is not there")
    for number in point.passing:
        # Of a cold one that is not complete nothing was read.
        findings.expect(
            number in point.cold and not point.cold[number]
            or point.passing[number] <= state.passing.get(number, 0),
            f"more is counted of segment {number} that passes than it has")
    archived = state.archived()
    findings.expect(
        tuple(map(sum, zip((0, 0), *point.archived.values()))) == archived,
        f"what is archived: {point.archived}, and not {archived}")
    findings.expect(point.next_ordinal == state.next_ordinal, "next ordinal")
    findings.expect(point.next_owner == len(state.owners) + 1, "next owner")
    findings.expect(
        point.has_expiring == state.has_expiring or state.is_sparse and point.has_expiring,
        "whether something expires")
    findings.expect(point.forks == state.forks, "forks")
    findings.expect(
        point.withdrawn == state.withdrawn & set(state.records), "what is withdrawn and lives")
    findings.expect(point.next_keys == state.next_keys, "next keys")
    findings.expect(len(point.schemas) == state.catalog.version, "the number of schemas")
    findings.expect(
        set(point.vectors) == set(state.catalog.vector_types), "the vector fields of the state")
    _counts(point, state, findings)
    _ordinals(point, pages, state, log, findings)
    keys = _keys(point, pages, state, findings)
    adjacency = _adjacency(point, pages, state, findings)
    codes = sum(
        _codes(number, root, pages, state, log, findings) for number, root in point.vectors.items())
    documents = _documents(point, state, findings)
    findings.expect(pages.unreached() == 0, f"{pages.unreached()} pages belong to no tree")
    return {"keys": keys, "adjacency entries": adjacency, "vector codes": codes,
            "text documents": documents}


def _counts(point: Checkpoint, state: State, findings: Findings):
    counts: dict[int, int] = {}
    for record in state.records.values():
        counts[record.collection] = counts.get(record.collection, 0) + 1
    for edge in state.edges.values():
        counts[edge.type] = counts.get(edge.type, 0) + 1
    kept = {number: count for number, count in point.counts.items() if count}
    findings.expect(kept == counts, f"counts are {kept}, the log has {counts}")


def _ordinals(
    point: Checkpoint, pages: PageFile, state: State, log: Log, findings: Findings
):
    table = dict(pages.ordinals())
    living: dict[int, "Record | Edge"] = {**state.records, **state.edges}
    if state.is_sparse:
        # What ended may be gone from the log, or from a table that was derived from it.
        findings.expect(set(living) <= set(table), "the ordinal table lacks ordinals")
        for ordinal in set(table) - set(living):
            findings.expect(
                table[ordinal].death != ALL, f"ordinal {ordinal} lives, and not by the log")
    else:
        expected = set(living) | set(state.dead)
        if point.version > 2:
            # A page goes when nothing lives on it any more; that of the last ordinal stays.
            kept = {ordinal // 204 for ordinal in [*living, state.next_ordinal - 1]}
            expected = {
                one for one in expected if one // 204 in kept or pages.has_ordinals(one // 204)}
        findings.expect(set(table) == expected, "the ordinal table has other ordinals")
    for ordinal, entry in table.items():
        one = living.get(ordinal) or state.ended.get(ordinal)
        if one is None:
            continue
        is_edge = isinstance(one, Edge)
        place = one.frame.place
        copy = log.copies.get(one.frame.sequence)
        if copy is not None and entry.place == copy.place:
            place = copy.place
        if state.is_sparse and ordinal not in living:
            # It ended while it was written again, perhaps: nobody looks for it any more.
            place = entry.place
        expected = (
            place, one.frame.sequence, state.dead.get(ordinal, ALL),
            NEVER if is_edge else WITHDRAWN if ordinal in state.withdrawn else one.expiry,
            one.owner,
            one.type if is_edge else one.collection,
            1 if is_edge else 2 if one.is_archived else 0)
        findings.expect(
            tuple(entry) == expected, f"ordinal {ordinal} is {tuple(entry)}, not {expected}")


def _keys(point: Checkpoint, pages: PageFile, state: State, findings: Findings) -> int:
    found = pagefile.tree(pages, point.tree, findings)
    expected: dict[bytes, bytes] = {}
    untold = set()
    for number, collection in point.leaving.items():
        # Entries of a dropped index, on their way out.
        begin = struct.pack(">HH", collection, number)
        expected |= {key: value for key, value in found.items() if key.startswith(begin)}
    for number, path in state.owners.items():
        expected[b"\0\0\0\1" + unicodedata.normalize("NFC", path).encode()] = struct.pack("<Q", number)
        expected[b"\0\0\0\2" + struct.pack(">Q", number)] = path.encode()
    for ordinal, record in state.records.items():
        value, end = struct.pack("<Q", ordinal), struct.pack(">Q", ordinal)
        collection = state.catalog.collections[record.collection]
        start = struct.pack(">H", collection.number)
        expected[start + b"\0\0" + key_field(record.key)] = value
        if record.expiry != NEVER:
            instant = b"\x20" + struct.pack(">Q", record.expiry + (1 << 63))
            expected[b"\0\0\0\3" + instant + end] = value
        owner_list, recall_list = _owner_list(collection), digests.list_number(collection)
        for index in collection.indexes.values():
            begin = start + struct.pack(">H", index.number)
            if any(collection.fields[part.name] in record.untold for part in index.parts):
                untold.add((begin, end))
                continue
            if index.condition is not None:
                # This reader knows no expressions: what is there is taken as it is, key by key.
                for fields, _ in index_keys(collection, index, record.fields):
                    if begin + fields + end in found:
                        expected[begin + fields + end] = value
                continue
            _, following, last = point.building.get(index.number, (0, 0, 0))
            for fields, _ in index_keys(collection, index, record.fields):
                whole = begin + fields + end
                if following <= ordinal < last and whole not in found:
                    continue  # The index is being built, and has not come to it.
                expected[whole] = value
                # Programs that do not know of these lists wrote the ordinal alone.
                if index.number == recall_list and found.get(whole, value) != value:
                    expected[whole] = value + found[whole][8:]
                    digests.check(
                        collection, record, found[whole][8:], findings,
                        f"the digest of {collection.name}/{record.key}")
                elif index.number == owner_list and found.get(whole) != value:
                    expected[whole] = value + _listed_key(record.key)
        for rule in collection.references.values():
            for names in _names(collection, rule, record):
                fields = b"".join(key_field(name) for name in names)
                expected[start + struct.pack(">H", rule.number) + fields + end] = value
    for ordinal, edge in state.edges.items():
        if edge.type in state.catalog.unique_edges:
            pair = (edge.start, edge.end)
            if state.catalog.unique_edges[edge.type]:
                pair = (min(pair), max(pair))
            key = struct.pack(">HHQQ", edge.type, 0, *pair)
            findings.expect(key not in expected, f"edge {ordinal} joins what another one joins")
            expected[key] = struct.pack("<Q", ordinal)
        collection = state.catalog.edge_collections[edge.type]
        fields = {**edge.properties, collection.fields["$from"]: edge.start,
                  collection.fields["$to"]: edge.end}
        for index in collection.indexes.values():
            begin = struct.pack(">HH", edge.type, index.number)
            _, following, last = point.building.get(index.number, (0, 0, 0))
            for one, _ in index_keys(collection, index, fields):
                whole = begin + one + struct.pack(">Q", ordinal)
                # Conditions are not read here, and an index that is being built may lack keys.
                may_lack = index.condition is not None or following <= ordinal < last
                if whole in found or not may_lack:
                    expected[whole] = struct.pack("<Q", ordinal)
    expected |= _usage(point, state)
    # What an expression gives is not worked out here: that the entry is there must do.
    if untold:
        of_untold = [key for key in found if (key[:4], key[-8:]) in untold]
        findings.expect(len(of_untold) == len(untold), "entries of generated fields")
        for key in of_untold:
            del found[key]
    _difference("key", found, expected, findings, lambda key: key.hex())
    _unique(state, findings)
    _references(state, findings)
    return len(found) + len(untold)


def _usage(point: Checkpoint, state: State) -> dict[bytes, bytes]:
    """What owners have, of all that is counted and was come to. formats/store.md#usage."""
    amounts: dict[tuple[int, int], list[int]] = {}
    for ordinal, one in [*state.records.items(), *state.edges.items()]:
        is_edge = isinstance(one, Edge)
        number = one.type if is_edge else one.collection
        _, following, last = point.building.get(0x8000 | number, (0, 0, 0))
        if number not in state.catalog.counted or following <= ordinal < last:
            continue
        count = one.frame.plain_count or len(one.frame.body)
        if is_edge:
            count += 16 + len(one.frame.vectors)
        else:
            count += struct.unpack_from("<H", one.frame.columns, 28)[0] + len(one.frame.vectors)
        amount = amounts.setdefault((number, one.owner), [0, 0])
        amount[0] += 1
        amount[1] += count
    return {struct.pack(">HHQ", number, 0x8000, owner): struct.pack("<QQ", *amount)
            for (number, owner), amount in amounts.items()}


def _names(collection, rule, record) -> list[tuple]:
    """What a record names by a rule: a value for each of its fields, an element of an array each."""
    values = [record.key if name == "$key" else record.fields.get(collection.fields[name])
              for name in rule.fields]
    if any(value is None for value in values):
        return []
    lists = [value if isinstance(value, list) else [value] for value in values]
    return [names for names in itertools.product(*lists) if None not in names]


def _references(state: State, findings: Findings):
    """What a record names is there, as long as itself it is."""
    by_name = {one.name: one for one in state.catalog.collections.values()}
    known: dict[tuple[int, tuple[str, ...]], set[tuple[bytes, ...]]] = {}
    for record in state.records.values():
        collection = state.catalog.collections[record.collection]
        if not collection.name:
            continue  # It was dropped, and is on its way out.
        for name, rule in collection.references.items():
            target = by_name[rule.to]
            where = (target.number, tuple(rule.on))
            if where not in known:
                known[where] = {
                    tuple(key_field(one.fields.get(target.fields[field])) for field in rule.on)
                    if rule.on else (key_field(one.key),)
                    for one in state.records.values() if one.collection == target.number}
            for names in _names(collection, rule, record):
                findings.expect(
                    record.expiry != NEVER or tuple(map(key_field, names)) in known[where],
                    f"{collection.name}/{record.key} names what is not there by {name}")


def _owner_list(collection) -> int | None:
    """The index whose entries have the records' keys."""
    owner = collection.owner_field
    return min((index.number for index in collection.indexes.values()
                if owner is not None and is_plain(collection, index)
                and collection.fields[index.parts[0].name] == owner), default=None)


def _listed_key(key) -> bytes:
    """A record's key as it stands in an owner list."""
    if isinstance(key, int):
        return struct.pack("<q", key)
    if isinstance(key, Tagged):
        return key.value[7::-1] + key.value[:7:-1]
    text = key.encode()
    return text if len(text) <= 64 else b""


def _unique(state: State, findings: Findings):
    seen = set()
    for ordinal, record in state.records.items():
        collection = state.catalog.collections[record.collection]
        for index in collection.indexes.values():
            if not index.is_unique or index.condition is not None:
                continue
            if any(collection.fields[part.name] in record.untold for part in index.parts):
                continue
            for fields, has_null in index_keys(collection, index, record.fields):
                if has_null and index.has_distinct_nulls:
                    continue
                findings.expect(
                    (index.number, fields) not in seen, f"ordinal {ordinal} breaks a unique index")
                seen.add((index.number, fields))


def _difference(what: str, found: dict, expected: dict, findings: Findings, show):
    for key in sorted(set(found) | set(expected)):
        if key not in found:
            findings.note(f"{what} {show(key)} is missing")
        elif key not in expected:
            findings.note(f"{what} {show(key)} is there, and the log does not say so")
        elif found[key] != expected[key]:
            findings.note(f"{what} {show(key)} has another value than the log says")


def _adjacency(point: Checkpoint, pages: PageFile, state: State, findings: Findings) -> int:
    found = pagefile.column_tree(pages, point.adjacency, [8, 8, 8], findings)
    expected = {}
    for ordinal, edge in state.edges.items():
        low = edge.type << 48 | ordinal
        for node, other, side in ((edge.start, edge.end, 0), (edge.end, edge.start, 1 << 63)):
            linked = b"\xff" * 8
            # It is said of edges that were linked when their type kept a history.
            stated = struct.pack("<q", edge.frame.time)
            if _keeps_past(state, edge.type) and found.get((node, side | low), (b"",))[-1] == stated:
                linked = stated
            expected[node, side | low] = (
                struct.pack("<Q", other), struct.pack("<Q", edge.frame.sequence), linked)
    for record in state.records.values():
        if record.collection in state.catalog.past_rows and record.key != 0:
            _past_entries(record, expected)
    _difference("adjacency entry", found, expected, findings, str)
    return len(found)


def _keeps_past(state: State, kind: int) -> bool:
    name = state.catalog.edge_types.get(kind, "")
    return any(state.catalog.collections[number].name == name + "$edges"
               for number in state.catalog.past_rows)


def _past_entries(row: Record, expected: dict):
    """What the row of an edge that has ended makes. formats/adjacency.md#the-past."""
    kind, start, end = row.fields[1], row.fields[2], row.fields[3]
    linked = _microseconds(row.fields[4]) if 4 in row.fields else b"\xff" * 8
    low = kind << 48 | row.key
    for node, other, side in ((start, end, 0), (end, start, 1 << 63)):
        expected[node | 1 << 63, side | low] = (
            struct.pack("<Q", other), linked, _microseconds(row.fields[5]))


def _microseconds(instant: Tagged) -> bytes:
    return struct.pack("<q", instant.value)


def _codes(
    number: int, root: int, pages: PageFile, state: State, log: Log, findings: Findings
) -> int:
    """Who has a code and where the full vector stands; codes themselves are not made again."""
    dimension = state.catalog.vector_types[number]["dimension"]
    padded = (dimension + 63) // 64 * 64
    head = VectorHead(pages, root)
    found = pagefile.column_tree(pages, head.codes, [padded // 2, 4, 4, 8, 4], findings)
    compare_graph(number, padded // 2, head, pages, found, findings)
    expected = {}
    for ordinal, record in [*state.records.items(), *state.edges.items()]:
        is_edge = isinstance(record, Edge)
        numbers = (state.catalog.edge_collections[record.type] if is_edge
                   else state.catalog.collections[record.collection]).vectors
        for field, (_, address, _) in record.vectors.items():
            if numbers.get(field) == number:  # not those of a field that was dropped
                expected[record.owner, ordinal] = address
    addresses = {key: struct.unpack("<Q", columns[3])[0] for key, columns in found.items()}
    for (owner, ordinal), address in addresses.items():
        # The row of a copy is as good.
        record = state.records.get(ordinal) or state.edges.get(ordinal)
        copy = log.copies.get(record.frame.sequence) if record is not None else None
        if copy is None or address >> 28 != copy.segment or (owner, ordinal) not in expected:
            continue
        start = expected[owner, ordinal] - (record.frame.segment << 28)
        moved = copy.segment << 28 | copy.vector_offset + start - record.frame.vector_offset
        if address == moved:
            expected[owner, ordinal] = address
    _difference(f"code of field {number}", addresses, expected, findings, str)
    return len(found)


def _documents(point: Checkpoint, state: State, findings: Findings) -> int:
    is_loose = state.catalog.is_loose
    living = {
        (one.owner, ordinal, one.frame.sequence)
        for ordinal, one in [*state.records.items(), *state.edges.items()]
        if not is_loose or _has_words(one, point, state)}
    if not is_loose:
        living &= state.documents
    found: set[tuple[int, int, int]] = set()
    for run, first, last in point.runs:
        for document in run.documents:
            findings.expect(document not in found, f"document {document} is in two runs")
            findings.expect(first <= document[2] <= last, f"document {document} is out of range")
            found.add(document)
    findings.expect(living <= found, f"{len(living - found)} documents are in no run")
    if is_loose:
        # Which documents lost their last words to a drop, nobody has noted down.
        return len(found)
    findings.expect(
        state.is_sparse or found <= state.documents, "documents that the log does not have")
    dead = len(found - living)
    findings.expect(
        dead == point.dead_documents, f"{dead} dead documents, counted {point.dead_documents}")
    return len(found)


def _has_words(record, point: Checkpoint, state: State) -> bool:
    """Whether a version, or an edge, has a searchable text that is not still being built."""
    if isinstance(record, Edge):
        texts = state.catalog.edge_collections[record.type].texts
        return any(isinstance(record.properties.get(field), str) for field in texts)
    for field, number in state.catalog.collections[record.collection].texts.items():
        _, following, end = point.building.get(number, (0, 0, 0))
        if isinstance(record.fields.get(field), str) and not (
                following <= record.frame.sequence < end):
            return True
    return False
