"""A connection whose calls wait. Any number of threads may use one at once.

There is no thread of its own: whoever waits for an answer reads the socket for all, one at a time,
and sends what could not be sent before, so that neither side waits for the other to read.
"""

from __future__ import annotations

import math
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .._options import Address, Options, left, milliseconds, unreachable
from .._protocol import Exchange, Protocol
from ..errors import DeadlineExceeded, Disconnected, MnemeError, TooManyRequests

_CHUNK = 256 * 1024
_LATER = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class _Whole:
    """What is done whole or ends the connection: nobody knows what an interrupt left undone.

    Errors of requests come before anything is done.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and not issubclass(kind, MnemeError):
            self._connection._end(f"Sending or reading was interrupted by a {kind.__name__}.")


class _Waiting:
    """One who waits for the end of a request. The condition wakes it, so a call does nothing."""

    def __call__(self) -> None:
        pass


class Connection:
    """A socket and the state of its protocol."""

    def __init__(self, sock: socket.socket, options: Options) -> None:
        self._socket = sock
        self._options = options
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._reader = 0
        """The thread that waits for bytes, or 0."""
        self._waking: tuple[socket.socket, socket.socket] | None = None
        self.protocol = Protocol(
            options.hello(), credit=options.credit, largest_response=options.largest_response
        )

    @classmethod
    def open(cls, options: Options, deadline: float | None = None) -> Connection:
        """Connects and says hello, within the time that the options and the deadline leave.

        Raises what the server answers, `Disconnected` or `DeadlineExceeded`.
        """
        remaining = left(deadline)
        seconds = min(options.connect_timeout, remaining if remaining is not None else math.inf)
        deadline = time.monotonic() + seconds
        late = DeadlineExceeded(
            f"The server at {options.address} did not welcome within {seconds:.3g} seconds."
        )
        if seconds == 0:
            raise late
        name = options.tls_name()
        try:
            sock = _connect(options.address, deadline)
            if options.tls is not None:
                sock = _secured(sock, options.tls, name, deadline)
        except (OSError, UnicodeError) as error:
            if left(deadline) == 0:
                raise late from error
            raise unreachable(options.address, error) from error
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
                raise late
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
            if not self._is_read_by_others() and self.protocol.failure is None:
                with _Whole(self):
                    self._receive()
                    self._flush()
            return self.protocol.is_usable

    def submit(
        self, opcode: int, body: bytes, *, deadline: float | None, durability: int
    ) -> Exchange:
        """Sends a request, once there is room for it."""

        def may_go() -> bool:
            return not self.protocol.is_usable or self.protocol.has_room(len(body) + 8)

        while True:
            with self._lock:
                if may_go():
                    remaining = milliseconds(deadline)
                    with _Whole(self):
                        exchange = self.protocol.request(
                            opcode, body, deadline_milliseconds=remaining, durability=durability
                        )
                        self._flush()
                    return exchange
                self.protocol.check_size(body)
            if left(deadline) == 0:
                raise TooManyRequests("There was no room for the request before its deadline.")
            self._wait_until(may_go, deadline)

    def wait(self, exchange: Exchange, deadline: float | None) -> tuple[str, Any]:
        """Waits for the end of a request. What interrupts all who wait for it cancels it."""
        if deadline is not None:
            # Who comes late is still to read what has come.
            deadline = max(deadline, time.monotonic()) + self._options.grace
        waiting = _Waiting()
        try:
            exchange.when_done.append(waiting)
            self._wait_until(lambda: exchange.is_done, deadline)
        except BaseException:
            with self._lock:
                if waiting in exchange.when_done:
                    exchange.when_done.remove(waiting)
                if not exchange.when_done:
                    self.abandon(exchange)
            raise
        if not exchange.is_done:
            # It may be at work on what it cannot take back; or it is not there any more.
            self.abandon(exchange)
            self.ping(self._options.grace)
            raise Disconnected(
                "Neither an answer nor an error came before the deadline and a little later; it is "
                "not known whether a write was done."
            )
        return exchange.result()

    def cancel(self, exchange: Exchange) -> None:
        """Asks the server to end a request early."""
        with self._lock, _Whole(self):
            self.protocol.cancel(exchange)
            self._flush()

    def abandon(self, exchange: Exchange) -> None:
        """Cancels a request for whose end nobody waits."""
        with self._lock, _Whole(self):
            self.protocol.abandon(exchange)
            self._flush()

    def ping(self, timeout: float) -> float:
        """Seconds until the server's pong. Raises `Disconnected` where none comes."""
        began = time.monotonic()
        with self._lock, _Whole(self):
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
            self._changed.notify_all()

    def close(self) -> None:
        """Says goodbye and closes."""
        with self._lock:
            self.protocol.goodbye()
            self._flush()
            self._end("The connection was closed here.")
            self._changed.notify_all()

    # Reading and writing

    def _wait_until(self, is_so: Callable[[], bool], deadline: float | None) -> None:
        """Waits until something is so, the connection has failed, or the deadline is over.

        It reads meanwhile, where no other thread does. Whatever interrupts it, somebody else reads
        then: a thread that finds itself named as the reader was interrupted before it said so.
        """
        me = threading.get_ident()
        while True:
            try:
                with self._lock:
                    while self._is_read_by_others() and not is_so():
                        if not self._changed.wait(left(deadline)):
                            break
                    if is_so() or self._is_read_by_others() or left(deadline) == 0:
                        return
                    if self.protocol.failure is not None:
                        return
                    self._reader = me
                self._pump(left(deadline))
            finally:
                if self._reader == me:
                    self._stop_reading()

    def _is_read_by_others(self) -> bool:
        return self._reader not in (0, threading.get_ident())

    def _stop_reading(self) -> None:
        with self._lock:
            self._changed.notify_all()
            self._reader = 0
            if self._has_failed():
                self._shut()

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
            with _Whole(self):
                self._receive()
                self._flush()

    def _receive(self) -> None:
        while self.protocol.failure is None:
            try:
                data = self._socket.recv(_CHUNK)
            except _LATER:
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
            # What TLS has deciphered already nobody is told of.
            if len(data) < _CHUNK and self._options.tls is None:
                return

    def _flush(self) -> None:
        outgoing = self.protocol.outgoing
        while outgoing and self.protocol.failure is None:
            try:
                count = self._socket.send(bytes(outgoing[:_CHUNK]))
            except _LATER:
                break
            except OSError as error:
                # What the server said before it closed may lie there still.
                self._receive()
                self._end(str(error))
                return
            del outgoing[:count]
        if outgoing and self._reader and self._waking is not None:
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
        if self._reader:
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


def acquire(lock: threading.Lock, deadline: float | None) -> bool:
    """Takes a lock, and says whether that was done before the deadline."""
    remaining = left(deadline)
    return lock.acquire(timeout=-1 if remaining is None else remaining)


def _connect(address: Address, deadline: float) -> socket.socket:
    if address.path:
        return _connected(socket.AF_UNIX, address.path, deadline)
    problem = OSError("the name has no address")
    for family, _, _, _, where in socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM
    ):
        try:
            sock = _connected(family, where, deadline)
        except OSError as error:
            problem = error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock
    raise problem


def _secured(
    sock: socket.socket, tls: ssl.SSLContext, name: str | None, deadline: float
) -> ssl.SSLSocket:
    """The socket with TLS, which owns it from then on."""
    secured = tls.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
    try:
        _give(secured, deadline)
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured


def _give(sock: socket.socket, deadline: float) -> None:
    """Gives a socket the time that is left."""
    # Zero would not wait at all; what took so long is late whatever comes of it.
    sock.settimeout(max(deadline - time.monotonic(), 0.001))


def _connected(family: int, where: Any, deadline: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        _give(sock, deadline)
        sock.connect(where)
    except BaseException:
        sock.close()
        raise
    return sock
