"""Frames, opcodes and errors, held against the tables and examples of the pages."""

from __future__ import annotations

import dataclasses
import re
import struct
import unittest
from typing import Any
from uuid import UUID

from mneme import _cbor, _frames, _opcodes, _shape, errors, json, memories, records
from mneme._frames import Kind, Welcome
from mneme._protocol import Protocol

from .support import PROJECT

WIRE = (PROJECT / "formats" / "wire.md").read_text()
OPERATIONS = (PROJECT / "formats" / "operations.md").read_text()


def example(name: str) -> bytes:
    """The bytes of a block of wire.md."""
    match = re.search(rf"```hex {name}\n(.*?)```", WIRE, re.S)
    assert match is not None
    lines = [re.sub(r"^ *\d+ ", "", line).split("|")[0] for line in match[1].splitlines()]
    return bytes.fromhex("".join(lines))


class WireTests(unittest.TestCase):
    def test_frames_of_a_client(self) -> None:
        hello = example("hello")
        made = _frames.hello(
            credit=1 << 20, store="main", existing=False, client="shell", client_version="1.0",
            features=2,
        )  # fmt: skip
        # The example is of a client that leaves the wishes out, which are zero then.
        self.assertEqual(made[4:], hello[4:] + b"\0")
        self.assertEqual(struct.unpack_from("<I", made)[0], struct.unpack_from("<I", hello)[0] + 1)
        shown = example("hello-token")
        made = _frames.hello(
            credit=1 << 20, store="main", existing=False, client="shell", client_version="1.0",
            token="mn_" + "A" * 43,
        )  # fmt: skip
        self.assertEqual(made[4:], shown[4:] + b"\0")
        self.assertEqual(
            _frames.request(1, 4, _cbor.encode({"get": ["notes/a"]}), deadline_milliseconds=1_500),
            example("request"),
        )
        body = _cbor.encode({"session.end": {"id": "s1"}})
        self.assertEqual(_frames.request(7, 10, body, durability=2), example("request-durability"))
        self.assertEqual(_frames.frame(Kind.CANCEL, id=2), example("cancel"))
        self.assertEqual(
            _frames.frame(Kind.CREDIT, struct.pack("<I", 65_536)), example("credit")
        )
        self.assertEqual(_frames.frame(Kind.PING, bytes(range(1, 9))), example("ping"))

    def test_frames_of_a_server(self) -> None:
        data = example("welcome")
        head = _frames.read_head(data[:12], False)
        self.assertEqual((head.kind, head.payload_length), (Kind.WELCOME, len(data) - 12))
        self.assertEqual(
            Welcome.read(data[12:]),
            Welcome(1, 0, 256, 1 << 24, 1 << 25, 1 << 26,
                    UUID("01234567-89ab-cdef-fedc-ba9876543210"), "mneme 1.0"),
        )  # fmt: skip
        error = _frames.read_error(example("error")[12:])
        self.assertIsInstance(error, errors.TooManyRequests)
        self.assertEqual((error.retry_after, error.message), (0.02, "Wait."))
        goodbye = _frames.read_error(example("goodbye")[12:])
        self.assertIsInstance(goodbye, errors.ShuttingDown)
        self.assertEqual(goodbye.retry_after, 1.0)

    def test_a_conversation_of_the_examples(self) -> None:
        protocol = Protocol(example("hello"), credit=1 << 20, largest_response=1 << 26)
        protocol.outgoing.clear()
        protocol.receive(example("welcome"))
        first = protocol.request(4, _cbor.encode({"get": ["notes/a"]}), deadline_milliseconds=1_500)
        second = protocol.request(4, b"\xf6")
        self.assertEqual(protocol.outgoing[: len(example("request"))], example("request"))
        protocol.outgoing.clear()
        protocol.cancel(second)
        self.assertEqual(protocol.outgoing, example("cancel"))
        protocol.outgoing.clear()
        protocol.receive(example("ping"))
        self.assertEqual(protocol.outgoing, example("pong"))
        protocol.receive(example("error"))
        with self.assertRaises(errors.TooManyRequests):
            second.result()
        protocol.receive(example("goodbye"))
        self.assertFalse(protocol.is_usable)
        protocol.outgoing.clear()
        protocol.receive(example("response"))
        record = {"collection": "notes", "key": "a", "fields": {"text": "tea"}}
        self.assertEqual(first.result(), ("records", [record, None]))
        self.assertEqual(protocol.outgoing, _frames.frame(Kind.GOODBYE))

    def test_opcodes(self) -> None:
        """They are derived from a table; here they are held against what else the pages say."""
        for part, following, numbers in (
            ("Requests", "Responses", _opcodes.REQUESTS),
            ("Responses", "Errors", _opcodes.RESPONSES),
        ):
            section = OPERATIONS.split(f"\n## {part}\n")[1].split(f"\n## {following}\n")[0]
            names = re.findall(r"^### (.+)$", section, re.M)
            self.assertEqual(set(numbers), set(names))
            self.assertEqual(len(set(numbers.values())), len(names))
        for name, verb in (("request", "get"), ("request-durability", "session.end")):
            opcode = struct.unpack_from("<H", example(name), 6)[0]
            self.assertEqual(_opcodes.REQUESTS[verb], opcode)
        opcode = struct.unpack_from("<H", example("response"), 6)[0]
        self.assertEqual(_opcodes.RESPONSES["records"], opcode)

    def test_errors(self) -> None:
        rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \| (\w+) \|", OPERATIONS, re.M)
        self.assertGreater(len(rows), 60)
        kinds = {
            kind.code: kind
            for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.MnemeError) and kind.code
        }
        told = {(code, kind.name, kind.action.value) for code, kind in kinds.items()}
        self.assertEqual(told, {(int(code), name, action) for code, name, action in rows})

    def test_an_unknown_code_stands_for_what_its_action_says(self) -> None:
        error = errors.MnemeError.read(
            {"code": 299, "name": "brandNew", "action": "retry", "message": "Wait."}
        )
        self.assertIs(type(error), errors.RuleError)
        self.assertEqual(error.spelling["name"], "brandNew")
        self.assertIs(error.action, errors.Action.RETRY)

    def test_idempotency_keys_are_put_where_the_page_says(self) -> None:
        section = OPERATIONS.split("#### Done once")[1].split("### watch")[0]
        named = section.split(" take `idempotencyKey`")[0].split("\n\n")[-1]
        verbs = set(re.findall(r"`([\w.]+)`", named)) - {"put", "use", "procedure", "document"}
        self.assertEqual(_opcodes.KEYED, verbs)
        self.assertEqual(
            _opcodes.with_key("remember", {"text": "a"}, "k"),
            {"memories": [{"text": "a"}], "idempotencyKey": "k"},
        )
        self.assertEqual(
            _opcodes.with_key("relate", {"links": [1]}, "k"), {"links": [1], "idempotencyKey": "k"}
        )
        self.assertTrue(_opcodes.takes_key("document", {"owner": "a", "put": {}}))
        self.assertFalse(_opcodes.takes_key("document", {"owner": "a", "get": "b"}))


