"""One connection's side of the protocol, without a socket (formats/wire.md).

Bytes that came go into `receive`, bytes to send lie in `outgoing`. Both connections, the waiting
one and that of asyncio, drive this; it neither blocks nor knows the time. Once something broke,
`failure` says what, every exchange has ended, and nothing more is sent.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from . import _cbor, _frames
from ._error import MnemeError
from ._frames import Head, Kind, Welcome
from ._opcodes import RESPONSE_NAMES
from .errors import BadFrame, Cancelled, Disconnected, ShuttingDown, TooLarge

_HEAD = _frames.HEAD.size


class Exchange:
    """A request and what comes of it."""

    __slots__ = ("id", "bytes", "opcode", "pieces", "size", "error", "is_done", "when_done")

    def __init__(self, id: int, byte_count: int) -> None:
        self.id = id
        self.bytes = byte_count
        self.opcode = 0
        self.pieces: list[bytes] | None = []
        """The payload so far; None where nobody waits for it any more."""
        self.size = 0
        self.error: MnemeError | None = None
        self.is_done = False
        self.when_done: Callable[[], None] | None = None

    def end(self, error: MnemeError | None = None) -> None:
        self.error = error
        self.is_done = True
        if self.when_done is not None:
            self.when_done()

    def result(self) -> tuple[str, Any]:
        """The response's name and content. Raises the error that came in its place."""
        if self.error is not None:
            raise self.error.with_traceback(None)
        name = RESPONSE_NAMES.get(self.opcode)
        spelling = _cbor.decode(b"".join(self.pieces or ()))
        if name is None or type(spelling) is not dict or set(spelling) != {name}:
            raise BadFrame(
                f"The answer with the opcode {self.opcode} is not what that stands for; "
                "a client of the server's version knows it."
            )
        return name, spelling[name]


