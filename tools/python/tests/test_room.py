"""Requests that wait for room: in their order, with the time that is left, and woken once."""

from __future__ import annotations

import asyncio
import threading
import time
import unittest
from types import TracebackType
from typing import Any
from unittest import mock

from mneme import AsyncClient, _cbor, _frames
from mneme._async.connection import AsyncConnection
from mneme._frames import Kind
from mneme._options import Address, Options
from mneme._protocol import Exchange
from mneme._sync.connection import Connection
from mneme.errors import ShuttingDown, TooManyRequests

from .support import NOTHING, FakeConnection, FakeServer, response


def announced(payload: bytes) -> int:
    """The milliseconds that a request says are left to it."""
    return int(_frames.REQUEST_HEAD.unpack_from(payload)[0])


class RoomTests(unittest.TestCase):
    """What holds of requests that wait for room, whoever waits."""

    def must_announce_what_is_left(self, script: Script) -> None:
        """The fifth waited for 0.3 of its 10 seconds, or longer."""
        self.assertLessEqual(announced(script.came[4]), 9_700)
        self.assertGreaterEqual(announced(script.came[4]), 1)


class Script:
    """A server that takes four requests, answers the oldest when it is told to, and so on.

    It keeps what came, and says when so much has.
    """

    def __init__(self, count: int) -> None:
        self.came: list[bytes] = []
        self.go = threading.Event()
        self.all = threading.Event()
        self._count = count

    def __call__(self, there: FakeConnection) -> None:
        there.greet()
        numbers = []
        while True:
            number, payload = there.read_kind(Kind.REQUEST)
            numbers.append(number)
            self.came.append(payload)
            if len(self.came) == self._count:
                self.all.set()
            if len(numbers) == 4:
                self.go.wait(20)
                there.send(response(NOTHING, numbers.pop(0)))


class TaskTests(RoomTests, unittest.IsolatedAsyncioTestCase):
    async def opened(self, server: FakeServer) -> AsyncConnection:
        connection = await AsyncConnection.open(Options(Address.read(server.address)))
        self.addAsyncCleanup(connection.close)
        return connection

    async def submit(
        self, connection: AsyncConnection, body: bytes = b"", timeout: float = 20
    ) -> Exchange:
        deadline = time.monotonic() + timeout
        return await connection.submit(4, body, deadline=deadline, durability=0)

    async def test_what_waits_is_sent_in_its_order(self) -> None:
        script = Script(40)
        with FakeServer(script) as server:
            connection = await self.opened(server)
            bodies = [_cbor.encode({"get": [f"a/{n}"]}) for n in range(40)]
            tasks = [asyncio.create_task(self.submit(connection, body)) for body in bodies]
            await asyncio.sleep(0)
            script.go.set()
            await asyncio.gather(*tasks)
            self.assertTrue(await asyncio.to_thread(script.all.wait, 20))
        self.assertEqual([payload[8:] for payload in script.came], bodies)

    async def test_a_small_one_does_not_overtake_a_large_one(self) -> None:
        with FakeServer(lambda there: self.fill(there)) as server:
            connection = await self.opened(server)
            large, small = b"\x58" * 60_000, b"\x59"
            for _ in range(2):
                await self.submit(connection, large)
            tasks = [
                asyncio.create_task(self.submit(connection, body)) for body in (large, small)
            ]
            await asyncio.sleep(0)
            self.assertEqual(connection.in_flight, 2)
            self.assertTrue(connection.protocol.has_room(len(small) + 8))
            connection.data_received(response(NOTHING, 1))
            self.assertEqual([(await task).id for task in tasks], [3, 4])

    async def test_one_answer_wakes_one_of_those_who_wait(self) -> None:
        with FakeServer(lambda there: self.fill(there)) as server:
            connection = await self.opened(server)
            full = [await self.submit(connection) for _ in range(4)]
            tasks = [asyncio.create_task(self.submit(connection)) for _ in range(100)]
            await asyncio.sleep(0)
            loop = asyncio.get_running_loop()
            with mock.patch.object(loop, "create_future", wraps=loop.create_future) as made:
                for count, exchange in enumerate(full, 1):
                    connection.data_received(response(NOTHING, exchange.id))
                    for _ in range(3):
                        await asyncio.sleep(0)
                    self.assertEqual([task.done() for task in tasks], [True] * count
                                     + [False] * (100 - count))  # fmt: skip
            self.assertEqual(made.call_count, 0)
            for task in tasks:
                task.cancel()

    def fill(self, there: FakeConnection) -> None:
        there.greet()
        while True:
            there.read()

    async def test_who_is_cancelled_or_late_makes_room_for_who_comes_next(self) -> None:
        with FakeServer(lambda there: self.fill(there)) as server:
            connection = await self.opened(server)
            large, small = b"\x58" * 60_000, b"\x59"
            for _ in range(2):
                await self.submit(connection, large)
            cancelled = asyncio.create_task(self.submit(connection, large))
            await asyncio.sleep(0)
            waiting = asyncio.create_task(self.submit(connection, small))
            await asyncio.sleep(0)
            cancelled.cancel()
            self.assertEqual((await waiting).id, 3)
            late = asyncio.create_task(self.submit(connection, large, 0.05))
            await asyncio.sleep(0)
            waiting = asyncio.create_task(self.submit(connection, small))
            with self.assertRaises(TooManyRequests):
                await late
            self.assertEqual((await waiting).id, 4)

    async def test_a_request_that_was_sent_as_its_task_was_cancelled_is_cancelled(self) -> None:
        with FakeServer(lambda there: self.fill(there)) as server:
            connection = await self.opened(server)
            full = [await self.submit(connection) for _ in range(4)]
            task = asyncio.create_task(self.submit(connection))
            await asyncio.sleep(0)
            connection.data_received(response(NOTHING, full[0].id))
            sent = connection.protocol.in_flight[5]
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertIsNone(sent.pieces)

    async def test_those_who_wait_hear_of_a_goodbye_and_of_the_end(self) -> None:
        for end in (_frames.frame(Kind.GOODBYE), b"\xff" * 12):
            with FakeServer(lambda there: self.fill(there)) as server:
                connection = await self.opened(server)
                for _ in range(4):
                    await self.submit(connection)
                tasks = [asyncio.create_task(self.submit(connection)) for _ in range(3)]
                await asyncio.sleep(0)
                connection.data_received(end)
                for task in tasks:
                    with self.assertRaises(ShuttingDown):
                        await task

    async def test_a_task_announces_what_is_left(self) -> None:
        script = Script(5)
        with FakeServer(script) as server:
            async with AsyncClient(server.address, pool_size=1) as client:
                for _ in range(4):
                    await client.submit({"get": ["a/b"]})
                task = asyncio.create_task(client.submit({"get": ["a/b"]}, timeout=10))
                await asyncio.sleep(0.3)
                script.go.set()
                await task
                self.assertTrue(await asyncio.to_thread(script.all.wait, 20))
        self.must_announce_what_is_left(script)

    async def test_several_await_one_result(self) -> None:
        go = asyncio.Event()
        come = asyncio.get_running_loop()

        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            asyncio.run_coroutine_threadsafe(go.wait(), come).result(20)
            there.send(response(NOTHING, number))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                pending = await client.submit({"get": ["a/b"]})
                tasks = [asyncio.create_task(pending.result()) for _ in range(4)]
                await asyncio.sleep(0)
                tasks[1].cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await tasks[1]
                go.set()
                for task in (tasks[0], tasks[2], tasks[3]):
                    self.assertEqual(await task, {"records": [None]})
                self.assertEqual(await pending.result(), {"records": [None]})

    async def test_the_last_who_awaits_a_result_cancels_the_request(self) -> None:
        cancelled = threading.Event()

        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            there.read_kind(Kind.CANCEL)
            cancelled.set()
            there.send(response(NOTHING, number))
            there.read()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                pending = await client.submit({"get": ["a/b"]})
                tasks = [asyncio.create_task(pending.result()) for _ in range(2)]
                await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self.assertTrue(await asyncio.to_thread(cancelled.wait, 20))

    async def test_cancelling_several_requests_cancels_each(self) -> None:
        came, cancelled = threading.Event(), threading.Event()

        def behave(there: FakeConnection) -> None:
            there.greet()
            numbers = [there.read_kind(Kind.REQUEST)[0] for _ in range(3)]
            came.set()
            ended = [there.read_kind(Kind.CANCEL)[0] for _ in range(3)]
            self.assertEqual(sorted(ended), numbers)
            cancelled.set()

        with FakeServer(behave) as server:
            async with AsyncClient(server.address) as client:
                task = asyncio.create_task(client.request_all([{"get": ["a/b"]}] * 3))
                self.assertTrue(await asyncio.to_thread(came.wait, 20))
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                self.assertTrue(await asyncio.to_thread(cancelled.wait, 20))


