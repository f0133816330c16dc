"""A connection whose calls wait. Any number of threads may use one at once.

There is no thread of its own: whoever waits for an answer reads the socket for all, one at a time,
and sends what could not be sent before, so that neither side waits for the other to read.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from .._options import Address, Options, milliseconds
from .._protocol import Exchange, Protocol
from ..errors import DeadlineExceeded, Disconnected, TooManyRequests

_CHUNK = 256 * 1024


class Connection:
    """A socket and the state of its protocol."""

    def __init__(self, sock: socket.socket, options: Options) -> None:
        self._socket = sock
        self._options = options
        self._lock = threading.Condition()
        self._is_read = False
        self._waking: tuple[socket.socket, socket.socket] | None = None
        self.protocol = Protocol(
            options.hello(), credit=options.credit, largest_response=options.largest_response
        )

    @classmethod
    def open(cls, options: Options) -> Connection:
        """Connects and says hello. Raises what the server answers, or `Disconnected`."""
        deadline = time.monotonic() + options.connect_timeout
        try:
            sock = _connect(options.address, options.connect_timeout)
        except OSError as error:
            raise Disconnected(
                f"No server answers at {options.address}; start one with: mneme serve.",
                cause=str(error),
            ) from error
        connection = cls(sock, options)
        try:
            sock.setblocking(False)
            with connection._lock:
                connection._flush()
            connection._wait_until(
                lambda: connection.protocol.is_open or connection.protocol.failure is not None,
                deadline,
            )
            if connection.protocol.failure is not None:
                raise connection.protocol.failure
            if not connection.protocol.is_open:
                raise DeadlineExceeded(
                    f"The server at {options.address} did not welcome within "
                    f"{options.connect_timeout} seconds."
                )
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def in_flight(self) -> int:
        return len(self.protocol.in_flight)

    def is_usable(self) -> bool:
        """Whether another request may go out; notices what came while nobody was waiting."""
        with self._lock:
            if not self._is_read and self.protocol.failure is None:
                self._receive()
                self._flush()
            return self.protocol.is_usable

    def submit(
        self, opcode: int, body: bytes, *, timeout: float | None, durability: int
    ) -> Exchange:
        """Sends a request, once there is room for it."""
        deadline = None if timeout is None else time.monotonic() + timeout
        size = len(body) + 8
        while True:
            with self._lock:
                if not self.protocol.is_usable or self.protocol.has_room(size):
                    exchange = self.protocol.request(
                        opcode,
                        body,
                        deadline_milliseconds=milliseconds(timeout),
                        durability=durability,
                    )
                    self._flush()
                    return exchange
                self.protocol.check_size(body)
            count = self.in_flight
            self._wait_until(lambda: self.in_flight < count or self.in_flight == 0, deadline)
            if deadline is not None and time.monotonic() >= deadline:
                raise TooManyRequests("There was no room for the request before its deadline.")

    def wait(self, exchange: Exchange, timeout: float | None) -> tuple[str, Any]:
        """Waits for the end of a request. What interrupts the waiting cancels the request."""
        deadline = None if timeout is None else time.monotonic() + timeout + self._options.grace
        try:
            self._wait_until(lambda: exchange.is_done, deadline)
        except BaseException:
            self.abandon(exchange)
            raise
        if not exchange.is_done:
            # It may be at work on what it cannot take back; or it is not there any more.
            self.abandon(exchange)
            self.ping(self._options.grace)
            raise Disconnected(
                f"Neither an answer nor an error came within {timeout} seconds and a little more; "
                "it is not known whether a write was done."
            )
        return exchange.result()

    def cancel(self, exchange: Exchange) -> None:
        """Asks the server to end a request early."""
        with self._lock:
            self.protocol.cancel(exchange)
            self._flush()

    def abandon(self, exchange: Exchange) -> None:
        """Cancels a request for whose end nobody waits."""
        with self._lock:
            self.protocol.abandon(exchange)
            self._flush()

    def ping(self, timeout: float) -> float:
        """Seconds until the server's pong. Raises `Disconnected` where none comes."""
        began = time.monotonic()
        with self._lock:
            count = self.protocol.pongs
            self.protocol.ping()
            self._flush()
        self._wait_until(
            lambda: self.protocol.pongs > count or self.protocol.failure is not None,
            began + timeout,
        )
        if self.protocol.pongs <= count:
            self.fail(f"No pong came within {timeout} seconds.")
            raise Disconnected("The server does not answer.", cause=str(self.protocol.failure))
        return time.monotonic() - began

    def fail(self, why: str) -> None:
        """Ends the connection; what is in flight ends with `Disconnected`."""
        with self._lock:
            self._end(why)
            self._lock.notify_all()

    def close(self) -> None:
        """Says goodbye and closes."""
        with self._lock:
            self.protocol.goodbye()
            self._flush()
            self._end("The connection was closed here.")
            self._lock.notify_all()

    # Reading and writing

    def _wait_until(self, is_so: Callable[[], bool], deadline: float | None) -> None:
        while True:
            with self._lock:
                while self._is_read and not is_so():
                    if not self._lock.wait(_left(deadline)):
                        break
                if is_so() or self._is_read or _left(deadline) == 0:
                    return
                if self.protocol.failure is not None:
                    return
                self._is_read = True
            try:
                self._pump(_left(deadline))
            finally:
                with self._lock:
                    self._is_read = False
                    if self._has_failed():
                        self._shut()
                    self._lock.notify_all()

    def _pump(self, timeout: float | None) -> None:
        """Waits for bytes, takes them in, and sends what waits to be sent."""
        with self._lock:
            if self.protocol.failure is not None:
                return
            if self._waking is None:
                self._waking = socket.socketpair()
                for end in self._waking:
                    end.setblocking(False)
            waking = self._waking[0]
            poll = select.poll()
            writes = select.POLLOUT if self.protocol.outgoing else 0
            poll.register(self._socket, select.POLLIN | writes)
            poll.register(waking, select.POLLIN)
        poll.poll(None if timeout is None else timeout * 1000 + 1)
        with self._lock:
            try:
                waking.recv(4_096)
            except OSError:
                pass
            self._receive()
            self._flush()

    def _receive(self) -> None:
        while self.protocol.failure is None:
            try:
                data = self._socket.recv(_CHUNK)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                self._end(str(error))
                return
            if not data:
                self.protocol.end_of_file()
            else:
                self.protocol.receive(data)
            if self._has_failed():
                self._shut()
            if len(data) < _CHUNK:
                return

    def _flush(self) -> None:
        outgoing = self.protocol.outgoing
        while outgoing and self.protocol.failure is None:
            try:
                count = self._socket.send(bytes(outgoing[:_CHUNK]))
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                # What the server said before it closed may lie there still.
                self._receive()
                self._end(str(error))
                return
            del outgoing[:count]
        if outgoing and self._is_read and self._waking is not None:
            try:
                self._waking[1].send(b"w")
            except OSError:
                pass

    def _has_failed(self) -> bool:
        return self.protocol.failure is not None

    def _end(self, why: str) -> None:
        self.protocol.fail(Disconnected(why))
        self._shut()

    def _shut(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self._is_read:
            # Who waits on the descriptors hears of it, and closes them by ending.
            if self._waking is not None:
                try:
                    self._waking[1].send(b"w")
                except OSError:
                    pass
            return
        self._socket.close()
        for end in self._waking or ():
            end.close()
        self._waking = None

    def __del__(self) -> None:
        for end in (self._socket, *(self._waking or ())):
            end.close()


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _connect(address: Address, timeout: float) -> socket.socket:
    if address.path:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout)
            sock.connect(address.path)
        except BaseException:
            sock.close()
            raise
        return sock
    sock = socket.create_connection((address.host, address.port), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return sock

