"""Events that come due, and scalars that move toward where they rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._shape import members
from ..memories import Event, Events, Scalar, Scalars
from ..values import Instant, Key, ReferenceLike, Value
from .door import AsyncDoor


class AsyncSchedule(AsyncDoor):
    """What is asked of events and scalars."""

    async def schedule(
        self,
        at: Instant,
        *,
        owner: str | None = None,
        key: Key | None = None,
        payload: Value = None,
        recurrence: Value = None,
        collection: str | None = None,
        fields: Mapping[str, Value] | None = None,
        idempotency_key: str | None = None,
    ) -> Event:
        """Puts an event that comes due at an instant."""
        event = members(
            at=at,
            owner=owner,
            key=key,
            payload=payload,
            recurrence=recurrence,
            collection=collection,
            fields=fields,
        )
        events = await self.schedule_all([event], idempotency_key=idempotency_key)
        return events.events[0]

    async def schedule_all(
        self, events: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Events:
        """Puts several events, all or none."""
        content: Any = list(events)
        if idempotency_key is not None:
            content = {"events": content, "idempotencyKey": idempotency_key}
        return await self._read("event.schedule", content, "events", Events)

    async def due_events(
        self,
        *,
        owner: str | None = None,
        until: Instant | None = None,
        limit: int | None = None,
        collection: str | None = None,
    ) -> Events:
        """Which events are due, or will be by an instant."""
        content = members(owner=owner, until=until, limit=limit, collection=collection)
        return await self._read("event.due", content, "events", Events)

    async def claim_events(
        self,
        *,
        owner: str | None = None,
        limit: int | None = None,
        lease_seconds: int | None = None,
        collection: str | None = None,
    ) -> Events:
        """Takes events that are due; each goes to one claimer."""
        content = members(
            owner=owner, limit=limit, lease_seconds=lease_seconds, collection=collection
        )
        return await self._read("event.claim", content, "events", Events)

    async def settle_event(
        self,
        event: Event | ReferenceLike,
        as_: str | None = None,
        *,
        lease: Instant | None = None,
        lease_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Event:
        """Says what became of an event: done, cancelled, released or extended."""
        if isinstance(event, Event):
            lease = lease if lease is not None or as_ == "cancelled" else event.lease
            event = event.event
        content = members(
            event=event,
            as_=as_,
            lease=lease,
            lease_seconds=lease_seconds,
            idempotency_key=idempotency_key,
        )
        events = await self._read("event.settle", content, "events", Events)
        return events.events[0]

    async def set_scalar(
        self,
        owner: str,
        name: str,
        *,
        value: float | None = None,
        by: float | None = None,
        rest: float | None = None,
        decay: float | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        trigger: str | None = None,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Scalar:
        """Sets a scalar to a value, or moves it by so much."""
        content = members(
            owner=owner,
            name=name,
            value=value,
            by=by,
            rest=rest,
            decay=decay,
            minimum=minimum,
            maximum=maximum,
            trigger=trigger,
            reason=reason,
            idempotency_key=idempotency_key,
        )
        scalars = await self._read("scalar.set", content, "scalars", Scalars)
        return scalars.scalars[0]

    async def get_scalars(
        self,
        owner: str,
        name: str | None = None,
        *,
        as_of: Instant | None = None,
        history: int | None = None,
    ) -> Scalars:
        """What scalars of an owner are, were or will be at an instant."""
        content = members(owner=owner, name=name, as_of=as_of, history=history)
        return await self._read("scalar.get", content, "scalars", Scalars)