class Between:
    """A lock that calls something when it is let go for the first time."""

    def __init__(self, lock: Any, call: Any) -> None:
        self._lock = lock
        self._call = call

    def __enter__(self) -> Any:
        return self._lock.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.__exit__(kind, error, trace)
        call, self._call = self._call, None
        if call is not None:
            call()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lock, name)


class ThreadTests(RoomTests):
    def test_what_ends_once_there_was_no_room_is_noticed(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            for _ in range(4):
                there.read_kind(Kind.REQUEST)
            there.send(response(NOTHING, 1))
            there.read_kind(Kind.REQUEST)  # No other answer comes before this.
            there.read()

        with FakeServer(behave) as server:
            connection = Connection.open(Options(Address.read(server.address)))
            deadline = time.monotonic() + 20
            full = [
                connection.submit(4, b"", deadline=deadline, durability=0) for _ in range(4)
            ]

            def end_one() -> None:
                connection.wait(full[0], deadline)

            lock: Any = Between(connection._lock, end_one)
            connection._lock = lock
            sent = connection.submit(4, b"", deadline=deadline, durability=0)
            self.assertEqual(sent.id, 5)
            connection.close()

    def test_a_thread_announces_what_is_left(self) -> None:
        script = Script(5)
        with FakeServer(script) as server:
            connection = Connection.open(Options(Address.read(server.address)))
            for _ in range(4):
                connection.submit(4, b"", deadline=None, durability=0)
            deadline = time.monotonic() + 10
            thread = threading.Timer(0.3, script.go.set)
            thread.start()
            connection.submit(4, b"", deadline=deadline, durability=0)
            self.assertTrue(script.all.wait(20))
            connection.close()
        self.must_announce_what_is_left(script)

    def test_threads_wait_for_room_until_their_deadline(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                there.read()

        def run() -> None:
            try:
                deadline = time.monotonic() + 0.1
                connection.submit(4, b"", deadline=deadline, durability=0)
            except TooManyRequests as error:
                caught.append(error)

        caught: list[TooManyRequests] = []
        with FakeServer(behave) as server:
            connection = Connection.open(Options(Address.read(server.address)))
            for _ in range(4):
                connection.submit(4, b"", deadline=None, durability=0)
            threads = [threading.Thread(target=run) for _ in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            connection.close()
        self.assertEqual(len(caught), 5)


if __name__ == "__main__":
    unittest.main()
