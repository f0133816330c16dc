"""The methods, held against the examples of requests: each can say what its example says."""

from __future__ import annotations

import asyncio
import inspect
import keyword
import re
import unittest
from collections.abc import Callable
from typing import Any

from mneme import AsyncClient, _cbor, _opcodes, changes, json
from mneme.values import Value

from .support import PROJECT

OPERATIONS = (PROJECT / "formats" / "operations.md").read_text()
Call = Callable[["Asking", Any], None]

# What begins and ends transactions is asked by `transaction` alone, which tests of its own try.
OF_TRANSACTIONS = {"begin", "inside", "commitTransaction", "rollback"}


def examples() -> list[tuple[str, Any]]:
    """Verb and content of each request that the page shows."""
    section = OPERATIONS.split("\n## Requests")[1].split("\n## Responses")[0]
    found = []
    for block in re.findall(r"```json(?: short)?\n(.*?)```", section, re.S):
        request = json.loads(block)
        found.append((request, {}) if isinstance(request, str) else next(iter(request.items())))
    return found


def python(name: str) -> str:
    """A member as parameters are named: `leftOut` is `left_out`, and `if` is `if_`."""
    name = re.sub(r"([A-Z])", r"_\1", name).lower()
    return f"{name}_" if keyword.iskeyword(name) else name


def named(content: dict[str, Any], **renamed: str) -> dict[str, Any]:
    return {renamed.get(name, python(name)): value for name, value in content.items()}


class Asked(Exception):
    """What a method would have asked."""


class Recorder(AsyncClient):
    async def perform(
        self, verb: str, content: Value, *, timeout: float | None = None
    ) -> tuple[str, Any]:
        raise Asked(verb, content)


class Asking:
    """Calls methods, and holds what they ask and how they are described against the page."""

    def __init__(self, test: unittest.TestCase, verb: str) -> None:
        self.test = test
        self.verb = verb
        self.client = Recorder()

    def call(self, method: str, expected: Any, given: dict[str, Any]) -> None:
        """Calls a method of the client, which is to ask what is expected."""
        function = getattr(Recorder, method)
        for name in given:
            self.test.assertTrue(self.has(function, name), f"{method} does not say {name}")
        with self.test.assertRaises(Asked) as caught:
            asyncio.run(getattr(self.client, method)(**given))
        verb, content = caught.exception.args
        self.test.assertEqual(verb, self.verb)
        self.same(content, expected)

    def change(self, change: Any) -> Any:
        """A change of the page, made by its function."""
        ((verb, content),) = change.items()
        function = getattr(changes, verb)
        if verb == "unlink":
            return function(content)
        if not isinstance(content, dict) or "collection" in content and "key" in content and (
            verb in ("delete", "erase", "restore", "archive", "unarchive")
        ):
            return function(content)
        renamed = {"from": "start", "to": "end"} if verb == "link" else {}
        made = function(**named(content, **renamed))
        self.same(made, change)
        return made

    def has(self, function: Any, name: str) -> bool:
        """Whether a parameter has a name of its own, or is among those that a text counts up."""
        parameters = inspect.signature(function).parameters
        if name in parameters and parameters[name].kind is not inspect.Parameter.VAR_KEYWORD:
            return True
        if not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
            return False
        text = inspect.getdoc(function) or ""
        if re.search(rf"\b{name}\b", text):
            return True
        # What a text refers to: `find`, `changes.patch`.
        for module, word in re.findall(r"`(changes\.)?(\w+)`", text):
            other = getattr(changes if module else Recorder, word, None)
            if inspect.isfunction(other) and other is not function and self.has(other, name):
                return True
        return False

    def same(self, made: Any, expected: Any) -> None:
        self.test.assertEqual(json.dumps(sort(made)), json.dumps(sort(expected)))


def sort(value: Any) -> Any:
    """Members in one order."""
    return _cbor.decode(_cbor.encode(value))


