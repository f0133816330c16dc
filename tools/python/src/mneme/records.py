"""Records, edges, and what changes and questions about them are answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .values import Instant, Key, Reference, Value


@dataclass(frozen=True, slots=True)
class Record:
    """A record: `record["text"]` is a field's value, None where it has none."""

    collection: str
    key: Key
    fields: dict[str, Value] = field(default_factory=dict)
    version: int | None = None
    """The sequence of the change that made it, where that was asked for."""

    def __getitem__(self, name: str) -> Value:
        return self.fields.get(name)

    @property
    def reference(self) -> Reference:
        return Reference(self.collection, self.key)


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of a type, from one record to another."""

    id: int
    type: str
    start: Reference = field(metadata={"of": "from"})
    end: Reference = field(metadata={"of": "to"})
    fields: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text with the words that matched marked."""

    text: str
    start: int
    words: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of what was found: a record or an edge, and its score where something ranks."""

    record: Record | None = None
    score: float = 0.0
    highlights: dict[str, list[Snippet]] = field(default_factory=dict)
    edge: Edge | None = None

    def __getitem__(self, name: str) -> Value:
        holder = self.record or self.edge
        return None if holder is None else holder.fields.get(name)


@dataclass(frozen=True, slots=True)
class Spent:
    """What the rows of a question with a budget come to."""

    used: float
    left_out: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, which is iterated over as these."""

    rows: list[Row]
    sequence: int
    exact: bool = True
    plan: str = ""
    next: str | None = None
    """The `after` of the next page, where there may be one."""
    spent: Spent | None = None
    explained: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def records(self) -> list[Record]:
        return [row.record for row in self.rows if row.record is not None]

    @property
    def edges(self) -> list[Edge]:
        return [row.edge for row in self.rows if row.edge is not None]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit came to. `outcomes` are spelled as on the page operations.md."""

    sequence: int
    outcomes: list[Any]
    versions: list[int] = field(default_factory=list)
    repeated: bool = False
    """Whether it was done before, under its idempotency key."""
    evicted: list[Reference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a put or a patch."""

    reference: Reference
    version: int | None
    """None inside a transaction, where it is not known yet."""
    is_new: bool | None = None
    """Whether there was no record before; None where that was not asked."""
    record: Record | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """Records that were claimed, which are nobody else's."""

    references: list[Reference]
    versions: list[int]
    sequence: int
    records: list[Record] = field(default_factory=list)
    repeated: bool = False
    evicted: list[Reference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counted:
    """Groups, each a dict of what makes it and its figures."""

    rows: list[dict[str, Value]]
    sequence: int
    plan: str = ""
    explained: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return iter(self.rows)

    @property
    def count(self) -> int:
        """The one figure of a count without groups."""
        number = self.rows[0]["count"] if len(self.rows) == 1 else None
        if not isinstance(number, int):
            raise ValueError("These are groups; look at their rows.")
        return number


@dataclass(frozen=True, slots=True)
class Stop:
    """A record that a walk came to, and the edges that led there."""

    reference: Reference
    path: list[Edge]


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk came to, the nearest records first."""

    count: int
    complete: bool
    sequence: int
    stops: list[Stop] = field(default_factory=list)

    def __iter__(self) -> Iterator[Stop]:
        return iter(self.stops)


@dataclass(frozen=True, slots=True)
class Way:
    """A path and what it comes to."""

    edges: list[Edge]
    cost: float


@dataclass(frozen=True, slots=True)
class Ways:
    """Paths between two records, the best first."""

    paths: list[Way]
    complete: bool
    sequence: int

    def __iter__(self) -> Iterator[Way]:
        return iter(self.paths)


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows of a pattern."""

    count: int
    complete: bool
    sequence: int
    rows: list[dict[str, Value]] = field(default_factory=list)
    plan: str = ""
    explained: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return iter(self.rows)


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """What a record was from an instant on."""

    number: int
    at: Instant
    kind: str
    changes: dict[str, dict[str, Value]] = field(default_factory=dict)
    author: str | None = None
    reason: str | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Versions of a record, the newest first."""

    versions: list[RecordVersion]
    complete: bool
    sequence: int

    def __iter__(self) -> Iterator[RecordVersion]:
        return iter(self.versions)


@dataclass(frozen=True, slots=True)
class DeletedWhere:
    """How many records went together."""

    count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Change:
    """An event of a watch: what was committed. One of the members from `put` on is there."""

    sequence: int
    commit: int
    time: Instant
    new: bool = False
    """Of a put: there was no record of this key before."""
    put: Record | None = None
    delete: Reference | None = None
    erase: Reference | None = None
    link: Edge | None = None
    unlink: int | None = None
    """The edge's number; its type and ends stand beside."""
    erased: bool = False
    """Of an unlink: the edge was erased."""
    type: str | None = None
    start: Reference | None = field(default=None, metadata={"of": "from"})
    end: Reference | None = field(default=None, metadata={"of": "to"})
    define: dict[str, Any] | None = None
    drop: dict[str, Any] | None = None
    switch: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A page of what was committed. `next` is where the next one goes on."""

    events: list[Change]
    next: int
    sequence: int
