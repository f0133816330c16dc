"""The connections of a client. A request goes to the one that has the least to do."""

from __future__ import annotations

import asyncio
import copy
import time

from .._options import Options
from ..errors import DeadlineExceeded, MnemeError, StoreClosed
from .connection import AsyncConnection, acquire

_PAUSE = 1.0
"""Seconds in which no further connection is tried where one could not be opened; longer where that
took long, so that few requests wait for it."""


class AsyncPool:
    """Opens connections as they are needed, one at a time, and drops those that ended."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._connections: list[AsyncConnection] = []
        """Only who holds `_opening` adds to these, or takes those out that ended."""
        self._opening = asyncio.Lock()
        self._is_closed = False
        self._failures = 0
        self._failure: MnemeError | None = None
        """Why the last of `_failures` connections was not opened."""
        self._more_from = 0.0

    async def connection(self, deadline: float | None = None) -> AsyncConnection:
        """A connection that takes requests. Raises what opening one raises.

        Whoever finds one that is busy does not wait for others to open one more.
        """
        best, is_enough = self._best()
        if best is not None and (is_enough or time.monotonic() < self._more_from):
            return best
        failures = self._failures
        is_held = False
        try:
            is_held = await acquire(self._opening, deadline if best is None else 0.0)
            if is_held:
                return await self._another(deadline, failures)
        finally:
            if is_held:
                self._opening.release()
        if best is None:
            raise DeadlineExceeded("Others were connecting until the deadline was over.")
        return best

    async def _another(self, deadline: float | None, failures: int) -> AsyncConnection:
        """Opens one where it is still needed. `_opening` is held."""
        best, is_enough = self._best()
        self._must_be_open()
        if best is not None and is_enough:
            return best
        if best is None and self._failure is not None and self._failures > failures:
            raise copy.copy(self._failure)  # What befell one for whom this one waited.
        now = time.monotonic()
        if best is not None and deadline is not None:
            deadline = now + (deadline - now) / 2  # There has to be time to use the others.
        self._connections = [one for one in self._connections if one.is_usable()]
        try:
            connection = await AsyncConnection.open(self._options, deadline)
        except MnemeError as error:
            best, _ = self._best()
            if best is not None:
                later = time.monotonic()
                self._more_from = later + max(_PAUSE, 10 * (later - now))
                return best
            if not (isinstance(error, DeadlineExceeded) and self._is_sooner(deadline, now)):
                self._failures, self._failure = self._failures + 1, error
            raise
        self._connections.append(connection)
        try:
            self._must_be_open()  # `close` may have looked before it stood there.
        except StoreClosed:
            await connection.close()
            raise
        return connection

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise StoreClosed("The client is closed; make another one.")

    def _is_sooner(self, deadline: float | None, now: float) -> bool:
        """Whether a deadline left less time than the client gives to connecting."""
        return deadline is not None and deadline - now < self._options.connect_timeout

    def _best(self) -> tuple[AsyncConnection | None, bool]:
        """The one with the fewest requests, and whether no other one need be opened beside it."""
        # Those that drain answer what is in flight, and are kept by who waits for it.
        usable = [one for one in self._connections if one.is_usable()]
        best = min(usable, key=lambda one: one.in_flight, default=None)
        return best, best is not None and (
            best.in_flight == 0 or len(usable) >= self._options.pool_size
        )

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
