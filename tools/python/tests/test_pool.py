"""The connections of a client as many ask for them at once, by threads and by tasks."""

from __future__ import annotations

import asyncio
import threading
import unittest
from collections.abc import Iterator
from typing import Any
from unittest import mock

from mneme import AsyncClient, Client
from mneme._frames import Kind
from mneme._options import Address, Options
from mneme._sync.pool import Pool
from mneme.errors import DeadlineExceeded, Disconnected, StoreClosed

from .support import NOTHING, FakeConnection, FakeServer, free_port, response


class Stub:
    """A connection of which only is asked whether it is usable."""

    in_flight = 0

    def __init__(self, is_usable: bool) -> None:
        self._is_usable = is_usable

    def is_usable(self) -> bool:
        return self._is_usable


class Growing(list[Any]):
    """To which another thread adds something when it was looked through."""

    def __init__(self, elements: list[Any], later: list[Any]) -> None:
        super().__init__(elements)
        self._later = later

    def __iter__(self) -> Iterator[Any]:
        yield from self[:]
        if self._later:
            self.append(self._later.pop())


class LateWelcome:
    """A server that welcomes when it is told to, and sees the end of the connection."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.go = threading.Event()
        self.ended = threading.Event()

    def __call__(self, there: FakeConnection) -> None:
        self.came.set()
        self.go.wait(20)
        there.greet()
        try:
            while there.read()[0] is not Kind.GOODBYE:
                pass
        except (EOFError, ConnectionError):
            pass
        self.ended.set()


class PoolTests(unittest.TestCase):
    def test_what_another_thread_opens_meanwhile_is_kept(self) -> None:
        pool = Pool(Options(Address.read(f"127.0.0.1:{free_port()}")))
        other = Stub(True)
        pool._connections = Growing([Stub(False)], [other])
        self.assertIs(pool.connection(), other)
        self.assertIn(other, pool._connections)

    def test_closing_while_a_thread_connects(self) -> None:
        behave = LateWelcome()
        caught: list[BaseException] = []

        def run() -> None:
            try:
                client.get("a/b")
            except StoreClosed as error:
                caught.append(error)

        with FakeServer(behave) as server:
            client = Client(server.address)
            thread = threading.Thread(target=run)
            thread.start()
            self.assertTrue(behave.came.wait(20))
            client.close()
            behave.go.set()
            thread.join(20)
            self.assertTrue(behave.ended.wait(20))
        self.assertEqual(len(caught), 1)

    def test_closing_while_a_task_connects(self) -> None:
        behave = LateWelcome()

        async def run(address: str) -> None:
            client = AsyncClient(address)
            task = asyncio.create_task(client.get("a/b"))
            self.assertTrue(await asyncio.to_thread(behave.came.wait, 20))
            await client.close()
            behave.go.set()
            with self.assertRaises(StoreClosed):
                await task
            self.assertTrue(await asyncio.to_thread(behave.ended.wait, 20))

        with FakeServer(behave) as server:
            asyncio.run(run(server.address))

    def test_where_no_more_is_to_be_had_none_is_tried_for_a_while(self) -> None:
        def behave(there: FakeConnection) -> None:
            if server.connections == 1:
                there.greet()
                numbers = [there.read_kind(Kind.REQUEST)[0] for _ in range(3)]
                there.send(*(response(NOTHING, number) for number in numbers))
                there.read()

        async def run(address: str) -> None:
            async with AsyncClient(address) as client:
                pending = [await client.submit({"get": ["a/b"]}) for _ in range(3)]
                for one in pending:
                    self.assertEqual(await one.result(), {"records": [None]})

        with FakeServer(behave) as server:
            with mock.patch("mneme._async.pool._PAUSE", 3_600.0):
                asyncio.run(run(server.address))
            self.assertEqual(server.connections, 2)

    def test_who_waits_for_others_to_connect_has_their_failure(self) -> None:
        go = threading.Event()

        def behave(there: FakeConnection) -> None:
            go.wait(20)

        async def run(address: str) -> list[Any]:
            client = AsyncClient(address, retries=0)
            tasks = [asyncio.create_task(client.get("a/b")) for _ in range(20)]
            for _ in range(3):
                await asyncio.sleep(0)
            go.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

        with FakeServer(behave) as server:
            caught = asyncio.run(run(server.address))
            self.assertEqual(server.connections, 1)
        self.assertEqual([type(one) for one in caught], [Disconnected] * 20)
        self.assertEqual(len({id(one) for one in caught}), 20)

    def test_a_short_deadline_of_one_is_not_the_failure_of_others(self) -> None:
        def behave(there: FakeConnection) -> None:
            if server.connections == 1:
                there.read_kind(Kind.HELLO)
                there.read()
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            there.send(response(NOTHING, number))
            there.read()

        async def run(address: str) -> None:
            client = AsyncClient(address)
            hasty = asyncio.create_task(client.request({"get": ["a/b"]}, timeout=0.1))
            await asyncio.sleep(0)
            patient = asyncio.create_task(client.get("a/b"))
            with self.assertRaises(DeadlineExceeded):
                await hasty
            self.assertIsNone(await patient)
            await client.close()

        with FakeServer(behave) as server:
            asyncio.run(run(server.address))

    def test_threads_that_wait_for_others_to_connect_keep_their_deadlines(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.read_kind(Kind.HELLO)
            there.read()

        def run() -> None:
            try:
                client.get("a/b")
            except Exception as error:
                caught.append(error)

        caught: list[Exception] = []
        with FakeServer(behave) as server:
            client = Client(server.address, timeout=0.2, connect_timeout=1_000)
            threads = [threading.Thread(target=run) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual([type(error) for error in caught], [DeadlineExceeded] * 6)

    def test_tasks_that_wait_for_others_to_connect_keep_their_deadlines(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.read_kind(Kind.HELLO)
            there.read()

        async def run(address: str) -> list[Any]:
            client = AsyncClient(address, timeout=0.2, connect_timeout=1_000)
            gets = (client.get("a/b") for _ in range(6))
            return await asyncio.gather(*gets, return_exceptions=True)

        with FakeServer(behave) as server:
            caught = asyncio.run(run(server.address))
        self.assertEqual([type(one) for one in caught], [DeadlineExceeded] * 6)

    def test_a_task_that_is_cancelled_leaves_the_others_their_turn(self) -> None:
        came, go = threading.Event(), threading.Event()

        def behave(there: FakeConnection) -> None:
            came.set()
            go.wait(20)
            there.greet()
            while True:
                number, _ = there.read_kind(Kind.REQUEST)
                there.send(response(NOTHING, number))

        async def run(address: str) -> None:
            client = AsyncClient(address)
            tasks = [asyncio.create_task(client.get("a/b")) for _ in range(4)]
            await asyncio.to_thread(came.wait, 20)
            tasks[0].cancel()
            tasks[2].cancel()
            go.set()
            told = await asyncio.gather(*tasks, return_exceptions=True)
            await client.close()
            self.assertEqual([told[1], told[3]], [None, None])
            self.assertIsInstance(told[0], asyncio.CancelledError)
            self.assertIsInstance(told[2], asyncio.CancelledError)

        with FakeServer(behave) as server:
            asyncio.run(run(server.address))


if __name__ == "__main__":
    unittest.main()
