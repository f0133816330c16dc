"""The log as a dictionary of records and edges. formats/store.md#frames."""

import struct
import unicodedata
from typing import Any, NamedTuple

import lz4.block

from catalog import Catalog
from log import PACKED, Batch, Frame
from primitives import Damage, Findings, Newer, Reader
from values import Tagged, decode, decode_fields

(SCHEMA, OWNER, PUT, DELETE, LINK, UNLINK, SUMMARY, NARROW_ERASE, ERASE, FORK, WITHDRAWAL,
 ERASE_EDGE) = range(16, 28)
NEVER = (1 << 63) - 1
GREATEST = (1 << 63) - 1
WITHDRAWN = -1 << 63


class Record(NamedTuple):
    collection: int
    key: Any
    owner: int
    expiry: int
    fields: dict[int, Any]
    vectors: dict[int, tuple[int, int, bytes]]  # element, address, row by field number
    frame: Frame
    untold: set[int]  # fields that came later and that only an expression tells
    is_archived: bool = False  # by the roles when it was put


class Fork(NamedTuple):
    stop: int
    kept: int
    first: int

    @staticmethod
    def read(reader: Reader) -> "Fork":
        return Fork(reader.u64(), reader.u64(), reader.u64())

    def follows(self, line: "list[Fork]") -> bool:
        return not line or self.stop > line[-1].stop and self.kept >= line[-1].first


class Edge(NamedTuple):
    type: int
    start: int
    end: int
    owner: int
    properties: dict[int, Any]
    vectors: dict[int, tuple[int, int, bytes]]  # as a record's
    frame: Frame


def record_bytes(frame: Frame) -> int:
    """Bytes of a put's body before it was packed, its key and its vectors."""
    count = frame.plain_count or len(frame.body)
    return count + int.from_bytes(frame.columns[28:30], "little") + len(frame.vectors)


def read_set(reader: Reader) -> set[int]:
    """A set of ordinals. formats/store.md#sets."""
    ordinals: set[int] = set()
    last = -1
    for _ in range(reader.u32()):
        upper, count = reader.u64(), reader.u32()
        if not last < upper < 1 << 48 or not 1 <= count <= 65536:
            raise Damage(f"a set has a chunk {upper} of {count}")
        last = upper
        if count <= 4096:
            lower = [reader.u16() for _ in range(count)]
        else:
            words = [reader.u64() for _ in range(1024)]
            lower = [64 * index + bit for index, word in enumerate(words)
                     for bit in range(64) if word >> bit & 1]
        if len(lower) != count or lower != sorted(set(lower)):
            raise Damage(f"a set has other members in chunk {upper} than it says")
        ordinals.update(upper << 16 | one for one in lower)
    return ordinals