class Protocol:
    """State of a connection."""

    def __init__(self, hello: bytes, *, credit: int, largest_response: int) -> None:
        self.outgoing = bytearray(hello)
        self.welcome: Welcome | None = None
        self.failure: MnemeError | None = None
        self.is_draining = False
        """Whether the server takes no more requests."""
        self.in_flight: dict[int, Exchange] = {}
        self.pongs = 0
        self._incoming = bytearray()
        self._head: Head | None = None
        self._window = credit
        self._credit = credit
        self._used = 0
        self._largest_response = largest_response
        self._bytes_in_flight = 0
        self._last_id = 0
        self._streamed: Exchange | None = None
        self._said_goodbye = False

    # What the client does

    @property
    def is_usable(self) -> bool:
        """Whether another request may go out, room aside."""
        return self.failure is None and not self.is_draining and not self._said_goodbye

    def has_room(self, byte_count: int) -> bool:
        """Whether a request with a payload of so many bytes is within the server's limits now."""
        welcome = self.welcome
        assert welcome is not None
        return (
            len(self.in_flight) < welcome.requests_in_flight
            and self._bytes_in_flight + byte_count <= welcome.bytes_in_flight
        )

    def check_size(self, body: bytes) -> None:
        """Raises `TooLarge` for a request that the server would not take."""
        assert self.welcome is not None
        size, limit = len(body) + 20, self.welcome.largest_frame
        if size > limit:
            raise TooLarge(
                f"The request has {size} bytes and the server takes {limit}; send it in parts."
            )

    def request(
        self, opcode: int, body: bytes, *, deadline_milliseconds: int = 0, durability: int = 0
    ) -> Exchange:
        """Sends a request. There has to be room for it."""
        if self.failure is not None:
            raise ShuttingDown(
                "The connection has ended; this request was not begun.", cause=str(self.failure)
            )
        if not self.is_usable:
            raise ShuttingDown("The server is ending; this connection takes no more requests.")
        self.check_size(body)
        number = self._next_id()
        exchange = Exchange(number, len(body) + 8)
        self.in_flight[number] = exchange
        self._bytes_in_flight += exchange.bytes
        self.outgoing += _frames.request(
            number,
            opcode,
            body,
            deadline_milliseconds=deadline_milliseconds,
            durability=durability,
        )
        return exchange

    def _next_id(self) -> int:
        number = self._last_id
        while True:
            number = number % 0xFFFFFFFF + 1
            if number not in self.in_flight:
                self._last_id = number
                return number

    def cancel(self, exchange: Exchange) -> None:
        """Asks the server to end a request early."""
        if self.failure is None and exchange.id in self.in_flight:
            self.outgoing += _frames.frame(Kind.CANCEL, id=exchange.id)

    def abandon(self, exchange: Exchange) -> None:
        """Cancels a request whose end nobody waits for; its id stays taken until that comes."""
        if not exchange.is_done:
            exchange.pieces = None
            exchange.when_done = None
            exchange.error = Cancelled("Nobody waited for the answer.")
            self.cancel(exchange)

    def ping(self, payload: bytes = bytes(8)) -> None:
        """Asks for a sign of life, which `pongs` counts."""
        self.outgoing += _frames.frame(Kind.PING, payload)

    def goodbye(self) -> None:
        """Says that no more requests come."""
        if not self._said_goodbye and self.failure is None and self.welcome is not None:
            self._said_goodbye = True
            self.outgoing += _frames.frame(Kind.GOODBYE)

    def fail(self, error: MnemeError) -> None:
        """Ends the connection and all that is in flight, of which nobody knows what came."""
        if self.failure is not None:
            return
        self.failure = error
        self.outgoing.clear()
        self._incoming.clear()
        self._streamed = None
        exchanges, self.in_flight = list(self.in_flight.values()), {}
        for exchange in exchanges:
            exchange.end(
                Disconnected(
                    "The connection ended before the answer; it may be that a write was done.",
                    cause=str(error),
                )
            )

    # What the server sends

    def receive(self, data: bytes) -> None:
        """Takes bytes in. What breaks the protocol fails the connection."""
        if self.failure is not None:
            return
        self._incoming += data
        try:
            self._read_frames()
        except BadFrame as error:
            self.fail(error)

    def end_of_file(self) -> None:
        """The server closed the connection."""
        inside = " in the middle of a frame" if self._incoming else ""
        self.fail(Disconnected(f"The server closed the connection{inside}."))

    def _read_frames(self) -> None:
        buffer, offset = self._incoming, 0
        try:
            while self.failure is None:
                if self._head is None:
                    if len(buffer) - offset < _HEAD:
                        return
                    head = _frames.read_head(bytes(buffer[offset : offset + _HEAD]), self.is_open)
                    self._judge(head)
                    self._head = head
                    offset += _HEAD
                head = self._head
                if len(buffer) - offset < head.payload_length:
                    return
                with memoryview(buffer) as view:
                    payload = bytes(view[offset : offset + head.payload_length])
                offset += head.payload_length
                self._head = None
                self._take(head, payload)
        finally:
            if self.failure is None:
                del buffer[:offset]

    @property
    def is_open(self) -> bool:
        return self.welcome is not None

    def _judge(self, head: Head) -> None:
        """What a frame's head breaks is refused before its payload is waited for."""
        if not self.is_open:
            if head.kind not in (Kind.WELCOME, Kind.ERROR) or head.id:
                raise BadFrame(f"The server answered the hello with a {head.kind.name.lower()}.")
        elif head.kind is Kind.WELCOME:
            raise BadFrame("The server sent a second welcome.")
        elif head.kind is Kind.RESPONSE:
            self._judge_response(head)
        elif head.kind is Kind.ERROR and head.id and head.id not in self.in_flight:
            raise BadFrame(f"The server sent an error for {head.id}, which is not in flight.")
        elif head.kind in (Kind.PING, Kind.PONG) and head.payload_length != 8:
            raise BadFrame("The server sent a ping or a pong that has no 8 bytes.")

    def _judge_response(self, head: Head) -> None:
        exchange = self.in_flight.get(head.id)
        if exchange is None:
            raise BadFrame(f"The server answered {head.id}, which is not in flight.")
        count = head.payload_length
        is_streamed = exchange is self._streamed
        if is_streamed and head.opcode != exchange.opcode:
            raise BadFrame("The server changed the opcode in the middle of an answer.")
        if not head.is_last:
            if count == 0:
                raise BadFrame("The server sent a piece of an answer without a byte.")
            if self._streamed is not None and not is_streamed:
                raise BadFrame("The server sent two long answers at once.")
        if (is_streamed or not head.is_last) and count > self._credit:
            raise BadFrame("The server sent more than the credit that it had.")
        assert self.welcome is not None
        if exchange.size + count > max(self._largest_response, self.welcome.largest_response):
            raise BadFrame("The server sent a longer answer than its welcome says.")

    def _take(self, head: Head, payload: bytes) -> None:
        if head.kind is Kind.RESPONSE:
            self._take_response(self.in_flight[head.id], head, payload)
        elif head.kind is Kind.ERROR:
            error = _frames.read_error(payload)
            if head.id == 0:
                self.fail(error)
            else:
                self._end(self.in_flight[head.id], error)
        elif head.kind is Kind.WELCOME:
            self.welcome = Welcome.read(payload)
        elif head.kind is Kind.PING:
            self.outgoing += _frames.frame(Kind.PONG, payload)
        elif head.kind is Kind.PONG:
            self.pongs += 1
        elif self.is_draining:
            raise BadFrame("The server said goodbye twice.")
        else:
            self.is_draining = True
            if payload:
                _frames.read_error(payload)
            self._answer_goodbye()

    def _take_response(self, exchange: Exchange, head: Head, payload: bytes) -> None:
        count = len(payload)
        if exchange is self._streamed or not head.is_last:
            self._streamed = exchange
            self._credit -= count
            self._used += count
            if self._used * 2 >= self._window:
                self.outgoing += _frames.frame(Kind.CREDIT, struct.pack("<I", self._used))
                self._credit += self._used
                self._used = 0
        exchange.opcode = head.opcode
        exchange.size += count
        if exchange.size > self._largest_response and exchange.pieces is not None:
            exchange.pieces = None
            exchange.error = TooLarge(
                f"The answer has more than {self._largest_response} bytes, the client's limit; "
                "ask for less at once."
            )
            self.cancel(exchange)
        if exchange.pieces is not None:
            exchange.pieces.append(payload)
        if head.is_last:
            self._end(exchange, exchange.error)

    def _end(self, exchange: Exchange, error: MnemeError | None) -> None:
        del self.in_flight[exchange.id]
        self._bytes_in_flight -= exchange.bytes
        if exchange is self._streamed:
            self._streamed = None
        exchange.end(exchange.error or error)
        self._answer_goodbye()

    def _answer_goodbye(self) -> None:
        if self.is_draining and not self.in_flight:
            self.goodbye()
