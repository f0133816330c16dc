"""What is committed, as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Sequence

from ..records import Change
from .store import AsyncStore


class AsyncWatch(AsyncIterator[Change]):
    """Iterates over what is committed, without an end.

    It goes on by itself when the connection ends; whoever stores `position` with what came of the
    events before goes on there later, with `watch(after=position)`, and misses none.
    """

    def __init__(
        self,
        store: AsyncStore,
        after: int | None,
        collections: Sequence[str] | None,
        edges: Sequence[str] | None,
        owner: str | None,
        limit: int | None,
        wait: float,
    ) -> None:
        self._store = store
        self._collections = collections
        self._edges = edges
        self._owner = owner
        self._limit = limit
        self._wait = wait
        self._events: deque[Change] = deque()
        self._next = after
        self.position = after
        """The `after` behind which all events come that were not dealt with yet, where the next
        one is asked for when one was dealt with; None before the first question."""

    async def begin(self) -> int:
        """Where the store stands now, which is where it goes on from where no `after` was given."""
        while self.position is None:
            await self._ask(0.0)
        return self.position

    async def __anext__(self) -> Change:
        while not self._events:
            self.position = self._next
            await self._ask(self._wait if self._next is not None else 0.0)
        event = self._events.popleft()
        return event

    async def _ask(self, wait: float) -> None:
        watched = await self._store.watch_once(
            self._next,
            collections=self._collections,
            edges=self._edges,
            owner=self._owner,
            limit=self._limit,
            wait=wait,
        )
        self._next = watched.next
        self._events.extend(watched.events)
        if not watched.events:
            self.position = watched.next

    def __aiter__(self) -> AsyncWatch:
        return self
