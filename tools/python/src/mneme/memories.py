"""Memories, sessions, events and scalars: what the memory layer answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .records import Edge, Record
from .values import Instant, Key, Reference, Value


@dataclass(frozen=True, slots=True)
class Similar:
    """A memory that is near to another one."""

    key: Key
    score: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """Keys of memories, in the order in which they were given."""

    keys: list[Key]
    sequence: int
    repeated: bool = False
    evicted: list[Reference] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    """Where duplicates were looked for: added, skipped, reinforced, versioned, superseded."""
    similar: list[list[Similar]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """The one key of a single memory."""
        (key,) = self.keys
        return key


@dataclass(frozen=True, slots=True)
class Part:
    """What a signal added to a score."""

    signal: str
    raw: float
    strength: float
    weight: float
    rank: int
    value: float


@dataclass(frozen=True, slots=True)
class Item:
    """A memory that was recalled, and why."""

    record: Record
    score: float
    parts: list[Part]
    tokens: int
    path: list[Edge] = field(default_factory=list)

    def __getitem__(self, name: str) -> Value:
        return self.record[name]

    @property
    def text(self) -> str:
        return str(self.record["text"] or "")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What came near and is not among the items."""

    reference: Reference
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """What answers a question, the best first."""

    items: list[Item]
    tokens: int
    exact: bool
    sequence: int
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten or pruned."""

    count: int
    sequence: int
    derived: int = 0
    bytes: int = 0
    references: list[Reference] = field(default_factory=list)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """How a record was used."""

    count: int
    at: Instant
    reinforcement: float


@dataclass(frozen=True, slots=True)
class Touched:
    """How records were used, in the order of the keys; None for one that is not there."""

    accesses: list[Access | None]
    sequence: int


@dataclass(frozen=True, slots=True)
class Step:
    """A source of a memory, or of what it comes from."""

    reference: Reference
    of: Reference
    by: str
    depth: int
    reason: str | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a memory comes from."""

    record: Record
    steps: list[Step]
    whole: bool
    sequence: int
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What somebody should judge: one record, or two."""

    records: list[Record]
    score: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """A page of what somebody should judge."""

    kind: str
    items: list[Candidate]
    looked: int
    sequence: int
    next: Key | None = None

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Session:
    """A session of an owner."""

    id: Key
    owner: str
    started_at: Instant
    last_at: Instant
    entry_count: int
    new: bool = False
    ended_at: Instant | None = None
    summary: str | None = None
    parent: Key | None = None
    agent: str | None = None
    seconds_after_end: int | None = None
    data: Value = None
    replaced: Key | None = None
    episode: Reference | None = None
    flushed: int | None = None
    facts: list[Key] = field(default_factory=list)
    repeated: bool = False
    evicted: list[Reference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """What a prompt needs of a session: its newest entries, oldest first, and what is recalled."""

    entries: list[Record]
    tokens: int
    sequence: int
    left_out: int = 0
    recalled: list[Item] = field(default_factory=list)
    recall_left_out: list[LeftOut] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rehydrated:
    """A session as it was."""

    lanes: dict[str, int]
    missing: int
    sequence: int
    session: Session | None = None
    entries: list[Record] = field(default_factory=list)
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that comes due at an instant."""

    event: Reference
    status: str
    at: Instant
    owner: str | None = None
    next: Instant | None = None
    lease: Instant | None = None
    payload: Value = None
    recurrence: Value = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Events:
    """Events as they are once a request is done."""

    events: list[Event]
    at: Instant
    sequence: int
    more: bool = False
    repeated: bool = False

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)


@dataclass(frozen=True, slots=True)
class ScalarChange:
    """What moved a scalar."""

    number: int
    at: Instant
    before: float
    value: float
    trigger: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number that moves toward where it rests."""

    name: str
    owner: str
    value: float
    rest: float
    decay: float
    minimum: float | None = None
    maximum: float | None = None
    last: ScalarChange | None = None
    history: list[ScalarChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scalars:
    """Scalars at an instant."""

    scalars: list[Scalar]
    at: Instant
    sequence: int
    repeated: bool = False

    def __iter__(self) -> Iterator[Scalar]:
        return iter(self.scalars)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts and sizes of a store."""

    sequence: int
    records: dict[str, int]
    edges: dict[str, int]
    owners: int
    log_bytes: int
    page_bytes: int
    free_page_bytes: int = 0
    resident_page_bytes: int = 0
    text_runs: int = 0
    oldest_snapshot_microseconds: int | None = None
    upkeep_failure: str | None = None
    indexes: list[dict[str, Any]] = field(default_factory=list)
    vectors: dict[str, int] = field(default_factory=dict)
    damage: list[str] = field(default_factory=list)
    archived: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was held against the log; `findings` is empty when all is well."""

    frames: int
    records: int
    edges: int
    findings: list[str]


@dataclass(frozen=True, slots=True)
class Amount:
    """How many records or edges there are, and their bytes."""

    count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What an owner has, of what counts usage."""

    records: int
    bytes: int
    collections: dict[str, Amount]
    edges: dict[str, Amount]
    sequence: int
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Purged:
    """The receipt of a purge."""

    owner: str
    collections: dict[str, Amount]
    edges: dict[str, Amount]
    history_rows: int
    answers: int
    commits: int
    sequence: int
    at: Instant | None = None
    proof: list[str] = field(default_factory=list)
