"""A connection whose calls are awaited."""

from __future__ import annotations

import asyncio
import functools
import math
import socket
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from .._options import Options, left, milliseconds, unreachable
from .._protocol import Exchange, Protocol
from ..errors import DeadlineExceeded, Disconnected, MnemeError, TooManyRequests

_CHUNK = 256 * 1024


@dataclass(eq=False, slots=True)
class _Waiting:
    """A request that waits for room, and what it is once it was sent."""

    opcode: int
    body: bytes
    deadline: float | None
    durability: int
    sent: asyncio.Future[Exchange]


class AsyncConnection(asyncio.Protocol):
    """A transport and the state of its protocol. It belongs to one event loop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._can_write = True
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._queue: deque[_Waiting] = deque()
        """What waits for room, in the order in which it is sent. The first is waited for."""
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self.protocol = Protocol(
            options.hello(), credit=options.credit, largest_response=options.largest_response
        )

    @classmethod
    async def open(cls, options: Options, deadline: float | None = None) -> AsyncConnection:
        """Connects and says hello, within the time that the options and the deadline leave.

        Raises what the server answers, `Disconnected` or `DeadlineExceeded`.
        """
        connection = cls(options)
        remaining = left(deadline)
        seconds = min(options.connect_timeout, remaining if remaining is not None else math.inf)
        try:
            await asyncio.wait_for(connection._open(), seconds)
        except asyncio.TimeoutError as error:
            connection.fail("The server did not welcome in time.")
            raise DeadlineExceeded(
                f"The server at {options.address} did not welcome within {seconds:.3g} seconds."
            ) from error
        except BaseException:
            connection.fail("The connection was not opened.")
            raise
        return connection

    async def _open(self) -> None:
        address, tls = self._options.address, self._options.tls
        name = self._options.tls_name()
        try:
            if address.path:
                await self._loop.create_unix_connection(
                    lambda: self, address.path, ssl=tls, server_hostname=name
                )
            else:
                await self._loop.create_connection(
                    lambda: self, address.host, address.port, ssl=tls, server_hostname=name
                )
        except (OSError, UnicodeError) as error:
            raise unreachable(address, error) from error
        while not self.protocol.is_open:
            if self.protocol.failure is not None:
                raise self.protocol.failure
            await self._change()

    @property
    def in_flight(self) -> int:
        return len(self.protocol.in_flight)

    def is_usable(self) -> bool:
        """Whether another request may go out."""
        return self.protocol.is_usable

    async def submit(
        self, opcode: int, body: bytes, *, deadline: float | None, durability: int
    ) -> Exchange:
        """Sends a request, once there is room for it and for all that came before it."""
        if self.protocol.is_usable and (self._queue or not self._has_room(body)):
            self.protocol.check_size(body)
            return await self._sent_later(opcode, body, deadline, durability)
        exchange = self.protocol.request(
            opcode, body, deadline_milliseconds=milliseconds(deadline), durability=durability
        )
        self._flush()
        return exchange

    def _has_room(self, body: bytes) -> bool:
        return self._can_write and self.protocol.has_room(len(body) + 8)

    async def _sent_later(
        self, opcode: int, body: bytes, deadline: float | None, durability: int
    ) -> Exchange:
        sent: asyncio.Future[Exchange] = self._loop.create_future()
        self._queue.append(_Waiting(opcode, body, deadline, durability, sent))
        try:
            await asyncio.wait((sent,), timeout=left(deadline))
        except BaseException:
            if not sent.cancel() and sent.exception() is None:
                self.abandon(sent.result())
            self._admit()
            raise
        if sent.cancel():
            self._admit()
            raise TooManyRequests("There was no room for the request before its deadline.")
        return sent.result()

    def _admit(self) -> None:
        """Sends what waits for room, first come first, as far as there is room."""
        while self._queue:
            first = self._queue[0]
            if not first.sent.done():
                if self.protocol.is_usable and not self._has_room(first.body):
                    break
                try:
                    exchange = self.protocol.request(
                        first.opcode,
                        first.body,
                        deadline_milliseconds=milliseconds(first.deadline),
                        durability=first.durability,
                    )
                except MnemeError as error:
                    first.sent.set_exception(error)
                else:
                    first.sent.set_result(exchange)
            self._queue.popleft()
            if len(self.protocol.outgoing) >= _CHUNK:
                self._flush()
        self._flush()

    async def wait(self, exchange: Exchange, deadline: float | None) -> tuple[str, Any]:
        """Awaits the end of a request. Cancelling all tasks that await it cancels the request."""
        if not exchange.is_done:
            done: asyncio.Future[None] = self._loop.create_future()
            tell = functools.partial(_finish, done)
            exchange.when_done.append(tell)
            seconds = left(deadline)
            try:
                await asyncio.wait(
                    (done,), timeout=None if seconds is None else seconds + self._options.grace
                )
            except BaseException:
                if tell in exchange.when_done:
                    exchange.when_done.remove(tell)
                if not exchange.when_done:
                    self.abandon(exchange)
                raise
        if not exchange.is_done:
            # It may be at work on what it cannot take back; or it is not there any more.
            exchange.when_done.remove(tell)
            self.abandon(exchange)
            await self.ping(self._options.grace)
            raise Disconnected(
                "Neither an answer nor an error came before the deadline and a little later; it is "
                "not known whether a write was done."
            )
        return exchange.result()

    def cancel(self, exchange: Exchange) -> None:
        """Asks the server to end a request early."""
        self.protocol.cancel(exchange)
        self._flush()

    def abandon(self, exchange: Exchange) -> None:
        """Cancels a request for whose end nobody waits."""
        self.protocol.abandon(exchange)
        self._flush()

    async def ping(self, timeout: float) -> float:
        """Seconds until the server's pong. Raises `Disconnected` where none comes."""
        began = time.monotonic()
        count = self.protocol.pongs
        self.protocol.ping()
        self._flush()
        while self.protocol.pongs <= count:
            try:
                if self.protocol.failure is None:
                    await asyncio.wait_for(self._change(), left(began + timeout))
            except asyncio.TimeoutError:
                self.fail(f"No pong came within {timeout} seconds.")
            if self.protocol.failure is not None:
                raise Disconnected("The server does not answer.", cause=str(self.protocol.failure))
        return time.monotonic() - began

    def fail(self, why: str) -> None:
        """Ends the connection; what is in flight ends with `Disconnected`."""
        self.protocol.fail(Disconnected(why))
        if self._transport is not None:
            self._transport.abort()
        self._wake()

    async def close(self) -> None:
        """Says goodbye and closes."""
        self.protocol.goodbye()
        self._flush()
        self.protocol.fail(Disconnected("The connection was closed here."))
        self._wake()
        if self._transport is not None:
            self._transport.close()
            await asyncio.wait((self._closed,), timeout=1)
            self._transport.abort()

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self.protocol.receive(data)
        self._wake()
        if self.protocol.failure is not None and self._transport is not None:
            self._transport.abort()

    def eof_received(self) -> bool:
        self.protocol.end_of_file()
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.protocol.fail(Disconnected(str(exc or "The connection was closed.")))
        if not self._closed.done():
            self._closed.set_result(None)
        self._wake()

    def pause_writing(self) -> None:
        self._can_write = False

    def resume_writing(self) -> None:
        self._can_write = True
        self._wake()

    def _flush(self) -> None:
        if self._transport is not None and self.protocol.outgoing:
            data = bytes(self.protocol.outgoing)
            self.protocol.outgoing.clear()
            self._transport.write(data)

    def _change(self) -> asyncio.Future[None]:
        """Is done when something came or may be sent again, from this very moment on: a coroutine
        would begin to look out in the loop's next turn, and what came meanwhile may be the last."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append(waiter)
        return waiter

    def _wake(self) -> None:
        self._admit()
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


async def acquire(lock: asyncio.Lock, deadline: float | None) -> bool:
    """Takes a lock, and says whether that was done before the deadline."""
    if lock.locked() and left(deadline) == 0:
        return False
    taking = asyncio.ensure_future(lock.acquire())
    try:
        await asyncio.wait((taking,), timeout=left(deadline))
    except BaseException:
        if not taking.cancel():
            lock.release()
        raise
    return not taking.cancel()
