# Derived from tests/test_async_connections.py by tools/python/derive; change that one.
"""What a client that waits makes of servers that fail, vanish, delay and lie."""

from __future__ import annotations

import struct
import threading
import unittest
from typing import Any

from mneme import Client, Vector, _cbor, _frames
from mneme._frames import Kind
from mneme.errors import (
    BadFrame,
    BadRequest,
    Cancelled,
    Disconnected,
    ShuttingDown,
    TooLarge,
    WrongType,
)

from .support import (
    NOTHING,
    WELCOME,
    FakeConnection,
    FakeServer,
    failed,
    free_port,
    response,
    welcome,
)


class RequestTests(unittest.TestCase):
    def test_many_requests_at_once_are_answered_in_any_order(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            asked = [there.read_kind(Kind.REQUEST) for _ in range(4)]
            for number, payload in reversed(asked):
                told = {"records": _cbor.decode(payload[8:])["get"]}
                there.send(response(_cbor.encode(told), number))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address, pool_size=1) as client:
                pending = [client.submit({"get": [f"a/{n}"]}) for n in range(4)]
                answers = [one.result() for one in pending]
        self.assertEqual(answers, [{"records": [f"a/{n}"]} for n in range(4)])

    def test_where_no_other_connection_is_to_be_had_a_busy_one_does(self) -> None:
        def behave(there: FakeConnection) -> None:
            if server.connections > 1:
                return
            there.greet()
            first, _ = there.read_kind(Kind.REQUEST)
            second, _ = there.read_kind(Kind.REQUEST)
            there.send(response(NOTHING, first), response(NOTHING, second))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address, retries=0) as client:
                first = client.submit({"get": ["a/b"]})
                self.assertIsNone(client.get("a/b"))
                self.assertEqual(first.result(), {"records": [None]})
            self.assertEqual(server.connections, 2)

    def test_where_another_connection_is_not_welcomed_a_busy_one_does(self) -> None:
        def behave(there: FakeConnection) -> None:
            if server.connections > 1:
                there.read_kind(Kind.HELLO)
                there.read()
            there.greet()
            first, _ = there.read_kind(Kind.REQUEST)
            second, _ = there.read_kind(Kind.REQUEST)
            there.send(response(NOTHING, first), response(NOTHING, second))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address) as client:
                client._pool._options = client.options.but(connect_timeout=0.1)
                first = client.submit({"get": ["a/b"]})
                self.assertIsNone(client.get("a/b"))
                self.assertEqual(first.result(), {"records": [None]})

    def test_no_more_are_sent_than_the_server_takes(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            waiting = []
            for _ in range(10):
                waiting.append(there.read_kind(Kind.REQUEST)[0])
                self.assertLessEqual(len(waiting), 4)
                if len(waiting) == 4:
                    there.send(response(NOTHING, waiting.pop(0)))
            there.send(*(response(NOTHING, number) for number in waiting))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address) as client:
                answers = client.request_all([{"get": ["a/b"]}] * 10)
        self.assertEqual(answers, [{"records": [None]}] * 10)

    def test_of_several_none_is_sent_where_one_is_none(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            with self.assertRaises(EOFError):
                there.read_kind(Kind.REQUEST)

        with FakeServer(behave) as server:
            with Client(server.address) as client:
                with self.assertRaises(BadRequest):
                    client.request_all([{"get": ["a/b"]}, {"gett": []}])
                with self.assertRaises(WrongType):
                    client.request_all([{"get": ["a/b"]}, {"get": [2**64]}])

    def test_what_of_several_cannot_be_sent_is_an_answer(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            numbers = [there.read_kind(Kind.REQUEST)[0] for _ in range(4)]
            there.send(_frames.frame(Kind.GOODBYE))
            there.send(*(response(NOTHING, number) for number in numbers))
            there.read_kind(Kind.GOODBYE)

        with FakeServer(behave) as server:
            with Client(server.address) as client:
                requests: list[Any] = [{"get": ["x" * 70_000]}] + [{"get": ["a/b"]}] * 6
                answers = client.request_all(requests)
        self.assertIsInstance(answers[0], TooLarge)
        self.assertEqual(answers[1:5], [{"records": [None]}] * 4)
        self.assertEqual([type(one) for one in answers[5:]], [ShuttingDown] * 2)

    def test_a_request_says_its_deadline_and_durability(self) -> None:
        heads = []

        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                number, payload = there.read_kind(Kind.REQUEST)
                heads.append(_frames.REQUEST_HEAD.unpack_from(payload))
                there.send(response(NOTHING, number))

        with FakeServer(behave) as server:
            with Client(server.address, timeout=5) as client:
                client.get("a/b")
                other = client.but(durability="buffered")
                self.assertEqual(other.options.timeout, 5)
                other.but(timeout=None).get("a/b")
        self.assertTrue(1 <= heads[0][0] <= 5_000)
        self.assertEqual(heads[0][1:], (0, 0, 0))
        self.assertEqual(heads[1], (0, 0, 2, 0))

    def test_cancelling_reaches_the_server(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            first, _ = there.read_kind(Kind.REQUEST)
            second, _ = there.read_kind(Kind.REQUEST)
            self.assertEqual(there.read_kind(Kind.CANCEL), (first, b""))
            there.send(failed(500, 1, first), response(NOTHING, second))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address, pool_size=1) as client:
                pending = [client.submit({"get": ["a/b"]}) for _ in range(2)]
                pending[0].cancel()
                with self.assertRaises(Cancelled):
                    pending[0].result()
                self.assertEqual(pending[1].result(), {"records": [None]})

    def test_a_server_that_is_late_is_not_waited_for(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            there.read_kind(Kind.CANCEL)
            _, payload = there.read_kind(Kind.PING)
            there.send(_frames.frame(Kind.PONG, payload), response(NOTHING, number))
            number, _ = there.read_kind(Kind.REQUEST)
            there.send(response(NOTHING, number))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address, grace=0.5, retries=0) as client:
                with self.assertRaises(Disconnected):
                    client.request({"get": ["a/b"]}, timeout=0.05)
                self.assertIsNone(client.get("a/b"))
            self.assertEqual(server.connections, 1)

    def test_a_server_that_is_gone_is_left(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                there.read()

        with FakeServer(behave) as server:
            with Client(server.address, grace=0.05, pool_size=1) as client:
                other = client.submit({"get": ["a/c"]})
                with self.assertRaises(Disconnected):
                    (client.submit({"get": ["a/b"]}, timeout=0.05)).result()
                with self.assertRaises(Disconnected):
                    other.result()

    def test_a_server_that_reads_nothing(self) -> None:
        is_over = threading.Event()

        def behave(there: FakeConnection) -> None:
            there.read_kind(Kind.HELLO)
            there.send(welcome(WELCOME[:16] + struct.pack("<II", 1 << 28, 1 << 28) + WELCOME[24:]))
            is_over.wait(20)

        with FakeServer(behave) as server:
            with Client(server.address, grace=0.05, retries=0, pool_size=1) as client:
                with self.assertRaises(Disconnected):
                    client.request({"get": ["x" * (32 << 20)]}, timeout=0.1)
            is_over.set()

    def test_pings_are_answered(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            there.send(_frames.frame(Kind.PING, b"12345678"))
            self.assertEqual(there.read_kind(Kind.PONG), (0, b"12345678"))
            there.send(response(NOTHING, number))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address) as client:
                self.assertIsNone(client.get("a/b"))

    def test_long_answers_come_as_credit_is_given(self) -> None:
        record = {"collection": "a", "key": "b", "fields": {"text": "x" * 400_000}}
        body = _cbor.encode({"records": [record]})

        def behave(there: FakeConnection) -> None:
            _, payload = there.read_kind(Kind.HELLO)
            (credit,) = struct.unpack_from("<I", payload, 12)
            self.assertEqual(credit, 65_536)
            there.send(welcome())
            number, _ = there.read_kind(Kind.REQUEST)
            offset = 0
            while offset < len(body):
                while credit == 0:
                    credit += struct.unpack("<I", there.read_kind(Kind.CREDIT)[1])[0]
                piece = body[offset : offset + min(credit, 30_000)]
                offset, credit = offset + len(piece), credit - len(piece)
                there.send(response(piece, number, last=offset == len(body)))
            while True:
                there.read()

        with FakeServer(behave) as server:
            with Client(server.address, credit=65_536) as client:
                found = client.get("a/b")
        assert found is not None
        self.assertEqual(len(found["text"]), 400_000)

    def test_a_server_that_breaks_the_protocol_is_left(self) -> None:
        for data in (b"\xff" * 12, response(NOTHING, 99), response(b"", last=False), welcome()):

            def behave(there: FakeConnection, data: bytes = data) -> None:
                there.greet()
                there.read_kind(Kind.REQUEST)
                there.send(data)
                there.read()

            with FakeServer(behave) as server:
                with Client(server.address, retries=1) as client:
                    with self.assertRaises(Disconnected):
                        client.get("a/b")
                self.assertEqual(server.connections, 2)

    def test_an_answer_that_does_not_fit_is_an_error_of_its_own(self) -> None:
        told: list[Any] = [
            {"records": 1}, {"records": [{"key": "a"}]}, {"records": []}, {"done": {}},
            {"records": [{"collection": "a", "key": 1.5}]}, {"records": [Vector([1])]},
        ]  # fmt: skip

        def behave(there: FakeConnection) -> None:
            there.greet()
            for body in told:
                number, _ = there.read_kind(Kind.REQUEST)
                there.send(response(_cbor.encode(body), number))
            there.read()

        with FakeServer(behave) as server:
            with Client(server.address) as client:
                for body in told:
                    with self.assertRaises(BadFrame, msg=str(body)):
                        client.get("a/b")
            self.assertEqual(server.connections, 1)

    def test_requests_that_are_none(self) -> None:
        client = Client(f"127.0.0.1:{free_port()}")
        requests: list[Any] = [{"gett": []}, {}, {"get": [], "find": {}}, "nothing"]
        for request in requests:
            with self.assertRaises(BadRequest):
                client.request(request)


if __name__ == "__main__":
    unittest.main()
