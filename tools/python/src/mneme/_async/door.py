"""What every set of verbs stands on: a way to ask."""

from __future__ import annotations

from typing import Any, TypeVar

from .. import _shape
from ..errors import BadFrame
from ..values import Value

T = TypeVar("T")


class AsyncDoor:
    """Something that takes requests."""

    async def perform(
        self, verb: str, content: Value, *, timeout: float | None = None
    ) -> tuple[str, Any]:
        """Asks a verb, and returns the name and the content of the response."""
        raise NotImplementedError

    async def _ask(
        self, verb: str, content: Value, answer: str, *, timeout: float | None = None
    ) -> Any:
        """The content of the one response that a verb has."""
        name, told = await self.perform(verb, content, timeout=timeout)
        if name != answer:
            raise BadFrame(f"{verb} was answered with {name}, and not with {answer}.")
        return told

    async def _read(self, verb: str, content: Value, answer: str, kind: type[T]) -> T:
        """The same as a dataclass."""
        return _shape.read(kind, await self._ask(verb, content, answer))
