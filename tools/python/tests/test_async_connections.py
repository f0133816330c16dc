"""What a client of asyncio makes of servers that fail, vanish, delay and lie."""

from __future__ import annotations

import struct
import threading
import unittest
from typing import Any

from mneme import AsyncClient, AsyncTransaction, Vector, _cbor, _frames
from mneme._frames import Kind
from mneme.errors import (
    BadFrame,
    BadRequest,
    Cancelled,
    Conflict,
    Corrupt,
    DeadlineExceeded,
    Disconnected,
    DiskFull,
    MnemeError,
    StoreClosed,
    TooManyRequests,
    UnsupportedVersion,
)

from .support import WELCOME, FakeConnection, FakeServer, free_port, response, welcome

NOTHING = _cbor.encode({"records": [None]})


def failed(code: int, action: int, id: int, detail: int = 0) -> bytes:
    body = {"code": code, "name": "x", "action": "retry", "message": "So it is."}
    payload = struct.pack("<HBBI", code, action, 0, detail) + _cbor.encode(body)
    return _frames.frame(Kind.ERROR, payload, id=id)


def committed(id: int) -> bytes:
    body = _cbor.encode({"committed": {"sequence": 7, "outcomes": [{"put": "notes/a"}]}})
    return response(body, id, 3)