def plainly(method: str, **renamed: str) -> Call:
    """A method whose parameters are the members."""
    return lambda ask, content: ask.call(method, content, named(content, **renamed))


def of_session(method: str) -> Call:
    return plainly(method, id="session")


def commit(ask: Asking, content: Any) -> None:
    made = [ask.change(change) for change in content["changes"]]
    ask.call("commit", content, {**named(content, changes="batch"), "batch": made})


def get(ask: Asking, content: Any) -> None:
    given = content if isinstance(content, dict) else {"references": content}
    ask.call("get_all", content, named(given))
    if len(given["references"]) == 1:
        one = {**given, "reference": given["references"][0]}
        del one["references"]
        ask.call("get", content, named(one, versions="version"))


def find(ask: Asking, content: Any) -> None:
    ask.call("find", content, named(content))
    others = {name: value for name, value in content.items() if name not in ("near", "match")}
    if "near" in content:
        given = {"collection": None, **named(others), **named(content["near"])}
        ask.call("near", content, given)
    elif "match" in content:
        given = {"collection": None, **named(others), **named(content["match"], fields="field")}
        ask.call("match", content, given)
    elif not {"budget", "knownAt"} & content.keys():
        expected = {"limit": 500, **content}
        ask.test.assertTrue(ask.has(Recorder.find_each, "limit"))

        async def begin() -> None:
            await anext(ask.client.find_each(**named(content)))

        with ask.test.assertRaises(Asked) as caught:
            asyncio.run(begin())
        ask.same(caught.exception.args[1], expected)


def by_name(ask: Asking, content: Any) -> None:
    kind = {"owner": content["owner"], "kind": ask.verb}
    if "put" in content:
        put = content["put"]
        (one,) = put if isinstance(put, list) else [put]
        ask.call("put_named", {**content, "put": one}, {**kind, **named(one)})
    elif "get" in content:
        ask.call("get_named", content, {**kind, "name": content["get"]})
    elif "list" in content:
        ask.call("list_named", content, {**kind, **named(content["list"])})
    elif "search" in content:
        ask.call("search_named", content, {**kind, **named(content["search"])})
    elif "delete" in content:
        ask.call("delete_named", content, {**kind, "names": content["delete"]})
    else:
        used = {"owner": content["owner"], **named(content["use"])}
        ask.call("use_procedure", content, used)


def with_key(content: Any, member: str) -> tuple[Any, list[Any], dict[str, Any]]:
    """As a method sends it, what there are several of, and the idempotency key."""
    if isinstance(content, dict) and member in content:
        return content, content[member], {"idempotency_key": content["idempotencyKey"]}
    several = content if isinstance(content, list) else [content]
    return several, several, {}


def remember(ask: Asking, content: Any) -> None:
    content, memories, key = with_key(content, "memories")
    ask.call("remember_all", content, {"memories": memories, **key})
    (one,) = memories
    ask.call("remember", content, {**named(one), **key})


def relate(ask: Asking, content: Any) -> None:
    content, links, key = with_key(content, "links")
    ask.call("relate", content, {"links": [ask.change({"link": one}) for one in links], **key})


def schedule(ask: Asking, content: Any) -> None:
    content, events, key = with_key(content, "events")
    ask.call("schedule_all", content, {"events": events, **key})
    for event in events:
        expected = {"events": [event], "idempotencyKey": "a"}
        ask.call("schedule", expected, {**named(event), "idempotency_key": "a"})


def claim(ask: Asking, content: Any) -> None:
    others = {name: value for name, value in content.items() if name != "set"}
    if "set" in content:
        others["edits"] = [{"set": content["set"]}]
    ask.call("claim", others, {"returns": False, **named(others)})


def supersede(ask: Asking, content: Any) -> None:
    others = {name: value for name, value in content.items() if name != "memory"}
    ask.call("supersede", content, {**named(others), **named(content["memory"])})


