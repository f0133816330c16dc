"""Addresses, and how a client behaves."""

from __future__ import annotations

import random
import ssl
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from . import _frames
from ._error import MnemeError
from .errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    Disconnected,
    ShuttingDown,
    SnapshotTooOld,
    StoreBusy,
    TooManyRequests,
)

DEFAULT_PORT = 7411
VERSION = "1.0.0"

Durability = Literal["synced", "buffered", "none"]


@dataclass(frozen=True)
class Address:
    """Where a server listens: a host and a port, or the path of a Unix socket."""

    host: str = ""
    port: int = DEFAULT_PORT
    path: str = ""

    @staticmethod
    def read(text: str) -> Address:
        """Reads `HOST`, `HOST:PORT`, `[IPv6]:PORT` or `unix:/PATH`."""
        if text.startswith("unix:"):
            if path := text.removeprefix("unix:"):
                return Address(path=path)
        else:
            host, port = text, str(DEFAULT_PORT)
            if text.startswith("["):
                host, _, rest = text[1:].partition("]")
                port = rest[1:] if rest.startswith(":") else port if not rest else "none"
            elif text.count(":") == 1:
                host, _, port = text.partition(":")
            if host and port.isascii() and port.isdigit() and 0 < int(port) < 65_536:
                return Address(host, int(port))
        raise BadRequest(f'An address is "HOST:PORT" or "unix:/PATH", and not {text!r}.')

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Options:
    """How a client connects and asks. Times are in seconds."""

    address: Address
    store: str = ""
    existing: bool = False
    """Whether the store must be there; the server makes none."""
    timeout: float | None = 60.0
    """For each request, retries included; None waits for as long as the server does."""
    connect_timeout: float = 10.0
    grace: float = 2.0
    """Beyond the timeout, in which the server may still say what came of a request, and again in
    which it has to show that it is there at all."""
    durability: Durability | None = None
    """Of commits; None is the server's own choice."""
    retries: int = 5
    """How often a request is asked again that was not begun, or may be asked twice."""
    retry_writes: bool = False
    """Whether writes get an idempotency key, so that they may be asked twice."""
    pool_size: int = 4
    """The most connections at once. Each carries many requests."""
    credit: int = 4 * 2**20
    """Bytes of long answers that the server may send ahead on a connection."""
    largest_response: int = 64 * 2**20
    name: str = "mneme-python"
    """What the server's logs and audit call the program."""
    token: str = field(default="", repr=False)
    """What lets the program in, where the server asks for one."""
    tls: ssl.SSLContext | None = None
    """How TLS is spoken; None speaks without."""
    server_name: str = ""
    """The name that the server's certificate has to be of; empty for the host of the address."""
    certified: bool = False
    """Whether the certificate that `tls` shows lets the program in, and no token."""

    def __post_init__(self) -> None:
        holds = {
            f"a durability of {self.durability!r}": self.durability in _frames.DURABILITIES,
            f"a timeout of {self.timeout}": self.timeout is None or self.timeout > 0,
            f"a connect_timeout of {self.connect_timeout}": self.connect_timeout > 0,
            f"a grace of {self.grace}": self.grace > 0,
            f"retries of {self.retries}": self.retries >= 0,
            f"a pool_size of {self.pool_size}": self.pool_size >= 1,
            f"a credit of {self.credit}": _frames.PIECE <= self.credit <= _frames.MOST_CREDIT,
            f"a largest_response of {self.largest_response}": self.largest_response >= 4_096,
        }
        for what, does in holds.items():
            if not does:
                raise ValueError(f"There is no client with {what}.")

    def but(self, **changes: Any) -> Options:
        """The same with other ones in some places."""
        return replace(self, **changes)

    def hello(self) -> bytes:
        """The first frame of a connection."""
        return _frames.hello(
            credit=self.credit,
            store=self.store,
            existing=self.existing,
            client=self.name,
            client_version=VERSION,
            token=self.token,
            certified=self.certified,
        )

    def tls_name(self) -> str | None:
        """The name that the server's certificate has to be of; None without TLS."""
        if self.tls is None:
            return None
        if name := self.server_name or self.address.host:
            return name
        raise BadRequest("A Unix socket has no name that a certificate could be of; say which.")


def unreachable(address: Address, error: Exception) -> Disconnected:
    """Why no connection came about."""
    if isinstance(error, ssl.SSLError):
        return Disconnected(
            f"No connection to {address} could be made by TLS; check the address, the authorities "
            "that are believed, and the name that the server is to have.",
            cause=str(error),
        )
    return Disconnected(
        f"No server answers at {address}; start one with: mneme serve.", cause=str(error)
    )


def left(deadline: float | None) -> float | None:
    """Seconds until a deadline of `time.monotonic`, 0 behind it; None where there is none."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def milliseconds(deadline: float | None) -> int:
    """What is left until a deadline, for the wire, where 0 is none.

    Raises `DeadlineExceeded` behind it.
    """
    seconds = left(deadline)
    if seconds == 0:
        raise DeadlineExceeded("The deadline was over before the request was sent.")
    return 0 if seconds is None else min(max(int(seconds * 1000), 1), 0xFFFFFFFF)


def pause_before_retry(
    error: MnemeError, attempt: int, *, repeatable: bool, verb: str
) -> float | None:
    """After how many seconds a request is asked again that ended with an error; None: it is not.

    Whatever was not begun may be asked again, and what is `repeatable` also where nobody knows
    what became of it. A cancelled request is its caller's matter, a passed deadline too, and the
    conflict of a transaction asks for another transaction.
    """
    if isinstance(error, (Disconnected, SnapshotTooOld)):
        is_worth_it = repeatable
    elif isinstance(error, Conflict):
        is_worth_it = verb not in ("commitTransaction", "inside")
    else:
        is_worth_it = isinstance(error, _NOT_BEGUN)
    if not is_worth_it:
        return None
    if error.retry_after is not None:
        return min(error.retry_after, 5.0)
    return min(0.02 * 4.0**attempt, 2.0) * random.uniform(0.5, 1.0)


_NOT_BEGUN = (StoreBusy, TooManyRequests, ShuttingDown)
