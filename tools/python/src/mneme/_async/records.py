"""Records and edges: getting, changing, claiming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _shape, changes
from .._shape import members
from ..changes import Change, Filter
from ..errors import BadFrame
from ..records import Claimed, Committed, Edge, History, Put, Record
from ..values import Instant, Key, Reference, ReferenceLike, Value
from .door import AsyncDoor


class AsyncRecords(AsyncDoor):
    """What is asked of single records."""

    async def get(
        self,
        reference: ReferenceLike,
        *,
        version: bool = False,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> Record | None:
        """The record of a reference, or None. `version` has its version told too."""
        (record,) = await self.get_all(
            [reference],
            versions=version,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        return record

    async def get_all(
        self,
        references: Sequence[ReferenceLike],
        *,
        versions: bool = False,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        deleted: str | None = None,
        archived: str | None = None,
    ) -> list[Record | None]:
        """Records in the order of their references, None for those that are not there."""
        content: Any = [Reference.read(one).spelling for one in references]
        others = members(
            versions=versions or None,
            as_of=as_of,
            known_at=known_at,
            deleted=deleted,
            archived=archived,
        )
        if others:
            content = {"references": content, **others}
        told = await self._ask("get", content, "records")
        records = _shape.read(list[Record | None], told)
        if len(records) != len(references):
            raise BadFrame(f"{len(references)} records were asked for, and {len(records)} came.")
        return records

    async def commit(
        self,
        batch: Sequence[Change],
        *,
        durability: str | None = None,
        author: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Committed:
        """Makes changes, all or none. The module `changes` has a function for each kind."""
        content = members(
            changes=list(batch),
            durability=durability,
            author=author,
            reason=reason,
            idempotency_key=idempotency_key,
        )
        committed = await self._read("commit", content, "committed", Committed)
        if len(committed.outcomes) != len(batch):
            raise BadFrame(f"{len(batch)} changes have {len(committed.outcomes)} outcomes.")
        return committed

    async def put(
        self,
        collection: str,
        fields: Mapping[str, Value],
        *,
        key: Key | None = None,
        mode: str | None = None,
        version: int | None = None,
        if_: Filter | None = None,
        expires_at: Instant | None = None,
        expires_in: int | None = None,
        returns: str | None = None,
        models: Mapping[str, str] | None = None,
        copy: bool | None = None,
        author: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Put:
        """Puts a record, as `changes.put` has it."""
        change = changes.put(
            collection,
            fields,
            key=key,
            mode=mode,
            version=version,
            if_=if_,
            expires_at=expires_at,
            expires_in=expires_in,
            returns=returns,
            models=models,
            copy=copy,
        )
        return await self._put(change, "put", author, reason, idempotency_key)

    async def patch(
        self,
        collection: str,
        key: Key | None = None,
        *,
        author: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
        **edits: Any,
    ) -> Put:
        """Changes parts of a record; `edits` are those of `changes.patch`."""
        change = changes.patch(collection, key, **edits)
        return await self._put(change, "patched", author, reason, idempotency_key)

    async def _put(
        self,
        change: Change,
        outcome: str,
        author: str | None,
        reason: str | None,
        idempotency_key: str | None,
    ) -> Put:
        committed = await self.commit(
            [change], author=author, reason=reason, idempotency_key=idempotency_key
        )
        told = _outcome(committed, outcome)
        version = committed.versions[0] if committed.versions else None
        if isinstance(told, dict) and "reference" in told:
            return Put(
                Reference.read(told["reference"]),
                version,
                told.get("new"),
                _shape.read(Record, told["record"]) if told.get("record") else None,
                committed.repeated,
            )
        return Put(Reference.read(told), version, repeated=committed.repeated)

    async def delete(
        self,
        reference: ReferenceLike,
        *,
        version: int | None = None,
        if_: Filter | None = None,
        soft: bool = False,
    ) -> bool:
        """Deletes a record and its edges, and says whether it was there."""
        change = changes.delete(reference, version=version, if_=if_, soft=soft or None)
        return bool(_outcome(await self.commit([change]), "deleted"))

    async def erase(
        self,
        reference: ReferenceLike | Edge | int,
        *,
        version: int | None = None,
        if_: Filter | None = None,
    ) -> bool:
        """Deletes a record for good, from backups too, and says whether it was there.

        An edge, or its number, goes so as well; it takes neither a version nor a condition.
        """
        named = reference.id if isinstance(reference, Edge) else reference
        change = changes.erase(named, version=version, if_=if_)
        outcome = "unlinked" if isinstance(named, int) else "deleted"
        return bool(_outcome(await self.commit([change]), outcome))

    async def link(
        self,
        type: str,
        start: ReferenceLike,
        end: ReferenceLike,
        fields: Mapping[str, Value] | None = None,
        *,
        mode: str | None = None,
        copy: bool | None = None,
        idempotency_key: str | None = None,
    ) -> int:
        """Links a record to another one, and returns the number of the edge."""
        change = changes.link(type, start, end, fields, mode=mode, copy=copy)
        committed = await self.commit([change], idempotency_key=idempotency_key)
        return int(_outcome(committed, "linked"))

    async def unlink(self, edge: Edge | int) -> bool:
        """Takes an edge away, and says whether it was there."""
        number = edge.id if isinstance(edge, Edge) else edge
        return bool(_outcome(await self.commit([changes.unlink(number)]), "unlinked"))

    async def claim(
        self,
        collection: str,
        *,
        edits: Sequence[Mapping[str, Any]],
        owner: str | None = None,
        where: Filter | None = None,
        order: Sequence[Any] | None = None,
        limit: int | None = None,
        expires_at: Instant | None = None,
        expires_in: int | None = None,
        never_expires: bool | None = None,
        returns: bool = True,
        idempotency_key: str | None = None,
    ) -> Claimed:
        """Takes the first records of a question and patches them: nobody else gets the same."""
        content = members(
            collection=collection,
            edits=list(edits),
            owner=owner,
            where=where,
            order=order,
            limit=limit,
            expires_at=expires_at,
            expires_in=expires_in,
            never_expires=never_expires,
            returns=returns or None,
            idempotency_key=idempotency_key,
        )
        return await self._read("claim", content, "claimed", Claimed)

    async def history(
        self,
        reference: ReferenceLike,
        *,
        limit: int | None = None,
        before: int | None = None,
        records: bool | None = None,
    ) -> History:
        """What a record was, the newest version first."""
        content = members(
            reference=Reference.read(reference), limit=limit, before=before, records=records
        )
        return await self._read("history", content, "history", History)


def _outcome(committed: Committed, name: str) -> Any:
    (outcome,) = committed.outcomes
    if not isinstance(outcome, dict) or name not in outcome:
        raise BadFrame(f"A change came to {outcome!r:.80}, and not to {name}.")
    return outcome[name]