class AnswerTests(unittest.TestCase):
    KINDS: dict[str, type] = {
        "committed": records.Committed, "found": records.Found, "walked": records.Walked,
        "paths": records.Ways, "session": memories.Session, "remembered": memories.Remembered,
        "recalled": memories.Recalled, "forgotten": memories.Forgotten,
        "statistics": memories.Statistics, "verified": memories.Verified,
        "counted": records.Counted, "claimed": records.Claimed, "history": records.History,
        "watched": records.Watched, "usage": memories.Usage, "purged": memories.Purged,
        "matched": records.Matched, "deletedWhere": records.DeletedWhere,
        "context": memories.Context, "rehydrated": memories.Rehydrated,
        "touched": memories.Touched, "provenance": memories.Provenance,
        "candidates": memories.Candidates, "events": memories.Events, "scalars": memories.Scalars,
    }  # fmt: skip

    def test_examples_are_read_whole(self) -> None:
        section = OPERATIONS.split("\n## Responses")[1].split("\n## Errors")[0]
        seen = set()
        for block in re.findall(r"```json(?: short)?\n(.*?)```", section, re.S):
            ((name, content),) = json.loads(block).items()
            seen.add(name)
            if name == "records":
                self.assertEqual(_shape.read(list[Any], content), content)
            elif name == "path":
                self.assertEqual(len(_shape.read(list[records.Edge], content)), 1)
            elif kind := self.KINDS.get(name):
                self.assertEqual(self.lost(content, _shape.read(kind, content)), [], name)
        self.assertGreaterEqual(seen, set(self.KINDS))
        self.assertEqual(seen, set(_opcodes.RESPONSES))

    def lost(self, spelled: Any, answer: Any) -> list[str]:
        """Members of a response that its dataclass does not have."""
        if isinstance(spelled, list) and isinstance(answer, list):
            return [one for pair in zip(spelled, answer) for one in self.lost(*pair)]
        if not dataclasses.is_dataclass(answer) or not isinstance(spelled, dict):
            return []
        lost: list[str] = []
        fields = {
            field.metadata.get("of", _shape.camel(field.name)): getattr(answer, field.name)
            for field in dataclasses.fields(answer)
        }
        for member, value in spelled.items():
            lost += self.lost(value, fields[member]) if member in fields else [member]
        return lost

    def test_a_member_that_lacks_or_is_of_another_kind(self) -> None:
        whole = {"collection": "notes", "key": "a", "fields": {"text": "tea"}, "brandNew": 1}
        self.assertEqual(_shape.read(records.Record, whole)["text"], "tea")
        wrong: list[dict[str, Any]] = [
            {"key": None}, {"key": 1.5}, {"fields": []}, {"version": "1"},
        ]  # fmt: skip
        for change in wrong:
            with self.assertRaises(errors.BadFrame):
                _shape.read(records.Record, {**whole, **change})
        with self.assertRaises(errors.BadFrame):
            _shape.read(records.Record, {"key": "a"})


if __name__ == "__main__":
    unittest.main()
