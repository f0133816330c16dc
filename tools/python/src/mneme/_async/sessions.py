"""Sessions and what they leave; procedures and documents, which have names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _shape
from .._shape import members
from ..changes import Change, Filter
from ..memories import Context, Rehydrated, Remembered, Session
from ..records import Committed, DeletedWhere, Found, Record
from ..values import Instant, Key, Value
from .door import AsyncDoor


class AsyncSessions(AsyncDoor):
    """What is asked of sessions, and of what is known by name."""

    async def open_session(
        self,
        owner: str,
        *,
        id: Key | None = None,
        idle_minutes: int | None = None,
        parent: Key | None = None,
        agent: str | None = None,
        seconds_after_end: int | None = None,
        data: Value = None,
    ) -> Session:
        """The owner's session that is going on, or a new one."""
        content = members(
            owner=owner,
            id=id,
            idle_minutes=idle_minutes,
            parent=parent,
            agent=agent,
            seconds_after_end=seconds_after_end,
            data=data,
        )
        return await self._read("session.open", content, "session", Session)

    async def append(
        self,
        session: Session | Key,
        entries: Sequence[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
    ) -> Remembered:
        """Adds entries in order, each a dict of text, speaker and whatever a memory has."""
        content = members(id=_id(session), entries=list(entries), idempotency_key=idempotency_key)
        return await self._read("session.append", content, "remembered", Remembered)

    async def end_session(
        self,
        session: Session | Key,
        *,
        summary: str | None = None,
        flush: bool | None = None,
        facts: Sequence[Mapping[str, Any]] | None = None,
        changes: Sequence[Change] | None = None,
        idempotency_key: str | None = None,
    ) -> Session:
        """Ends a session, in one commit with all that is given."""
        content = members(
            id=_id(session),
            summary=summary,
            flush=flush,
            facts=facts,
            changes=changes,
            idempotency_key=idempotency_key,
        )
        return await self._read("session.end", content, "session", Session)

    async def context(
        self,
        session: Session | Key,
        *,
        tokens: int | None = None,
        lane: str | None = None,
        parents: bool | None = None,
        question: str | None = None,
        vectors: Mapping[str, Sequence[float]] | None = None,
        recall_tokens: int | None = None,
        limit: int | None = None,
        collection: str | None = None,
        owner: str | None = None,
        tokens_field: str | None = None,
    ) -> Context:
        """The newest entries that fit into `tokens`, and what is recalled beside them."""
        content = members(
            id=_id(session),
            tokens=tokens,
            lane=lane,
            parents=parents,
            question=question,
            vectors=vectors,
            recall_tokens=recall_tokens,
            limit=limit,
            collection=collection,
            owner=owner,
            tokens_field=tokens_field,
        )
        return await self._read("session.context", content, "context", Context)

    async def rehydrate(
        self,
        session: Session | Key,
        *,
        summary_only: bool | None = None,
        limit: int | None = None,
        after: str | None = None,
        collection: str | None = None,
        owner: str | None = None,
    ) -> Rehydrated:
        """A session as it was, every entry that is still there in order."""
        content = members(
            id=_id(session),
            summary_only=summary_only,
            limit=limit,
            after=after,
            collection=collection,
            owner=owner,
        )
        return await self._read("session.rehydrate", content, "rehydrated", Rehydrated)

    async def episodes(
        self,
        question: str | None = None,
        *,
        owner: str | None = None,
        vectors: Mapping[str, Sequence[float]] | None = None,
        from_: Instant | None = None,
        to: Instant | None = None,
        agent: str | None = None,
        where: Filter | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Found:
        """What flushed sessions left: those that answer a question, or the newest."""
        content = members(
            question=question,
            owner=owner,
            vectors=vectors,
            from_=from_,
            to=to,
            agent=agent,
            where=where,
            limit=limit,
            after=after,
        )
        return await self._read("episodes", content, "found", Found)

    async def put_named(
        self,
        owner: str,
        name: str,
        value: Value,
        *,
        kind: str = "document",
        text: str | None = None,
        type: str | None = None,
        tags: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> Committed:
        """Puts a value under a name of its `kind`: a document, or a procedure."""
        given = members(name=name, value=value, text=text, type=type, tags=tags)
        content = members(owner=owner, put=given, idempotency_key=idempotency_key)
        return await self._read(kind, content, "committed", Committed)

    async def get_named(self, owner: str, name: str, *, kind: str = "document") -> Record | None:
        """The record under a name, or None."""
        told = await self._ask(kind, {"owner": owner, "get": name}, "records")
        return None if told[0] is None else _shape.read(Record, told[0])

    async def list_named(
        self,
        owner: str,
        *,
        kind: str = "document",
        prefix: str | None = None,
        where: Filter | None = None,
        best_first: bool | None = None,
        limit: int | None = None,
        after: str | None = None,
    ) -> Found:
        """Those whose names start with a prefix."""
        given = members(prefix=prefix, where=where, best_first=best_first, limit=limit, after=after)
        return await self._read(kind, {"owner": owner, "list": given}, "found", Found)

    async def search_named(
        self,
        owner: str,
        question: str,
        *,
        kind: str = "document",
        where: Filter | None = None,
        limit: int | None = None,
    ) -> Found:
        """Those that mean and say what a question does."""
        given = members(question=question, where=where, limit=limit)
        return await self._read(kind, {"owner": owner, "search": given}, "found", Found)

    async def delete_named(
        self, owner: str, names: Sequence[str], *, kind: str = "document"
    ) -> DeletedWhere:
        """Deletes those with names."""
        content = {"owner": owner, "delete": list(names)}
        return await self._read(kind, content, "deletedWhere", DeletedWhere)

    async def use_procedure(
        self,
        owner: str,
        name: str,
        *,
        succeeded: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Committed:
        """Counts that a procedure was used, and whether it succeeded."""
        used = members(name=name, succeeded=succeeded)
        content = members(owner=owner, use=used, idempotency_key=idempotency_key)
        return await self._read("procedure", content, "committed", Committed)


def _id(session: Session | Key) -> Key:
    return session.id if isinstance(session, Session) else session
