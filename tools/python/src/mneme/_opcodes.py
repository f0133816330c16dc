"""Numbers of requests and responses (formats/wire.md#opcodes), and what may be asked twice."""

from __future__ import annotations

from typing import Any

REQUESTS: dict[str, int] = {
    "define": 1,
    "describe": 2,
    "commit": 3,
    "get": 4,
    "find": 5,
    "walk": 6,
    "path": 7,
    "session.open": 8,
    "session.append": 9,
    "session.end": 10,
    "remember": 11,
    "recall": 12,
    "relate": 13,
    "forget": 14,
    "statistics": 15,
    "verify": 16,
    "checkpoint": 17,
    "backup": 18,
    "begin": 19,
    "inside": 20,
    "commitTransaction": 21,
    "rollback": 22,
    "count": 23,
    "claim": 24,
    "watch": 25,
    "history": 26,
    "drop": 27,
    "deleteWhere": 30,
    "usage": 31,
    "purge": 32,
    "pattern": 33,
    "audit": 34,
    "switch": 35,
    "vectors.check": 36,
    "paths": 37,
    "graph.run": 38,
    "graph.job": 39,
    "session.context": 40,
    "session.rehydrate": 41,
    "episodes": 42,
    "procedure": 43,
    "document": 44,
    "touch": 48,
    "supersede": 49,
    "pin": 50,
    "why": 51,
    "upkeep": 52,
    "prune": 53,
    "event.schedule": 56,
    "event.due": 57,
    "event.claim": 58,
    "event.settle": 59,
    "scalar.set": 60,
    "scalar.get": 61,
}

RESPONSES: dict[str, int] = {
    "done": 1,
    "schema": 2,
    "committed": 3,
    "records": 4,
    "found": 5,
    "walked": 6,
    "path": 7,
    "session": 8,
    "remembered": 9,
    "recalled": 10,
    "forgotten": 11,
    "statistics": 12,
    "verified": 13,
    "backedUp": 14,
    "began": 15,
    "counted": 16,
    "claimed": 17,
    "watched": 18,
    "history": 19,
    "deletedWhere": 21,
    "usage": 22,
    "purged": 23,
    "audited": 24,
    "matched": 25,
    "vectorsChecked": 27,
    "context": 31,
    "rehydrated": 32,
    "paths": 33,
    "graphJob": 34,
    "touched": 37,
    "provenance": 38,
    "candidates": 39,
    "events": 43,
    "scalars": 44,
}

RESPONSE_NAMES: dict[int, str] = {number: name for name, number in RESPONSES.items()}

READS = frozenset(
    (
        "describe", "get", "find", "walk", "path", "paths", "pattern", "count", "recall",
        "statistics", "verify", "watch", "history", "usage", "vectors.check", "session.context",
        "session.rehydrate", "episodes", "why", "upkeep", "event.due", "scalar.get",
    )
)  # fmt: skip
"""Verbs that change nothing, so that they can be asked again."""

SAME_AGAIN = frozenset(
    (
        "define", "session.open", "forget", "prune", "purge", "checkpoint",
    )
)  # fmt: skip
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