def watch(ask: Asking, content: Any) -> None:
    others = {name: value for name, value in content.items() if name != "waitMilliseconds"}
    given = {**named(others), "wait": content.get("waitMilliseconds", 0) / 1_000}
    ask.call("watch_once", content, given)
    for name in given:
        ask.test.assertTrue(ask.has(Recorder.watch, name), name)


CALLS: dict[str, Call] = {
    "define": plainly("define"), "drop": plainly("drop"), "switch": plainly("switch"),
    "describe": plainly("describe"), "commit": commit, "get": get, "find": find,
    "walk": plainly("walk", **{"from": "start"}),
    "path": plainly("path", **{"from": "start", "to": "end"}),
    "paths": plainly("paths", **{"from": "start", "to": "end"}),
    "pattern": plainly("pattern"), "session.open": plainly("open_session"),
    "session.append": of_session("append"), "session.end": of_session("end_session"),
    "session.context": of_session("context"), "session.rehydrate": of_session("rehydrate"),
    "episodes": plainly("episodes"), "procedure": by_name, "document": by_name,
    "remember": remember, "recall": plainly("recall"), "relate": relate,
    "forget": plainly("forget"), "statistics": plainly("statistics"),
    "verify": plainly("verify"), "vectors.check": plainly("check_vectors"),
    "graph.run": plainly("run_job"), "graph.job": plainly("job"),
    "checkpoint": plainly("checkpoint"), "backup": plainly("backup"),
    "count": plainly("count"), "claim": claim, "watch": watch, "history": plainly("history"),
    "audit": plainly("audit", set="setting"), "usage": plainly("usage"),
    "purge": plainly("purge"), "deleteWhere": plainly("delete_where"),
    "touch": plainly("touch"), "supersede": supersede, "pin": plainly("pin"),
    "why": plainly("why"), "upkeep": plainly("upkeep"), "prune": plainly("prune"),
    "event.schedule": schedule, "event.due": plainly("due_events"),
    "event.claim": plainly("claim_events"), "event.settle": plainly("settle_event"),
    "scalar.set": plainly("set_scalar"), "scalar.get": plainly("get_scalars"),
}  # fmt: skip


class RequestTests(unittest.TestCase):
    def test_methods_say_what_the_examples_say(self) -> None:
        self.assertEqual(set(CALLS) | OF_TRANSACTIONS, set(_opcodes.REQUESTS))
        seen = set()
        for verb, content in examples():
            seen.add(verb)
            if verb not in OF_TRANSACTIONS:
                with self.subTest(request=f"{verb} {json.dumps(content):.200}"):
                    CALLS[verb](Asking(self, verb), content)
        self.assertEqual(seen, set(_opcodes.REQUESTS))

    def test_members_of_the_tables_of_walks(self) -> None:
        """What the page tells of walk in a table is said by walk, path and paths as well."""
        section = OPERATIONS.split("\n### walk\n")[1].split("\n### path\n")[0]
        rows = re.findall(r"^\| `(\w+)`", section, re.M)
        self.assertGreaterEqual(len(rows), 4)
        ask = Asking(self, "walk")
        for name in (*rows, "knownAt", "deleted", "archived"):
            self.assertTrue(ask.has(Recorder.walk, python(name)), name)
            if name != "only":
                self.assertTrue(ask.has(Recorder.path, python(name)), name)
                self.assertTrue(ask.has(Recorder.paths, python(name)), name)

    def test_single_changes_take_what_changes_of_a_commit_take(self) -> None:
        without: dict[str, set[str]] = {
            "put": set(), "patch": set(), "link": {"returns"}, "delete": {"returns"},
            "erase": {"returns"},
        }  # fmt: skip
        for name, left_out in without.items():
            parameters = inspect.signature(getattr(changes, name)).parameters
            ask = Asking(self, "commit")
            lost = {one for one in parameters if not ask.has(getattr(Recorder, name), one)}
            self.assertEqual(lost, left_out, name)


if __name__ == "__main__":
    unittest.main()
