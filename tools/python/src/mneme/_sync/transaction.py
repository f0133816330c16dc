# Derived from src/mneme/_async/transaction.py by tools/python/derive; change that one.
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
from .connection import Connection
from .door import Door
from .pool import Pool
from .questions import Questions
from .records import Records


class Transaction(Records, Questions):
    """The verbs of records and questions, asked inside a transaction.

    Where others changed what it has read, leaving it raises `Conflict`: begin it again.
    """

    def __init__(
        self, pool: Pool, client: Door, options: Options, durability: Durability | None
    ) -> None:
        self._pool = pool
        self._client = client
        self._options = options
        self._durability = durability
        self._connection: Connection | None = None
        self._number: int | None = None
        self.sequence = 0
        """Of the commit that it sees."""
        self.committed: Committed | None = None
        """What it came to."""

    def begin(self) -> Transaction:
        """Begins it."""
        self._connection = self._pool.connection()
        _, told = self._send("begin", {})
        self._number, self.sequence = told["transaction"], told["sequence"]
        return self

    def commit_all(self) -> Committed:
        """Commits it. Raises `Conflict` where others changed what it has read."""
        key = str(uuid.uuid4()) if self._options.retry_writes else None
        content = members(
            transaction=self._given(), durability=self._durability, idempotency_key=key
        )
        self._number = None
        try:
            _, told = self._send("commitTransaction", content)
        except Disconnected as lost:
            if key is None:
                raise
            try:  # Where it was committed, that is answered under its key.
                _, told = self._client.perform("commitTransaction", content)
            except NoTransaction:
                raise lost from None
        self.committed = read(Committed, told)
        return self.committed

    def rollback(self) -> None:
        """Ends it and forgets its changes."""
        content = {"transaction": self._given()}
        self._number = None
        self._send("rollback", content)

    def __enter__(self) -> Transaction:
        return self.begin()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._number is None:
            return
        if error is None:
            self.commit_all()
            return
        try:
            self.rollback()
        except MnemeError:
            pass  # The error that left the block counts, and the server ends it by itself.

    def perform(
        self, verb: str, content: Value, *, timeout: float | None = None
    ) -> tuple[str, Any]:
        return self._send(
            "inside", {"transaction": self._given(), "request": {verb: content}}, timeout
        )

    def _send(
        self, verb: str, content: Value, timeout: float | None = None
    ) -> tuple[str, Any]:
        assert self._connection is not None
        timeout = self._options.timeout if timeout is None else timeout
        exchange = self._connection.submit(
            _opcodes.REQUESTS[verb],
            _cbor.encode({verb: content}),
            timeout=timeout,
            durability=_frames.DURABILITIES[self._durability],
        )
        return self._connection.wait(exchange, timeout)

    def _given(self) -> int:
        if self._number is None:
            raise NoTransaction("The transaction has ended, or was not begun.")
        return self._number
