"""A connection whose calls are awaited."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from typing import Any

from .._options import Options, milliseconds
from .._protocol import Exchange, Protocol
from ..errors import DeadlineExceeded, Disconnected, TooManyRequests


class AsyncConnection(asyncio.Protocol):
    """A transport and the state of its protocol. It belongs to one event loop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._can_write = True
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self.protocol = Protocol(
            options.hello(), credit=options.credit, largest_response=options.largest_response
        )

    @classmethod
    async def open(cls, options: Options) -> AsyncConnection:
        """Connects and says hello. Raises what the server answers, or `Disconnected`."""
        connection = cls(options)
        try:
            await asyncio.wait_for(connection._open(), options.connect_timeout)
        except asyncio.TimeoutError as error:
            connection.fail("The server did not welcome in time.")
            raise DeadlineExceeded(
                f"The server at {options.address} did not welcome within "
                f"{options.connect_timeout} seconds."
            ) from error
        except BaseException:
            connection.fail("The connection was not opened.")
            raise
        return connection

    async def _open(self) -> None:
        address = self._options.address
        try:
            if address.path:
                await self._loop.create_unix_connection(lambda: self, address.path)
            else:
                await self._loop.create_connection(lambda: self, address.host, address.port)
        except OSError as error:
            raise Disconnected(
                f"No server answers at {address}; start one with: mneme serve.", cause=str(error)
            ) from error
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
        self, opcode: int, body: bytes, *, timeout: float | None, durability: int
    ) -> Exchange:
        """Sends a request, once there is room for it."""
        deadline = None if timeout is None else time.monotonic() + timeout
        size = len(body) + 8
        while self.protocol.is_usable and not (self._can_write and self.protocol.has_room(size)):
            self.protocol.check_size(body)
            left = None if deadline is None else deadline - time.monotonic()
            try:
                await asyncio.wait_for(self._change(), left)
            except asyncio.TimeoutError as error:
                raise TooManyRequests(
                    "There was no room for the request before its deadline."
                ) from error
        exchange = self.protocol.request(
            opcode, body, deadline_milliseconds=milliseconds(timeout), durability=durability
        )
        self._flush()
        return exchange

    async def wait(self, exchange: Exchange, timeout: float | None) -> tuple[str, Any]:
        """Awaits the end of a request. Cancelling the awaiting task cancels the request."""
        if not exchange.is_done:
            done: asyncio.Future[None] = self._loop.create_future()
            exchange.when_done = lambda: _finish(done)
            try:
                if timeout is None:
                    await done
                else:
                    await asyncio.wait((done,), timeout=timeout + self._options.grace)
            except BaseException:
                self.abandon(exchange)
                raise
        if not exchange.is_done:
            # It may be at work on what it cannot take back; or it is not there any more.
            self.abandon(exchange)
            await self.ping(self._options.grace)
            raise Disconnected(
                f"Neither an answer nor an error came within {timeout} seconds and a little more; "
                "it is not known whether a write was done."
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
            left = began + timeout - time.monotonic()
            try:
                if self.protocol.failure is None:
                    await asyncio.wait_for(self._change(), left)
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
        self._flush()
        if self.protocol.failure is not None and self._transport is not None:
            self._transport.abort()
        self._wake()

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
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
