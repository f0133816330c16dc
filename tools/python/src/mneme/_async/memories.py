"""The memory layer: remembering, recalling, forgetting, and what is known of a memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._shape import members
from ..changes import Filter
from ..memories import Candidates, Forgotten, Provenance, Recalled, Remembered, Touched
from ..records import Committed
from ..values import Instant, Key, Value
from .door import AsyncDoor


class AsyncMemories(AsyncDoor):
    """What is asked of memories."""

    async def remember(
        self,
        text: str,
        *,
        owner: str,
        key: str | None = None,
        kind: str | None = None,
        time: Instant | None = None,
        importance: float | None = None,
        decay_rate: float | None = None,
        pinned: bool | None = None,
        session: str | None = None,
        speaker: str | None = None,
        tags: Sequence[str] | None = None,
        data: Value = None,
        vectors: Mapping[str, Sequence[float]] | None = None,
        links: Sequence[Mapping[str, Any]] | None = None,
        expires_at: Instant | None = None,
        expires_in: int | None = None,
        mode: str | None = None,
        idempotency_key: str | None = None,
        **others: Any,
    ) -> Remembered:
        """Remembers a text; its `key` is in the answer.

        `kind` is working, episodic, semantic or procedural. `others` may have confidence,
        valid_from, valid_to, source, layers, collection, on_duplicate and near.
        """
        memory = members(
            text=text,
            owner=owner,
            key=key,
            kind=kind,
            time=time,
            importance=importance,
            decay_rate=decay_rate,
            pinned=pinned,
            session=session,
            speaker=speaker,
            tags=tags,
            data=data,
            vectors=vectors,
            links=links,
            expires_at=expires_at,
            expires_in=expires_in,
            mode=mode,
            **others,
        )
        return await self.remember_all([memory], idempotency_key=idempotency_key)

    async def remember_all(
        self, memories: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Remembered:
        """Remembers several, all or none, each a dict as formats/operations.md has it."""
        content: Any = list(memories)
        if idempotency_key is not None:
            content = {"memories": content, "idempotencyKey": idempotency_key}
        return await self._read("remember", content, "remembered", Remembered)

    async def recall(
        self,
        question: str | None = None,
        *,
        owner: str | None = None,
        collection: str | None = None,
        vectors: Mapping[str, Sequence[float]] | None = None,
        where: Filter | None = None,
        around: Sequence[Any] | None = None,
        hops: int | None = None,
        limit: int | None = None,
        tokens: int | None = None,
        minimum_similarity: float | None = None,
        weights: Mapping[str, float] | None = None,
        signals: Sequence[str] | None = None,
        fusion: str | None = None,
        layers: Sequence[str] | None = None,
        zone: str | int | None = None,
        **others: Any,
    ) -> Recalled:
        """What answers a question, the best first, and why.

        `others` may have hints, distinct, touch, deleted and archived.
        """
        content = members(
            question=question,
            owner=owner,
            collection=collection,
            vectors=vectors,
            where=where,
            around=around,
            hops=hops,
            limit=limit,
            tokens=tokens,
            minimum_similarity=minimum_similarity,
            weights=weights,
            signals=signals,
            fusion=fusion,
            layers=layers,
            zone=zone,
            **others,
        )
        return await self._read("recall", content, "recalled", Recalled)

    async def relate(
        self, links: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Committed:
        """Links memories, all or none; each link is the content of a `changes.link`."""
        plain = [dict(one.get("link", one)) for one in links]
        content: Any = plain
        if idempotency_key is not None:
            content = {"links": plain, "idempotencyKey": idempotency_key}
        return await self._read("relate", content, "committed", Committed)

    async def forget(
        self,
        keys: Sequence[Key] | None = None,
        *,
        owner: str | None = None,
        where: Filter | None = None,
        collection: str | None = None,
        erase: bool | None = None,
        mode: str | None = None,
        derived: bool | None = None,
        reason: str | None = None,
    ) -> Forgotten:
        """Forgets what everything given names together. `mode` is hard, soft or archive."""
        content = members(
            keys=keys,
            owner=owner,
            where=where,
            collection=collection,
            erase=erase,
            mode=mode,
            derived=derived,
            reason=reason,
        )
        return await self._read("forget", content, "forgotten", Forgotten)

    async def touch(
        self,
        keys: Sequence[Key],
        *,
        collection: str | None = None,
        reinforcement: float | None = None,
    ) -> Touched:
        """Says that memories were used, so that they fade more slowly."""
        content = members(keys=keys, collection=collection, reinforcement=reinforcement)
        return await self._read("touch", content, "touched", Touched)

    async def supersede(
        self,
        old: Key,
        text: str,
        *,
        owner: str,
        at: Instant | None = None,
        by: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
        **memory: Any,
    ) -> Remembered:
        """Ends what a memory says is true, and remembers what is true from then on.

        `memory` may have what `remember` takes.
        """
        content = members(
            old=old,
            memory=members(text=text, owner=owner, **memory),
            at=at,
            by=by,
            reason=reason,
            idempotency_key=idempotency_key,
        )
        return await self._read("supersede", content, "remembered", Remembered)

    async def pin(
        self,
        keys: Sequence[Key],
        *,
        pinned: bool = True,
        collection: str | None = None,
        idempotency_key: str | None = None,
    ) -> Committed:
        """Keeps memories from fading and from being pruned, or lets them again."""
        content = members(
            keys=keys,
            pinned=None if pinned else False,
            collection=collection,
            idempotency_key=idempotency_key,
        )
        return await self._read("pin", content, "committed", Committed)

    async def why(
        self, key: Key, *, collection: str | None = None, depth: int | None = None
    ) -> Provenance:
        """Where a memory comes from, breadth first."""
        content = members(key=key, collection=collection, depth=depth)
        return await self._read("why", content, "provenance", Provenance)

    async def upkeep(
        self,
        kind: str,
        *,
        collection: str | None = None,
        owner: str | None = None,
        near: float | None = None,
        below: float | None = None,
        limit: int | None = None,
        after: Key | None = None,
    ) -> Candidates:
        """What somebody should judge: duplicates, contradictions, fading or unlinked memories."""
        content = members(
            kind=kind,
            collection=collection,
            owner=owner,
            near=near,
            below=below,
            limit=limit,
            after=after,
        )
        return await self._read("upkeep", content, "candidates", Candidates)

    async def prune(
        self,
        *,
        collection: str | None = None,
        owner: str | None = None,
        records: int | None = None,
        bytes: int | None = None,
        below: float | None = None,
        dry_run: bool | None = None,
        erase: bool | None = None,
    ) -> Forgotten:
        """Takes the weakest away until no more is left than is given."""
        content = members(
            collection=collection,
            owner=owner,
            records=records,
            bytes=bytes,
            below=below,
            dry_run=dry_run,
            erase=erase,
        )
        return await self._read("prune", content, "forgotten", Forgotten)