class OpeningTests(unittest.IsolatedAsyncioTestCase):
    async def test_nobody_listens(self) -> None:
        with self.assertRaises(Disconnected):
            await AsyncClient(f"127.0.0.1:{free_port()}").open()
        with self.assertRaises(Disconnected):
            await AsyncClient("unix:/tmp/there/is/none").open()

    async def test_a_server_that_does_not_welcome(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.read()
            there.read()

        with FakeServer(behave) as server:
            with self.assertRaises(DeadlineExceeded):
                await AsyncClient(server.address, connect_timeout=0.1).open()

    async def test_something_else_listens(self) -> None:
        for data in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 100, welcome(b"short")):

            def behave(there: FakeConnection, data: bytes = data) -> None:
                there.send(data)

            with FakeServer(behave) as server:
                with self.assertRaises(BadFrame):
                    await AsyncClient(server.address).open()

    async def test_a_server_that_vanishes_in_its_welcome(self) -> None:
        for count in (0, 5, 20):

            def behave(there: FakeConnection, count: int = count) -> None:
                there.send(welcome()[:count])

            with FakeServer(behave) as server:
                with self.assertRaises(Disconnected):
                    await AsyncClient(server.address).open()

    async def test_no_version_in_common(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.read_kind(Kind.HELLO)
            there.send(failed(503, 2, 0, 2 | 3 << 16))

        with FakeServer(behave) as server:
            with self.assertRaises(UnsupportedVersion) as caught:
                await AsyncClient(server.address).open()
            self.assertIn("2 to 3", str(caught.exception))

    async def test_addresses_and_options_that_are_none(self) -> None:
        for address in ("", "a:b", "a:0", "a:70000", "unix:", ":7411", "[::1]x"):
            with self.assertRaises(BadRequest, msg=address):
                AsyncClient(address)
        options: list[dict[str, Any]] = [
            {"timeout": 0}, {"durability": "forever"}, {"pool_size": 0}, {"credit": 1},
            {"retries": -1}, {"connect_timeout": 0}, {"grace": 0}, {"largest_response": 0},
        ]  # fmt: skip
        for option in options:
            with self.assertRaises(ValueError, msg=str(option)):
                AsyncClient(**option)
        self.assertEqual(str(AsyncClient("[::1]:80").options.address), "[::1]:80")


class RetryTests(unittest.IsolatedAsyncioTestCase):
    async def test_a_read_is_asked_again_when_the_server_vanishes(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            if server.connections > 1:
                there.send(response(NOTHING, number))
                there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                self.assertIsNone(await client.get("notes/a"))
            self.assertEqual(server.connections, 2)

    async def test_a_write_is_not_asked_again_without_a_key(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            there.read_kind(Kind.REQUEST)

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                with self.assertRaises(Disconnected):
                    await client.put("notes", {"text": "tea"}, key="a")
            self.assertEqual(server.connections, 1)

    async def test_a_write_with_a_key_is_asked_again_with_the_same(self) -> None:
        bodies: list[Any] = []

        def behave(there: FakeConnection) -> None:
            there.greet()
            number, payload = there.read_kind(Kind.REQUEST)
            bodies.append(_cbor.decode(payload[8:]))
            if server.connections == 3:
                there.send(committed(number))
                there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, retry_writes=True) as client:
                self.assertEqual((await client.put("notes", {}, key="a")).reference.key, "a")
        self.assertEqual(len(bodies), 3)
        self.assertEqual(bodies[0], bodies[1])
        self.assertEqual(bodies[0], bodies[2])
        self.assertEqual(len(bodies[0]["commit"]["idempotencyKey"]), 36)

    async def test_what_was_not_begun_is_asked_again(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            for code in (504, 507, 302, 205):
                number, _ = there.read_kind(Kind.REQUEST)
                there.send(failed(code, 1, number, 1))
            number, _ = there.read_kind(Kind.REQUEST)
            there.send(committed(number))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                self.assertEqual((await client.put("notes", {}, key="a")).reference.key, "a")

    async def test_the_conflict_of_a_transaction_asks_for_another_one(self) -> None:
        begun = []

        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                number, payload = there.read_kind(Kind.REQUEST)
                if "begin" in _cbor.decode(payload[8:]):
                    begun.append(number)
                    told: dict[str, Any] = {"began": {"transaction": 9, "sequence": 1}}
                    there.send(response(_cbor.encode(told), number, 15))
                elif len(begun) < 3:
                    there.send(failed(205, 1, number))
                else:
                    told = {"committed": {"sequence": 2, "outcomes": []}}
                    there.send(response(_cbor.encode(told), number, 3))

        async def body(both: AsyncTransaction) -> int:
            return both.sequence

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, retry_writes=True) as client:
                self.assertEqual(await client.transact(body), 1)
                del begun[:]
                with self.assertRaises(Conflict):
                    await client.transact(body, attempts=2)

    async def test_a_client_that_is_closed(self) -> None:
        with FakeServer(lambda there: there.greet()) as server:
            client = await AsyncClient(server.address).open()
            await client.close()
            with self.assertRaises(StoreClosed):
                await client.get("notes/a")

    async def test_there_is_an_end_to_asking_again(self) -> None:
        asked = []

        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                number, _ = there.read_kind(Kind.REQUEST)
                asked.append(number)
                there.send(failed(504, 1, number, 1))

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, retries=2) as client:
                with self.assertRaises(TooManyRequests):
                    await client.get("notes/a")
        self.assertEqual(len(asked), 3)

    async def test_what_asks_for_something_else_is_not_asked_again(self) -> None:
        asked = []

        def behave(there: FakeConnection) -> None:
            there.greet()
            for code, action in ((403, 1), (501, 1), (112, 2), (402, 3), (699, 1)):
                number, _ = there.read_kind(Kind.REQUEST)
                asked.append(number)
                there.send(failed(code, action, number))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                for kind in (DiskFull, DeadlineExceeded, BadRequest, Corrupt, MnemeError):
                    with self.assertRaises(kind):
                        await client.get("notes/a")
        self.assertEqual(len(asked), 5)

    async def test_a_goodbye_sends_requests_elsewhere(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            there.send(_frames.frame(Kind.GOODBYE), response(NOTHING, number))
            if server.connections == 1:
                there.read_kind(Kind.GOODBYE)
            else:
                there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                self.assertIsNone(await client.get("notes/a"))
                self.assertIsNone(await client.get("notes/a"))
            self.assertEqual(server.connections, 2)


class RequestTests(unittest.IsolatedAsyncioTestCase):
    async def test_many_requests_at_once_are_answered_in_any_order(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            asked = [there.read_kind(Kind.REQUEST) for _ in range(4)]
            for number, payload in reversed(asked):
                told = {"records": _cbor.decode(payload[8:])["get"]}
                there.send(response(_cbor.encode(told), number))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, pool_size=1) as client:
                pending = [await client.submit({"get": [f"a/{n}"]}) for n in range(4)]
                answers = [await one.result() for one in pending]
        self.assertEqual(answers, [{"records": [f"a/{n}"]} for n in range(4)])

    async def test_no_more_are_sent_than_the_server_takes(self) -> None:
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
            async with AsyncClient(server.address) as client:
                answers = await client.request_all([{"get": ["a/b"]}] * 10)
        self.assertEqual(answers, [{"records": [None]}] * 10)

    async def test_a_request_says_its_deadline_and_durability(self) -> None:
        heads = []

        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                number, payload = there.read_kind(Kind.REQUEST)
                heads.append(_frames.REQUEST_HEAD.unpack_from(payload))
                there.send(response(NOTHING, number))

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, timeout=5) as client:
                await client.get("a/b")
                other = client.but(durability="buffered")
                self.assertEqual(other.options.timeout, 5)
                await other.but(timeout=None).get("a/b")
        self.assertTrue(1 <= heads[0][0] <= 5_000)
        self.assertEqual(heads[0][1:], (0, 0, 0))
        self.assertEqual(heads[1], (0, 0, 2, 0))

    async def test_cancelling_reaches_the_server(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            first, _ = there.read_kind(Kind.REQUEST)
            second, _ = there.read_kind(Kind.REQUEST)
            self.assertEqual(there.read_kind(Kind.CANCEL), (first, b""))
            there.send(failed(500, 1, first), response(NOTHING, second))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, pool_size=1) as client:
                pending = [await client.submit({"get": ["a/b"]}) for _ in range(2)]
                pending[0].cancel()
                with self.assertRaises(Cancelled):
                    await pending[0].result()
                self.assertEqual(await pending[1].result(), {"records": [None]})

    async def test_a_server_that_is_late_is_not_waited_for(self) -> None:
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
            async with AsyncClient(server.address, grace=0.5, retries=0) as client:
                with self.assertRaises(Disconnected):
                    await client.request({"get": ["a/b"]}, timeout=0.05)
                self.assertIsNone(await client.get("a/b"))
            self.assertEqual(server.connections, 1)

    async def test_a_server_that_is_gone_is_left(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, grace=0.05, pool_size=1) as client:
                other = await client.submit({"get": ["a/c"]})
                with self.assertRaises(Disconnected):
                    await (await client.submit({"get": ["a/b"]}, timeout=0.05)).result()
                with self.assertRaises(Disconnected):
                    await other.result()

    async def test_a_server_that_reads_nothing(self) -> None:
        is_over = threading.Event()

        def behave(there: FakeConnection) -> None:
            there.read_kind(Kind.HELLO)
            there.send(welcome(WELCOME[:16] + struct.pack("<II", 1 << 28, 1 << 28) + WELCOME[24:]))
            is_over.wait(20)

        with FakeServer(behave) as server:
            async with AsyncClient(server.address, grace=0.05, retries=0, pool_size=1) as client:
                with self.assertRaises(Disconnected):
                    await client.request({"get": ["x" * (32 << 20)]}, timeout=0.1)
            is_over.set()

    async def test_pings_are_answered(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            there.send(_frames.frame(Kind.PING, b"12345678"))
            self.assertEqual(there.read_kind(Kind.PONG), (0, b"12345678"))
            there.send(response(NOTHING, number))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                self.assertIsNone(await client.get("a/b"))

    async def test_long_answers_come_as_credit_is_given(self) -> None:
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
            async with AsyncClient(server.address, credit=65_536) as client:
                found = await client.get("a/b")
        assert found is not None
        self.assertEqual(len(found["text"]), 400_000)

    async def test_a_server_that_breaks_the_protocol_is_left(self) -> None:
        for data in (b"\xff" * 12, response(NOTHING, 99), response(b"", last=False), welcome()):

            def behave(there: FakeConnection, data: bytes = data) -> None:
                there.greet()
                there.read_kind(Kind.REQUEST)
                there.send(data)
                there.read()

            with FakeServer(behave) as server:
                async with AsyncClient(server.address, retries=1) as client:
                    with self.assertRaises(Disconnected):
                        await client.get("a/b")
                self.assertEqual(server.connections, 2)

    async def test_an_answer_that_does_not_fit_is_an_error_of_its_own(self) -> None:
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
            async with AsyncClient(server.address) as client:
                for body in told:
                    with self.assertRaises(BadFrame, msg=str(body)):
                        await client.get("a/b")
            self.assertEqual(server.connections, 1)

    async def test_requests_that_are_none(self) -> None:
        client = AsyncClient(f"127.0.0.1:{free_port()}")
        requests: list[Any] = [{"gett": []}, {}, {"get": [], "find": {}}, "nothing"]
        for request in requests:
            with self.assertRaises(BadRequest):
                await client.request(request)


if __name__ == "__main__":
    unittest.main()
