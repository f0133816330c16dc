"""The connections of a client. A request goes to the one that has the least to do."""

from __future__ import annotations

import asyncio

from .._options import Options
from ..errors import StoreClosed
from .connection import AsyncConnection


class AsyncPool:
    """Opens connections as they are needed, and drops those that ended."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._connections: list[AsyncConnection] = []
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def connection(self) -> AsyncConnection:
        """A connection that takes requests. Raises what opening one raises."""
        best = self._best()
        if best is not None:
            return best
        async with self._opening:
            best = self._best()
            if best is not None:
                return best
            if self._is_closed:
                raise StoreClosed("The client is closed; make another one.")
            connection = await AsyncConnection.open(self._options)
            self._connections.append(connection)
            return connection

    def _best(self) -> AsyncConnection | None:
        """One without requests; where there may be no more, the one with the fewest."""
        usable = [one for one in self._connections if one.is_usable()]
        if len(usable) < len(self._connections):
            # Those that drain answer what is in flight, and are kept by who waits for it.
            self._connections = usable
        best = min(usable, key=lambda one: one.in_flight, default=None)
        if best is None or (best.in_flight and len(usable) < self._options.pool_size):
            return None
        return best

    @property
    def size(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    async def close(self) -> None:
        """Closes all connections."""
        self._is_closed = True
        connections, self._connections = self._connections, []
        for connection in connections:
            await connection.close()
