"""What all errors have; errors.py has the class of each code.

Each has the code, which never gets a second meaning, what went wrong and what to do in words, and
an action for programs: retry, fix the input, reopen, report. A code that this client does not know
is a `MnemeError` of its hundred, and is told apart by its action.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar


class Action(Enum):
    """What to do about an error."""

    RETRY = "retry"
    FIX_INPUT = "fixInput"
    REOPEN = "reopen"
    REPORT = "report"


class MnemeError(Exception):
    """Whatever a store, a server or this client refuses or fails with."""

    code: int = 0
    name: str = "unknown"
    action: Action = Action.REPORT
    message: str
    cause: str | None
    retry_after: float | None
    """After how many seconds it is worth asking again, as far as the server knows."""

    _classes: ClassVar[dict[int, type[MnemeError]]] = {}

    def __init__(
        self,
        message: str,
        *,
        cause: str | None = None,
        retry_after: float | None = None,
        code: int | None = None,
        name: str | None = None,
        action: Action | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.retry_after = retry_after
        if code is not None:
            self.code = code
        if name is not None:
            self.name = name
        if action is not None:
            self.action = action

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" in cls.__dict__:
            MnemeError._classes[cls.code] = cls

    def __str__(self) -> str:
        told = f"{self.message} ({self.name}, {self.code})"
        return f"{told} [{self.cause}]" if self.cause else told

    @property
    def spelling(self) -> dict[str, Any]:
        """As formats/operations.md spells it."""
        members: dict[str, Any] = {
            "code": self.code,
            "name": self.name,
            "action": self.action.value,
            "message": self.message,
        }
        return members if self.cause is None else {**members, "cause": self.cause}

    @staticmethod
    def read(
        members: dict[str, Any], *, action: Action | None = None, retry_after: float | None = None
    ) -> MnemeError:
        """The error of a spelling. What it says counts before what its class says."""
        code = members.get("code")
        code = code if isinstance(code, int) else 0
        given = members.get("action")
        if action is None and given in {one.value for one in Action}:
            action = Action(given)
        kind = MnemeError._classes.get(code) or _HUNDREDS.get(code // 100, MnemeError)
        cause = members.get("cause")
        return kind(
            str(members.get("message", "")),
            cause=None if cause is None else str(cause),
            retry_after=retry_after,
            code=code,
            name=str(members.get("name", kind.name)),
            action=action,
        )


class RequestError(MnemeError):
    """The request cannot be read, or does not fit the schema. Codes 100 to 199."""


class RuleError(MnemeError):
    """A rule of the data, or what is there, refuses the request. Codes 200 to 299."""


class StoreError(MnemeError):
    """The store cannot do it now. Codes 300 to 399."""


class FileError(MnemeError):
    """Files of the store. Codes 400 to 499."""


class WireError(MnemeError):
    """The connection, or how it is used. Codes 500 to 599."""


_HUNDREDS: dict[int, type[MnemeError]] = {
    1: RequestError,
    2: RuleError,
    3: StoreError,
    4: FileError,
    5: WireError,
}
