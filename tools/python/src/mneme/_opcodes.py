"""What may be asked twice, and how; the numbers of requests and responses."""

from __future__ import annotations

from typing import Any

from ._numbers import REQUESTS, RESPONSES

__all__ = ["REQUESTS", "RESPONSES"]

RESPONSE_NAMES: dict[int, str] = {number: name for name, number in RESPONSES.items()}

READS = frozenset(
    (
        "describe", "get", "find", "walk", "path", "paths", "pattern", "count", "recall",
        "statistics", "verify", "watch", "history", "usage", "vectors.check", "session.context",
        "session.rehydrate", "episodes", "why", "upkeep", "event.due", "scalar.get",
    )
)  # fmt: skip
"""Verbs that change nothing, so that they can be asked again."""

SAME_AGAIN = frozenset(("define", "session.open", "forget", "prune", "purge", "checkpoint"))
"""Verbs that change something, and nothing more when they are done again."""

KEYED = frozenset(
    (
        "commit", "remember", "session.append", "session.end", "relate", "claim",
        "commitTransaction", "supersede", "pin", "event.schedule", "event.settle", "scalar.set",
    )
)  # fmt: skip
"""Verbs that take an idempotency key whatever they say (formats/operations.md#done-once)."""

WRAPPED = {"remember": "memories", "relate": "links", "event.schedule": "events"}
"""Verbs whose content is an array or one element, and an object of this member with a key."""


def takes_key(verb: str, content: Any) -> bool:
    """Whether a request can be done once by an idempotency key."""
    if verb in ("procedure", "document"):
        return isinstance(content, dict) and ("put" in content or "use" in content)
    return verb in KEYED


def is_repeatable(verb: str, content: Any) -> bool:
    """Whether a request may be asked again when nobody knows what became of it."""
    if isinstance(content, dict) and content.get("idempotencyKey") is not None:
        return True
    if verb in ("procedure", "document"):
        return isinstance(content, dict) and not {"put", "delete", "use"} & content.keys()
    if verb == "graph.job":
        return not (isinstance(content, dict) and content.get("do") in ("cancel", "forget"))
    if verb == "audit":
        return not (isinstance(content, dict) and content.get("set") is not None)
    return verb in READS or verb in SAME_AGAIN


def with_key(verb: str, content: Any, key: str) -> Any:
    """The content of a request with an idempotency key."""
    member = WRAPPED.get(verb)
    if member is not None and not (isinstance(content, dict) and member in content):
        content = {member: content if isinstance(content, (list, tuple)) else [content]}
    return {**content, "idempotencyKey": key}
