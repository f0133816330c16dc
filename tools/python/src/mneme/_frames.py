"""Frames and the payloads of their kinds (formats/wire.md). No sockets, no state."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from . import _cbor
from ._error import Action, MnemeError
from .errors import BadFrame, BadRequest, TooLarge

MAGIC = b"MNEMEWIR"
VERSION = 1
HEAD = struct.Struct("<IBBHI")
REQUEST_HEAD = struct.Struct("<IBBH")
WELCOME_HEAD = struct.Struct("<HHIQIIQQQ")
ERROR_HEAD = struct.Struct("<HBBI")

LAST = 1
CONTROL_LIMIT = 4_096
"""Bytes of a frame of any kind but request and response, its length field included."""
RESPONSE_LIMIT = 65_548
PIECE = 65_536
"""Bytes of the payload of one frame of a response."""
MOST_CREDIT = 2**30


class Kind(IntEnum):
    """What a frame is."""

    HELLO = 1
    WELCOME = 2
    REQUEST = 3
    RESPONSE = 4
    ERROR = 5
    CANCEL = 6
    CREDIT = 7
    GOODBYE = 8
    PING = 9
    PONG = 10


FROM_SERVER = frozenset(
    (Kind.WELCOME, Kind.RESPONSE, Kind.ERROR, Kind.GOODBYE, Kind.PING, Kind.PONG)
)

DURABILITIES = {None: 0, "synced": 1, "buffered": 2, "none": 3}

_ACTIONS = {1: Action.RETRY, 2: Action.FIX_INPUT, 3: Action.REOPEN, 4: Action.REPORT}


@dataclass(frozen=True)
class Head:
    """The first 12 bytes of a frame."""

    length: int
    """Bytes after the length field."""
    kind: Kind
    flags: int
    opcode: int
    id: int

    @property
    def is_last(self) -> bool:
        return bool(self.flags & LAST)

    @property
    def payload_length(self) -> int:
        return self.length - 8


def frame(
    kind: Kind, payload: bytes = b"", *, id: int = 0, opcode: int = 0, flags: int = 0
) -> bytes:
    """A whole frame."""
    return HEAD.pack(8 + len(payload), kind, flags, opcode, id) + payload


def read_head(data: bytes, is_open: bool) -> Head:
    """The head of a frame of a server. Raises `BadFrame` for what breaks a *Must hold*."""
    length, number, flags, opcode, identifier = HEAD.unpack(data)
    try:
        kind = Kind(number)
    except ValueError:
        raise BadFrame(f"The server sent a frame of the unknown kind {number}.") from None
    if kind not in FROM_SERVER:
        raise BadFrame(f"The server sent a {kind.name.lower()}, which only clients send.")
    limit = RESPONSE_LIMIT if kind is Kind.RESPONSE and is_open else CONTROL_LIMIT
    if not 8 <= length <= limit - 4:
        raise BadFrame(
            f"The server sent a {kind.name.lower()} whose length is {length}; "
            f"8 to {limit - 4} is right."
        )
    if flags & ~(LAST if kind is Kind.RESPONSE else 0):
        raise BadFrame(f"The server sent a {kind.name.lower()} with the flags {flags}.")
    if opcode and kind is not Kind.RESPONSE:
        raise BadFrame(f"The server sent a {kind.name.lower()} with the opcode {opcode}.")
    if kind is Kind.RESPONSE:
        if identifier == 0:
            raise BadFrame("The server sent a response without an id.")
    elif kind is not Kind.ERROR and identifier:
        raise BadFrame(f"The server sent a {kind.name.lower()} with the id {identifier}.")
    return Head(length, kind, flags, opcode, identifier)


def hello(
    *,
    credit: int,
    store: str,
    existing: bool,
    client: str,
    client_version: str,
    token: str = "",
    certified: bool = False,
    features: int = 0,
) -> bytes:
    """The first frame of a client."""
    payload = (
        MAGIC
        + struct.pack("<HHIQ", VERSION, VERSION, credit, features)
        + _text("store", store, 255)
        + _text("method", "token" if token else "certificate" if certified else "", 64)
        + _text("token", token, 2_048)
        + _text("client", client, 255)
        + _text("client version", client_version, 64)
        + bytes([1 if existing else 0])
    )
    return frame(Kind.HELLO, payload)


def _text(name: str, text: str, limit: int) -> bytes:
    data = text.encode("utf-8", "replace")
    if len(data) > limit:
        raise TooLarge(f"The {name} has {len(data)} bytes; at most {limit} go into a hello.")
    return struct.pack("<H", len(data)) + data


@dataclass(frozen=True)
class Welcome:
    """What a server says of itself, and which limits hold."""

    version: int
    features: int
    requests_in_flight: int
    largest_frame: int
    bytes_in_flight: int
    largest_response: int
    identity: UUID
    """Of the store."""
    server: str
    """Name and version of the program."""

    @staticmethod
    def read(payload: bytes) -> Welcome:
        """Reads the payload of a welcome. Raises `BadFrame`."""
        head = WELCOME_HEAD.size
        if len(payload) < head + 2:
            raise BadFrame(f"The welcome has {len(payload)} bytes and ends early.")
        version, zero, requests, features, largest, in_flight, response, high, low = (
            WELCOME_HEAD.unpack_from(payload)
        )
        (count,) = struct.unpack_from("<H", payload, head)
        name = payload[head + 2 :]
        holds = {
            "version": version == VERSION and zero == 0,
            "count of requests in flight": 1 <= requests <= 65_535,
            "features": features == 0,
            "largest frame": CONTROL_LIMIT <= largest <= 2**30,
            "bytes in flight": in_flight >= largest,
            "largest response": PIECE <= response <= 2**30,
            "name of the server": count == len(name) <= 255,
        }
        for what, does in holds.items():
            if not does:
                raise BadFrame(f"The {what} of the welcome is not as it must be.")
        try:
            server = name.decode()
        except UnicodeDecodeError as error:
            raise BadFrame("The name of the server is no UTF-8.") from error
        identity = UUID(int=high << 64 | low)
        return Welcome(version, features, requests, largest, in_flight, response, identity, server)


def request(
    id: int, opcode: int, body: bytes, *, deadline_milliseconds: int = 0, durability: int = 0
) -> bytes:
    """A request without an idempotency key in its head: those go into bodies."""
    head = REQUEST_HEAD.pack(deadline_milliseconds, 0, durability, 0)
    return frame(Kind.REQUEST, head + body, id=id, opcode=opcode)


def read_error(payload: bytes) -> MnemeError:
    """The error of a frame's payload. Raises `BadFrame`."""
    if len(payload) < ERROR_HEAD.size:
        raise BadFrame(f"The server sent an error of {len(payload)} bytes, which ends early.")
    code, action, zero, detail = ERROR_HEAD.unpack_from(payload)
    if action not in _ACTIONS or zero:
        raise BadFrame(f"The server sent an error with the unknown action {action}.")
    try:
        members = _cbor.decode(payload[ERROR_HEAD.size :])
    except BadRequest as error:
        raise BadFrame("The server sent an error that cannot be read.", cause=str(error)) from error
    if not isinstance(members, dict) or members.get("code") != code:
        raise BadFrame(f"The server sent an error whose body is not of its code, {code}.")
    retry = _ACTIONS[action] is Action.RETRY
    told = MnemeError.read(
        members, action=_ACTIONS[action], retry_after=detail / 1000 if retry and detail else None
    )
    if code == 503:
        told.cause = f"the server speaks the versions {detail & 0xFFFF} to {detail >> 16}"
    return told