class State:
    """What the log says up to some batch."""

    def __init__(self, findings: Findings, is_sparse: bool = False):
        """`is_sparse`: whether cold segments are read, so that frames went before."""
        self.findings = findings
        self.is_sparse = is_sparse
        self.catalog = Catalog()
        self.records: dict[int, Record] = {}
        self.edges: dict[int, Edge] = {}
        self.edges_of: dict[int, set[int]] = {}  # living edges by the ordinal of an end
        self.dead: dict[int, int] = {}  # sequence of the death by ordinal
        self.ended: dict[int, "Record | Edge"] = {}
        self.keys: dict[tuple[int, Any], int] = {}
        self.owners: dict[int, str] = {}
        self.forks: list[Fork] = []
        self.withdrawn: set[int] = set()  # all that ever were
        self.documents: set[tuple[int, int, int]] = set()  # all that were ever put
        self.next_ordinal = 1
        self.next_keys: dict[int, int] = {}
        self.has_expiring = False
        self.frames: dict[int, int] = {}
        self.passing: dict[int, int] = {}  # bytes of deletes, unlinks and commits by segment

    def _pass(self, frame: Frame):
        self.passing[frame.segment] = (
            self.passing.get(frame.segment, 0) + (frame.length + 7 & ~7))

    def apply(self, batch: Batch):
        if batch.commit is not None:
            self._pass(batch.commit)
        for frame in batch.frames:
            self.frames[frame.type] = self.frames.get(frame.type, 0) + 1
            if frame.type in (DELETE, UNLINK):
                self._pass(frame)
            if batch.commit is not None and frame.time != batch.commit.time:
                self.findings.note(f"{frame}: another time than its commit's")
            step = {
                SCHEMA: self._schema, OWNER: self._owner, PUT: self._put, DELETE: self._delete,
                LINK: self._link, UNLINK: self._unlink, NARROW_ERASE: self._delete,
                ERASE: self._delete, FORK: self._fork, ERASE_EDGE: self._unlink,
                WITHDRAWAL: self._withdraw}.get(frame.type)
            if frame.type == SUMMARY and batch.commit is None:
                self._summary(frame)
                continue
            if step is None:
                raise Newer(f"{frame}: type {frame.type}")
            step(frame)
            if frame.type != SCHEMA:
                self.findings.expect(
                    frame.schema_version == self.catalog.version,
                    f"{frame}: schema version {frame.schema_version}")

    def archived(self) -> tuple[int, int]:
        """How many records are archived, and their bytes. formats/store.md#archived."""
        held = [one for one in self.records.values() if one.is_archived]
        return len(held), sum(record_bytes(one.frame) for one in held)

    def _body(self, frame: Frame) -> bytes:
        if frame.plain_count == 0:
            return frame.body
        if frame.plain_count > 64 << 20:
            raise Damage(f"{frame}: a body of {frame.plain_count} bytes")
        try:
            if frame.flags & PACKED and frame.dictionary is None:
                raise Damage(f"{frame}: the dictionary of its segment does not read back")
            plain = lz4.block.decompress(
                frame.body, uncompressed_size=frame.plain_count, dict=frame.dictionary or b"")
        except lz4.block.LZ4BlockError as error:
            raise Damage(f"{frame}: {error}") from error
        if len(plain) != frame.plain_count:
            raise Damage(f"{frame}: the body has {len(plain)} bytes when plain")
        return plain

    def _schema(self, frame: Frame):
        self.catalog.add(decode(self._body(frame), str(frame)))
        self.findings.expect(
            frame.schema_version == self.catalog.version, f"{frame}: schema version")
        for record in self.records.values():
            for late in self.catalog.collections[record.collection].late:
                if late.since != self.catalog.version:
                    continue
                if late.value is None:
                    record.untold.add(late.number)
                else:
                    record.fields[late.number] = late.value

    def _summary(self, frame: Frame):
        """What frames that are gone had used up."""
        if frame.columns or frame.vectors or frame.plain_count:
            raise Damage(f"{frame}: a summary with more than a body")
        reader = Reader(frame.body, str(frame))
        self.next_ordinal = max(self.next_ordinal, reader.u64())
        for _ in range(reader.u32()):
            number, key = reader.u16(), reader.i64()
            self.next_keys[number] = max(self.next_keys.get(number, 1), key)
        if reader.offset != len(frame.body):
            raise Damage(f"{frame}: a summary with more than its entries")

    def _owner(self, frame: Frame):
        self.findings.expect(
            frame.owner == len(self.owners) + 1, f"{frame}: owner {frame.owner} out of order")
        self.owners[frame.owner] = frame.columns.decode()

    def _fork(self, frame: Frame):
        reader = Reader(frame.columns, str(frame))
        fork = Fork.read(reader)
        if (len(frame.columns) != 24 or fork.stop != frame.sequence - 1
                or fork.first != frame.incarnation or fork.kept >= fork.first
                or not fork.follows(self.forks)):
            raise Damage(f"{frame}: {fork}")
        self.forks.append(fork)

    def _withdraw(self, frame: Frame):
        columns = Reader(frame.columns, str(frame))
        number, padding, count = columns.u16(), columns.take(6), columns.u64()
        body = Reader(self._body(frame), str(frame))
        ordinals = read_set(body)
        if (len(frame.columns) != 16 or any(padding) or not ordinals or len(ordinals) != count
                or body.offset != len(body.data) or frame.vectors or min(ordinals) == 0):
            raise Damage(f"{frame}: a withdrawal")
        for ordinal in ordinals:
            record = self.records.get(ordinal)
            self.findings.expect(
                self.is_sparse and record is None
                or record is not None and record.collection == number,
                f"{frame}: ordinal {ordinal} does not live")
            if record is not None:
                self.withdrawn.add(ordinal)
        self.next_ordinal = max(self.next_ordinal, max(ordinals) + 1)

    def _new_ordinal(self, ordinal: int, frame: Frame):
        self.findings.expect(
            self.is_sparse or ordinal == self.next_ordinal, f"{frame}: ordinal {ordinal} out of order")
        self.next_ordinal = max(self.next_ordinal, ordinal + 1)

    def _put(self, frame: Frame):
        reader = Reader(frame.columns, str(frame))
        ordinal, previous, expiry = reader.u64(), reader.u64(), reader.i64()
        number, kind, vector_count, key_count = (
            reader.u16(), reader.u8(), reader.u8(), reader.u16())
        reader.u16()
        heads = []
        for _ in range(vector_count):
            field, element = reader.u16(), reader.u8()
            reader.u8()
            heads.append((field, element, reader.u32()))
        key = self._key(kind, reader.take(key_count), frame)
        padding = reader.take(len(frame.columns) - reader.offset)
        if len(padding) > 7 or any(padding) or frame.vector_offset % 8:
            raise Damage(f"{frame}: the columns end in other than zeros")
        collection = self.catalog.collections.get(number)
        if collection is None:
            raise Damage(f"{frame}: collection {number}")
        vectors, start = {}, 0
        for field, element, dimension in heads:
            size = dimension * (2 if element else 4)
            row = frame.vectors[start:start + size]
            if element > 1 or len(row) != size or field not in collection.vectors:
                raise Damage(f"{frame}: a vector of field {field}")
            vectors[field] = (element, frame.segment << 28 | frame.vector_offset + start, row)
            start += size
        if start != len(frame.vectors) or list(vectors) != sorted(vectors):
            raise Damage(f"{frame}: vectors")
        fields = decode_fields(self._body(frame), str(frame))
        old = self.records.get(ordinal)
        if old is None:
            self._new_ordinal(ordinal, frame)
            self.findings.expect(
                (number, key) not in self.keys, f"{frame}: its key is another ordinal's")
        expected = 0 if old is None else old.frame.place
        self.findings.expect(
            self.is_sparse or previous == expected, f"{frame}: previous {previous:#x}")
        self._check_owner(collection, fields, frame)
        self.keys[number, key] = ordinal
        self.records[ordinal] = Record(
            number, key, frame.owner, expiry, fields, vectors, frame, set(),
            collection.is_archived(fields))
        self.has_expiring |= expiry != NEVER
        if kind == 2:
            self.next_keys[number] = max(self.next_keys.get(number, 1), key + 1)
        for field, counter in collection.counters.items():
            # The greatest number of all is given and never filled in.
            if fields.get(field, GREATEST) < GREATEST:
                self.next_keys[counter] = max(
                    self.next_keys.get(counter, 1), fields[field] + 1)
        if any(isinstance(fields.get(field), str) for field in collection.texts):
            self.documents.add((frame.owner, ordinal, frame.sequence))

    def _check_owner(self, collection, fields: dict[int, Any], frame: Frame):
        if "$" in collection.name:
            return  # The store's own are those of what they are about.
        path = fields.get(collection.owner_field) if collection.owner_field else None
        path = unicodedata.normalize("NFC", path) if path is not None else None
        expected = self.owners.get(frame.owner) if frame.owner else None
        expected = unicodedata.normalize("NFC", expected) if expected is not None else None
        self.findings.expect(path == expected, f"{frame}: owner {frame.owner} is not {path!r}")

    @staticmethod
    def _key(kind: int, data: bytes, frame: Frame) -> Any:
        if kind == 1 and 1 <= len(data) <= 512:
            return data.decode()
        if kind == 2 and len(data) == 8:
            return int.from_bytes(data, "little", signed=True)
        if kind == 3 and len(data) == 16:
            return Tagged("uuid", data[7::-1] + data[:7:-1])
        raise Damage(f"{frame}: a key of kind {kind} with {len(data)} bytes")

    def _columns(self, frame: Frame) -> tuple[int, int, int, int, int]:
        reader = Reader(frame.columns, str(frame))
        columns = (reader.u64(), reader.u64(), reader.u64(), reader.u64(), reader.u16())
        size = 40
        if frame.type == ERASE:
            size = 56 + 24 * self._forks_of_erase(frame)
        if frame.type == ERASE_EDGE:
            size = 56
        if frame.vectors and frame.type == LINK:
            # Behind the vectors of a link up to seven zeros may stand.
            size += 8 * frame.columns[34]
            is_whole = size <= len(frame.columns) < size + 8 and not any(frame.columns[size:])
            if not is_whole or any(frame.columns[35:40]) or frame.vector_offset % 8:
                raise Damage(f"{frame}: its columns")
        elif len(frame.columns) != size or any(frame.columns[34:40]):
            raise Damage(f"{frame}: its columns")
        return columns

    def _forks_of_erase(self, frame: Frame) -> int:
        """How many forks an erase says; they are those of the line that matter to it."""
        reader = Reader(frame.columns, str(frame))
        newest = [reader.u64() for _ in range(7)][3]
        is_first = frame.columns[48] & 1
        expected = [
            fork for fork in self.forks if not newest or not is_first and fork.stop < newest]
        found = [Fork.read(reader) for _ in range((len(frame.columns) - 56) // 24)]
        # Earlier programs said none.
        self.findings.expect(found in ([], expected), f"{frame}: it has forks {found}")
        return len(found)

    def _delete(self, frame: Frame):
        ordinal, previous, start, end, number = self._columns(frame)
        record = self.records.pop(ordinal, None)
        if record is None and self.is_sparse and ordinal not in self.dead:
            self.next_ordinal = max(self.next_ordinal, ordinal + 1)
            for edge in sorted(self.edges_of.get(ordinal, ())):
                self._end_edge(edge, frame)
            return
        is_wrong = start or end
        if frame.type == NARROW_ERASE:
            is_wrong = not 1 <= start <= 1 << 16 or end
        elif frame.type == ERASE:
            is_wrong = end >= frame.sequence
        if record is None or record.collection != number or is_wrong:
            raise Damage(f"{frame}: it deletes ordinal {ordinal}, which is not there")
        self.findings.expect(
            self.is_sparse or previous == record.frame.place, f"{frame}: previous {previous:#x}")
        self.findings.expect(frame.owner == record.owner, f"{frame}: another owner's")
        for edge in sorted(self.edges_of.get(ordinal, ())):
            self._end_edge(edge, frame)
        del self.keys[number, record.key]
        self.dead[ordinal], self.ended[ordinal] = frame.sequence, record

    def _link(self, frame: Frame):
        ordinal, previous, start, end, number = self._columns(frame)
        if number not in self.catalog.edge_types:
            raise Damage(f"{frame}: edge type {number}")
        self._new_ordinal(ordinal, frame)
        self.findings.expect(
            self.is_sparse or start in self.records and end in self.records,
            f"{frame}: an edge to nothing")
        self.findings.expect(previous == 0, f"{frame}: previous")
        if start in self.records:
            self.findings.expect(
                frame.owner == self.records[start].owner, f"{frame}: not its start's owner")
        properties = decode_fields(self._body(frame), str(frame))
        collection = self.catalog.edge_collections[number]
        vectors = self._edge_vectors(frame, collection) if frame.vectors else {}
        self.edges[ordinal] = Edge(number, start, end, frame.owner, properties, vectors, frame)
        if any(isinstance(properties.get(field), str) for field in collection.texts):
            self.documents.add((frame.owner, ordinal, frame.sequence))
        for node in (start, end):
            self.edges_of.setdefault(node, set()).add(ordinal)

    @staticmethod
    def _edge_vectors(frame: Frame, collection) -> dict[int, tuple[int, int, bytes]]:
        vectors, start = {}, 0
        for place in range(40, 40 + 8 * frame.columns[34], 8):
            field, element, zero, dimension = struct.unpack_from("<HBBI", frame.columns, place)
            row = frame.vectors[start:start + dimension * (2 if element else 4)]
            if element > 1 or zero or field not in collection.vectors:
                raise Damage(f"{frame}: a vector of property {field}")
            vectors[field] = (element, frame.segment << 28 | frame.vector_offset + start, row)
            start += dimension * (2 if element else 4)
        if start != len(frame.vectors) or list(vectors) != sorted(vectors):
            raise Damage(f"{frame}: vectors")
        return vectors

    def _end_edge(self, ordinal: int, frame: Frame):
        edge = self.edges.pop(ordinal)
        for node in (edge.start, edge.end):
            self.edges_of[node].discard(ordinal)
        self.dead[ordinal], self.ended[ordinal] = frame.sequence, edge

    def _unlink(self, frame: Frame):
        ordinal, previous, start, end, number = self._columns(frame)
        edge = self.edges.get(ordinal)
        if edge is None and self.is_sparse and ordinal not in self.dead:
            self.next_ordinal = max(self.next_ordinal, ordinal + 1)
            return
        if edge is None or (edge.start, edge.end, edge.type) != (start, end, number) or previous:
            raise Damage(f"{frame}: it ends edge {ordinal}, which is not there so")
        if frame.type == ERASE_EDGE:
            linked = struct.unpack_from("<QQ", frame.columns, 40)
            self.findings.expect(
                linked == (edge.frame.sequence, edge.frame.incarnation),
                f"{frame}: it erases another link than that of edge {ordinal}")
        self._end_edge(ordinal, frame)
