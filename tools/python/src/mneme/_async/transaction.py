"""A transaction: what it sees is of one instant, and what it changes is there at once or not."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Any

from .. import _cbor, _frames, _opcodes
from .._options import Durability, Options
from .._shape import members, read
from ..errors import Disconnected, MnemeError, NoTransaction
from ..records import Committed
from ..values import Value
from .connection import AsyncConnection
from .door import AsyncDoor
from .pool import AsyncPool
from .questions import AsyncQuestions
from .records import AsyncRecords


class AsyncTransaction(AsyncRecords, AsyncQuestions):
    """The verbs of records and questions, asked inside a transaction.

    Where others changed what it has read, leaving it raises `Conflict`: begin it again.
    """

    def __init__(
        self, pool: AsyncPool, client: AsyncDoor, options: Options, durability: Durability | None
    ) -> None:
        self._pool = pool
        self._client = client
        self._options = options
        self._durability = durability
        self._connection: AsyncConnection | None = None
        self._number: int | None = None
        self.sequence = 0
        """Of the commit that it sees."""
        self.committed: Committed | None = None
        """What it came to."""

    async def begin(self) -> AsyncTransaction:
        """Begins it."""
        self._connection = await self._pool.connection()
        _, told = await self._send("begin", {})
        self._number, self.sequence = told["transaction"], told["sequence"]
        return self

    async def commit_all(self) -> Committed:
        """Commits it. Raises `Conflict` where others changed what it has read."""
        key = str(uuid.uuid4()) if self._options.retry_writes else None
        content = members(
            transaction=self._given(), durability=self._durability, idempotency_key=key
        )
        self._number = None
        try:
            _, told = await self._send("commitTransaction", content)
        except Disconnected as lost:
            if key is None:
                raise
            try:  # Where it was committed, that is answered under its key.
                _, told = await self._client.perform("commitTransaction", content)
            except NoTransaction:
                raise lost from None
        self.committed = read(Committed, told)
        return self.committed

    async def rollback(self) -> None:
        """Ends it and forgets its changes."""
        content = {"transaction": self._given()}
        self._number = None
        await self._send("rollback", content)

    async def __aenter__(self) -> AsyncTransaction:
        return await self.begin()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._number is None:
            return
        if error is None:
            await self.commit_all()
            return
        try:
            await self.rollback()
        except MnemeError:
            pass  # The error that left the block counts, and the server ends it by itself.

    async def perform(
        self, verb: str, content: Value, *, timeout: float | None = None
    ) -> tuple[str, Any]:
        return await self._send(
            "inside", {"transaction": self._given(), "request": {verb: content}}, timeout
        )

    async def _send(
        self, verb: str, content: Value, timeout: float | None = None
    ) -> tuple[str, Any]:
        assert self._connection is not None
        timeout = self._options.timeout if timeout is None else timeout
        exchange = await self._connection.submit(
            _opcodes.REQUESTS[verb],
            _cbor.encode({verb: content}),
            timeout=timeout,
            durability=_frames.DURABILITIES[self._durability],
        )
        return await self._connection.wait(exchange, timeout)

    def _given(self) -> int:
        if self._number is None:
            raise NoTransaction("The transaction has ended, or was not begun.")
        return self._number
