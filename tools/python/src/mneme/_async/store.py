"""The store itself: definitions, upkeep, usage, audit, jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _shape
from .._shape import members
from ..changes import Filter
from ..memories import Purged, Statistics, Usage, Verified
from ..records import DeletedWhere, Watched
from ..values import Instant
from .door import AsyncDoor


class AsyncStore(AsyncDoor):
    """What is asked of a store as a whole. Answers without a dataclass are dicts."""

    async def define(
        self,
        collections: Sequence[Mapping[str, Any]] = (),
        edges: Sequence[Mapping[str, Any]] = (),
        *,
        wait: bool | None = None,
    ) -> None:
        """Adds collections, edge types, fields or indexes."""
        content = members(
            collections=list(collections) or None, edges=list(edges) or None, wait=wait
        )
        await self._ask("define", content, "done")

    async def describe(self) -> dict[str, Any]:
        """What is defined, as `define` takes it."""
        return dict(await self._ask("describe", {}, "schema"))

    async def drop(self, **what: Mapping[str, Any]) -> None:
        """Takes out what is defined: `drop(index={"collection": "notes", "name": "byCount"})`.

        `what` is one of collection, edge, index, field and search.
        """
        await self._ask("drop", what, "done")

    async def switch(
        self, collection: str, vector: str, *, to: str, old: str, partly: bool | None = None
    ) -> None:
        """Changes the model of a vector field."""
        content = members(collection=collection, vector=vector, to=to, old=old, partly=partly)
        await self._ask("switch", content, "done")

    async def statistics(self) -> Statistics:
        """Counts and sizes."""
        return await self._read("statistics", {}, "statistics", Statistics)

    async def verify(self) -> Verified:
        """Holds every index against the log."""
        return await self._read("verify", {}, "verified", Verified)

    async def check_vectors(
        self,
        collection: str | None = None,
        field: str | None = None,
        *,
        edges: str | None = None,
        recall: float | None = None,
        sample: int | None = None,
    ) -> dict[str, Any]:
        """Measures how much of what is truly nearest the searches of vector fields find.

        It is asked of the fields of a collection, of those of a type of `edges`, or of all.
        """
        content = members(
            collection=collection, edges=edges, field=field, recall=recall, sample=sample
        )
        return dict(await self._ask("vectors.check", content, "vectorsChecked"))

    async def checkpoint(self) -> None:
        """Writes the indexes to the page file."""
        await self._ask("checkpoint", {}, "done")

    async def backup(
        self,
        name: str,
        *,
        base: str | None = None,
        copies: bool | None = None,
        bytes_per_second: int | None = None,
    ) -> dict[str, Any]:
        """Makes a backup on the server's machine."""
        content = members(name=name, base=base, copies=copies, bytes_per_second=bytes_per_second)
        return dict(await self._ask("backup", content, "backedUp"))

    async def usage(self, owner: str | None = None, of: Sequence[str] | None = None) -> Usage:
        """What owners have, of what counts usage."""
        return await self._read("usage", members(owner=owner, of=of), "usage", Usage)

    async def purge(self, owner: str, *, dry_run: bool | None = None) -> Purged:
        """Erases everything of an owner and those below it, and tells what that was."""
        return await self._read("purge", members(owner=owner, dry_run=dry_run), "purged", Purged)

    async def delete_where(
        self,
        collection: str,
        where: Filter | None = None,
        *,
        owner: str | None = None,
        from_: Instant | None = None,
        to: Instant | None = None,
        field: str | None = None,
        erase: bool | None = None,
    ) -> DeletedWhere:
        """Deletes the records for which everything given holds, all in one commit."""
        content = members(
            collection=collection,
            where=where,
            owner=owner,
            from_=from_,
            to=to,
            field=field,
            erase=erase,
        )
        return await self._read("deleteWhere", content, "deletedWhere", DeletedWhere)

    async def audit(self, setting: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What is kept of who asked for what; `setting` sets it."""
        return dict(await self._ask("audit", members(set=setting), "audited"))

    async def run_job(self, measure: str, **job: Any) -> dict[str, Any]:
        """Has something be found out about a graph, by a job behind the requests.

        `job` may have name, types, collection, owner, direction, weight, field, seed, damping,
        rounds and replace.
        """
        return dict(await self._ask("graph.run", members(measure=measure, **job), "graphJob"))

    async def job(
        self,
        do: str | None = None,
        name: str | None = None,
        *,
        offset: int | None = None,
        limit: int | None = None,
    ) -> dict[str, Any]:
        """Asks jobs: tell, result, cancel or forget."""
        content = members(do=do, name=name, offset=offset, limit=limit)
        return dict(await self._ask("graph.job", content, "graphJob"))

    async def watch_once(
        self,
        after: int | None = None,
        *,
        collections: Sequence[str] | None = None,
        edges: Sequence[str] | None = None,
        owner: str | None = None,
        limit: int | None = None,
        wait: float = 0.0,
    ) -> Watched:
        """A page of what was committed behind `after`; waits up to so many seconds for one."""
        content = members(
            after=after,
            collections=collections,
            edges=edges,
            owner=owner,
            limit=limit,
            wait_milliseconds=int(wait * 1000) or None,
        )
        told = await self._ask("watch", content, "watched", timeout=wait + 30.0)
        return _shape.read(Watched, told)
