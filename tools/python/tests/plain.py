"""Golden scripts, and answers without what no two runs have in common.

The rules are those of Tests/ScriptTests/README.md.
"""

from __future__ import annotations

import json as standard
import math
import re
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mneme import json

from .support import PROJECT

SCRIPTS = PROJECT / "Tests" / "ScriptTests" / "scripts"


@dataclass(frozen=True)
class Step:
    """A request, and the answer that it has."""

    request: str
    answer: str


@dataclass(frozen=True)
class Script:
    """A file of requests and answers."""

    name: str
    steps: list[Step]
    schemas: list[str]

    @staticmethod
    def read(path: Path) -> Script:
        steps, schemas = [], []
        for block in path.read_text(encoding="utf-8").strip("\n").split("\n\n"):
            lines = [line for line in block.split("\n") if line]
            if all(line.startswith("#") for line in lines):
                schemas += [line[10:] for line in lines if line.startswith("# schema: ")]
            else:
                at = lines.index("---")
                steps.append(Step("\n".join(lines[:at]), "\n".join(lines[at + 1 :])))
        return Script(str(path.relative_to(SCRIPTS)), steps, schemas)

    @staticmethod
    def all() -> list[Script]:
        return [Script.read(path) for path in sorted(SCRIPTS.rglob("*.script"))]


class Plain:
    """Makes answers of different runs comparable; one for each run of a script."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._transactions: list[str] = []
        self._next = ""
        self._next_is_number = False
        self._start = time.time()

    def filled(self, request: str) -> str:
        """A request with what stands for keys, transactions and cursors put in."""
        for index, key in enumerate(self._keys):
            request = request.replace(f"<key {index + 1}>", key)
        for index, number in enumerate(self._transactions):
            request = request.replace(f'"<transaction {index + 1}>"', number)
        return request.replace('"<next>"' if self._next_is_number else "<next>", self._next)

    def tree(self, answer: dict[str, Any]) -> Any:
        """The tree of an answer's JSON, with names for what differs."""
        return strict(self._named(json.dumps(self._plain(answer))))

    def _plain(self, answer: dict[str, Any]) -> dict[str, Any]:
        ((word, inner),) = answer.items() if len(answer) == 1 else (("", None),)
        if not isinstance(inner, dict):
            return answer
        inner = dict(inner)
        _name(inner, "<sequence>", "sequence")
        if word != "history":
            _name(inner, "<versions>", "versions")
        rule = getattr(self, f"_{word}", None)
        if rule is not None:
            rule(inner)
        return {word: inner}

    def _began(self, inner: dict[str, Any]) -> None:
        number = str(inner["transaction"])
        if number not in self._transactions:
            self._transactions.append(number)
        inner["transaction"] = f"<transaction {self._transactions.index(number) + 1}>"

    def _statistics(self, inner: dict[str, Any]) -> None:
        _name(inner, "<number>", "logBytes", "pageBytes", "freePageBytes", "residentPageBytes")
        _name(inner, "<number>", "textRuns")

    def _verified(self, inner: dict[str, Any]) -> None:
        inner["frames"] = "<number>"

    def _found(self, inner: dict[str, Any]) -> None:
        _name(inner, "<plan>", "plan")
        self._explained(inner)
        self._rehydrated(inner)
        inner["rows"] = [_rounded(row, "score") for row in inner["rows"]]

    def _rehydrated(self, inner: dict[str, Any]) -> None:
        following = inner.pop("next", None)
        if isinstance(following, str):
            self._next, self._next_is_number = following, False

    def _watched(self, inner: dict[str, Any]) -> None:
        self._next, self._next_is_number = str(inner["next"]), True
        inner["next"] = "<sequence>"
        events = []
        for event in inner["events"]:
            event = {**event, "sequence": "<sequence>", "commit": "<sequence>"}
            if "put" in event:
                event["put"] = {**event["put"], "version": "<sequence>"}
            events.append(event)
        inner["events"] = events

    def _counted(self, inner: dict[str, Any]) -> None:
        _name(inner, "<plan>", "plan")
        self._explained(inner)

    _matched = _counted

    def _explained(self, inner: dict[str, Any]) -> None:
        if isinstance(told := inner.get("explained"), dict):
            told = dict(told)
            told["microseconds"] = "<number>"
            _name(told, "<number>", "expected")
            for name, figures in (("considered", ("expected", "cost")), ("stages", ("expected",))):
                if name in told:
                    told[name] = [dict(one) for one in told[name]]
                    for one in told[name]:
                        _name(one, "<number>", *figures)
            inner["explained"] = told

    def _recalled(self, inner: dict[str, Any]) -> None:
        self._items(inner, "items", "leftOut")

    def _context(self, inner: dict[str, Any]) -> None:
        self._items(inner, "recalled", "recallLeftOut")

    def _items(self, inner: dict[str, Any], items: str, left_out: str) -> None:
        plain = []
        for item in inner.get(items, []):
            item = _rounded(item, "score")
            if self._has_now(item["record"]):
                item["tokens"] = inner["tokens"] = "<number>"
            item["parts"] = [
                _rounded(part, "raw", "strength", "weight", "value") for part in item["parts"]
            ]
            for part in item["parts"]:
                if part["signal"] == "recency":
                    part["raw"] = "<days>"
            plain.append(item)
        if items in inner:
            inner[items] = plain
        if isinstance(inner.get(left_out), list):
            inner[left_out] = [_rounded(one, "score") for one in inner[left_out]]

    def _has_now(self, value: Any) -> bool:
        if isinstance(value, dict):
            return any(self._has_now(one) for one in value.values())
        if isinstance(value, list):
            return any(self._has_now(one) for one in value)
        return isinstance(value, datetime) and self._is_now(value)

    def _is_now(self, instant: datetime) -> bool:
        return self._start - 60 <= instant.timestamp() <= time.time() + 60

    def _named(self, text: str) -> str:
        def key(match: re.Match[str]) -> str:
            if match[0] not in self._keys:
                self._keys.append(match[0])
            return f"<key {self._keys.index(match[0]) + 1}>"

        def instant(match: re.Match[str]) -> str:
            read = json.loads(match[0])
            is_now = isinstance(read, datetime) and self._is_now(read.astimezone(timezone.utc))
            return '{"$instant": "<now>"}' if is_now else match[0]

        text = re.sub(
            r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key, text
        )
        for index, number in enumerate(self._transactions):
            text = text.replace(f"transaction {number}", f"transaction <transaction {index + 1}>")
        return re.sub(r'\{"\$instant": "[^"]+"\}', instant, text)


def _name(members: dict[str, Any], stand_in: str, *names: str) -> None:
    for name in names:
        if name in members:
            members[name] = stand_in


def _rounded(members: dict[str, Any], *names: str) -> dict[str, Any]:
    members = dict(members)
    for name in names:
        number = members.get(name)
        if isinstance(number, (int, float)) and math.isfinite(number):
            # Half away from zero; adding 0 makes the negative zero the other one.
            whole = math.copysign(math.floor(abs(number * 1000) + 0.5), number)
            members[name] = whole / 1000 + 0.0
    return members


def strict(text: str) -> Any:
    """A JSON tree in which 1, 1.0 and true differ, and so do the two zeros."""
    return standard.loads(text, parse_float=lambda digits: ("float", repr(float(digits))),
                          parse_int=lambda digits: ("float", "-0.0") if digits == "-0"
                          else ("int", digits))  # fmt: skip
