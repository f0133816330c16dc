# Derived from src/mneme/_async/client.py by tools/python/derive; change that one.
"""A client: the verbs of a store behind a server."""

from __future__ import annotations

import random
import ssl
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType, TracebackType
from typing import Any, TypeVar

from .. import _cbor, _frames, _opcodes, json
from .._frames import Welcome
from .._options import Address, Durability, Options, pause_before_retry
from .._protocol import Exchange
from ..errors import BadRequest, Conflict, MnemeError, SnapshotTooOld
from ..values import Value
from .connection import Connection
from .memories import Memories
from .pool import Pool
from .questions import Questions
from .records import Records
from .schedule import Schedule
from .sessions import Sessions
from .store import Store
from .transaction import Transaction
from .watch import Watch


T = TypeVar("T")


class Client(
    Records, Questions, Memories, Sessions, Schedule, Store
):
    """A store behind a server.

        with Client("localhost:7411", store="notes") as memory:
            memory.remember("Ann keeps bees behind the old mill", owner="ann")

    It connects when it is entered or opened, else with the first request, and again whenever it
    has to. Requests that were not begun, and those that may be asked twice, are asked again. The
    options are those of `Options`.
    """

    def __init__(
        self,
        address: str = "localhost:7411",
        *,
        store: str = "",
        existing: bool = False,
        timeout: float | None = 60.0,
        connect_timeout: float = 10.0,
        grace: float = 2.0,
        durability: Durability | None = None,
        retries: int = 5,
        retry_writes: bool = False,
        pool_size: int = 4,
        credit: int = 4 * 2**20,
        largest_response: int = 64 * 2**20,
        name: str = "mneme-python",
        token: str = "",
        tls: ssl.SSLContext | None = None,
        server_name: str = "",
        certified: bool = False,
    ) -> None:
        self.options = Options(
            Address.read(address),
            store,
            existing,
            timeout,
            connect_timeout,
            grace,
            durability,
            retries,
            retry_writes,
            pool_size,
            credit,
            largest_response,
            name,
            token,
            tls,
            server_name,
            certified,
        )
        self._pool = Pool(self.options)

    def open(self) -> Client:
        """Connects, so that it is known whether the server and the store are there."""
        self._pool.connection()
        return self

    def close(self) -> None:
        """Closes all connections. What is in flight ends with `Disconnected`."""
        self._pool.close()

    def __enter__(self) -> Client:
        return self.open()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def but(
        self,
        *,
        timeout: float | EllipsisType | None = ...,
        durability: Durability | None = None,
        retries: int | None = None,
        retry_writes: bool | None = None,
    ) -> Client:
        """A client on the same connections with another timeout, durability or ways to retry."""
        options = self.options
        other = object.__new__(type(self))
        other.options = options.but(
            timeout=options.timeout if timeout is ... else timeout,
            durability=durability or options.durability,
            retries=options.retries if retries is None else retries,
            retry_writes=options.retry_writes if retry_writes is None else retry_writes,
        )
        other._pool = self._pool
        return other

    # Any request

    def request(
        self, request: Mapping[str, Value] | str, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Asks any request of formats/operations.md: `{"get": ["notes/a"]}`, or a verb alone.

        What JSON lacks is given as Python has it: datetimes, UUIDs, bytes, vectors.
        """
        verb, content = _opened(request)
        name, told = self.perform(verb, content, timeout=timeout)
        return {name: told}

    def request_json(self, text: str, *, timeout: float | None = None) -> str:
        """Asks a request in its JSON spelling, and returns the response in its."""
        return json.dumps(self.request(json.loads(text), timeout=timeout))

    def perform(
        self, verb: str, content: Value, *, timeout: float | None = None
    ) -> tuple[str, Any]:
        if self.options.retry_writes and _opcodes.takes_key(verb, content):
            if not _opcodes.is_repeatable(verb, content):
                content = _opcodes.with_key(verb, content, str(uuid.uuid4()))
        opcode, body = _spelled(verb, content)
        repeatable = _opcodes.is_repeatable(verb, content)
        deadline = self._deadline(timeout)
        attempt = 0
        while True:
            is_connected = False
            try:
                connection = self._pool.connection(deadline)
                is_connected = True
                exchange = connection.submit(
                    opcode, body, deadline=deadline, durability=self._durability
                )
                return connection.wait(exchange, deadline)
            except MnemeError as error:
                pause = pause_before_retry(
                    error, attempt, repeatable=repeatable or not is_connected, verb=verb
                )
                if pause is None or attempt >= self.options.retries:
                    raise
                if deadline is not None and time.monotonic() + pause >= deadline:
                    raise
            attempt += 1
            time.sleep(pause)

    def submit(
        self, request: Mapping[str, Value] | str, *, timeout: float | None = None
    ) -> Pending:
        """Sends a request and does not wait: `result` of what is returned does.

        So many requests are on their way at once. They are not asked again.
        """
        opcode, body = _spelled(*_opened(request))
        deadline = self._deadline(timeout)
        connection = self._pool.connection(deadline)
        exchange = connection.submit(
            opcode, body, deadline=deadline, durability=self._durability
        )
        return Pending(connection, exchange, deadline)

    def request_all(
        self, requests: Sequence[Mapping[str, Value] | str], *, timeout: float | None = None
    ) -> list[dict[str, Any] | MnemeError]:
        """Asks several requests at once on one connection: one round trip for all.

        Returns their answers and errors in their order. They may be done in any, and are not
        asked again. Where one cannot be spelled, none is sent.
        """
        spelled = [_spelled(*_opened(request)) for request in requests]
        deadline = self._deadline(timeout)
        connection = self._pool.connection(deadline)
        pending: list[Pending | MnemeError] = []
        answers: list[dict[str, Any] | MnemeError] = []
        try:
            for opcode, body in spelled:
                try:
                    exchange = connection.submit(
                        opcode, body, deadline=deadline, durability=self._durability
                    )
                    pending.append(Pending(connection, exchange, deadline))
                except MnemeError as error:
                    pending.append(error)
            for one in pending:
                try:
                    answers.append(one if isinstance(one, MnemeError) else one.result())
                except MnemeError as error:
                    answers.append(error)
        except BaseException:
            for one in pending[len(answers) :]:
                if isinstance(one, Pending):
                    one._abandon()
            raise
        return answers

    def welcome(self) -> Welcome:
        """What the server says of itself: its name, the identity of the store, its limits."""
        connection = self._pool.connection(self._deadline(None))
        welcome = connection.protocol.welcome
        assert welcome is not None
        return welcome

    def ping(self, timeout: float = 5.0) -> float:
        """Seconds until the server's pong."""
        deadline = time.monotonic() + timeout
        connection = self._pool.connection(deadline)
        return connection.ping(max(deadline - time.monotonic(), 0.001))

    # What goes on for longer

    def transaction(self, *, durability: Durability | None = None) -> Transaction:
        """A transaction, to be entered: committed at the end, rolled back by an exception."""
        return Transaction(
            self._pool, self, self.options, durability or self.options.durability
        )

    def transact(
        self, body: Callable[[Transaction], T], *, attempts: int = 10
    ) -> T:
        """Runs `body` in a transaction, and again in a new one where others were faster.

        So `body` may run several times, and should do nothing but ask the transaction.
        """
        while True:
            attempts -= 1
            try:
                with self.transaction() as both:
                    return body(both)
            except (Conflict, SnapshotTooOld):
                if attempts <= 0:
                    raise
                time.sleep(random.uniform(0, 0.02))

    def watch(
        self,
        after: int | None = None,
        *,
        collections: Sequence[str] | None = None,
        edges: Sequence[str] | None = None,
        owner: str | None = None,
        limit: int | None = None,
        wait: float = 20.0,
    ) -> Watch:
        """What is committed, from now on or behind `after`, without an end.

        `position` of the iterator is where another one goes on, also in another process.
        """
        return Watch(self, after, collections, edges, owner, limit, wait)

    def _deadline(self, timeout: float | None) -> float | None:
        timeout = self.options.timeout if timeout is None else timeout
        return None if timeout is None else time.monotonic() + timeout

    @property
    def _durability(self) -> int:
        return _frames.DURABILITIES[self.options.durability]


class Pending:
    """A request on its way."""

    def __init__(
        self, connection: Connection, exchange: Exchange, deadline: float | None
    ) -> None:
        self._connection = connection
        self._exchange = exchange
        self._deadline = deadline

    @property
    def is_done(self) -> bool:
        """Whether the answer is there."""
        return self._exchange.is_done

    def result(self) -> dict[str, Any]:
        """The answer. Raises the error that came in its place.

        Several may wait for it; what interrupts the last one of them cancels the request.
        """
        name, told = self._connection.wait(self._exchange, self._deadline)
        return {name: told}

    def cancel(self) -> None:
        """Asks the server to end it. Where that is in time, the result is `Cancelled`."""
        self._connection.cancel(self._exchange)

    def _abandon(self) -> None:
        """Cancels it, and forgets what came of it."""
        self._connection.abandon(self._exchange)


def _opened(request: Mapping[str, Value] | str) -> tuple[str, Value]:
    if isinstance(request, str):
        return request, {}
    if isinstance(request, Mapping) and len(request) == 1:
        return next(iter(request.items()))
    raise BadRequest('A request is a dict of one member, the verb: {"get": ["notes/a"]}.')


def _spelled(verb: str, content: Value) -> tuple[int, bytes]:
    opcode = _opcodes.REQUESTS.get(verb)
    if opcode is None:
        raise BadRequest(
            f'There is no verb "{verb}". Known: {", ".join(_opcodes.REQUESTS)}.'
        )
    return opcode, _cbor.encode({verb: content})
