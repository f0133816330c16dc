"""What a client of asyncio asks again, and what it does not."""

from __future__ import annotations

import unittest
from typing import Any

from mneme import AsyncClient, AsyncTransaction, _cbor, _frames
from mneme._frames import Kind
from mneme.errors import (
    BadRequest,
    Conflict,
    Corrupt,
    DeadlineExceeded,
    Disconnected,
    DiskFull,
    MnemeError,
    StoreClosed,
    TooManyRequests,
)

from .support import NOTHING, FakeConnection, FakeServer, failed, response


def committed(id: int) -> bytes:
    body = _cbor.encode({"committed": {"sequence": 7, "outcomes": [{"put": "notes/a"}]}})
    return response(body, id, 3)


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


if __name__ == "__main__":
    unittest.main()
