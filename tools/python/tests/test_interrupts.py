"""Waiting that is interrupted: a task that is cancelled, a signal that comes."""

from __future__ import annotations

import asyncio
import signal
import threading
import unittest

from mneme import AsyncClient, Client, _cbor
from mneme._frames import Kind

from .support import FakeConnection, FakeServer, response

NOTHING = _cbor.encode({"records": [None]})


class InterruptTests(unittest.TestCase):
    def setUp(self) -> None:
        self.came = threading.Event()

    def behave(self, there: FakeConnection) -> None:
        there.greet()
        first, _ = there.read_kind(Kind.REQUEST)
        self.came.set()
        self.assertEqual(there.read_kind(Kind.CANCEL), (first, b""))
        there.send(response(NOTHING, first))
        second, _ = there.read_kind(Kind.REQUEST)
        there.send(response(NOTHING, second))
        there.read()

    def test_cancelling_a_task_cancels_its_request(self) -> None:
        async def run(address: str) -> None:
            async with AsyncClient(address, pool_size=1) as client:
                task = asyncio.create_task(client.get("a/b"))
                await asyncio.to_thread(self.came.wait, 10)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                self.assertIsNone(await client.get("a/b"))

        with FakeServer(self.behave) as server:
            asyncio.run(run(server.address))
            self.assertEqual(server.connections, 1)

    def test_a_timeout_of_asyncio_cancels_too(self) -> None:
        async def run(address: str) -> None:
            async with AsyncClient(address, pool_size=1) as client:
                with self.assertRaises(asyncio.TimeoutError):
                    await asyncio.wait_for(client.get("a/b"), 0.1)
                self.assertIsNone(await client.get("a/b"))

        with FakeServer(self.behave) as server:
            asyncio.run(run(server.address))

    def test_a_signal_that_interrupts_cancels_the_request(self) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            with FakeServer(self.behave) as server, Client(server.address, pool_size=1) as client:
                signal.setitimer(signal.ITIMER_REAL, 0.1)
                with self.assertRaises(KeyboardInterrupt):
                    client.get("a/b")
                self.assertIsNone(client.get("a/b"))
                self.assertEqual(server.connections, 1)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def test_threads_share_connections(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.greet()
            while True:
                number, payload = there.read_kind(Kind.REQUEST)
                told = {"records": [{"collection": "a", "key": _key(payload)}]}
                there.send(response(_cbor.encode(told), number))

        def ask(client: Client, name: str) -> None:
            for index in range(100):
                record = client.get(f"a/{name}{index}")
                if record is None or record.key != f"{name}{index}":
                    wrong.append(name)

        wrong: list[str] = []
        with FakeServer(behave) as server, Client(server.address, pool_size=2) as client:
            threads = [threading.Thread(target=ask, args=(client, name)) for name in "abcdefgh"]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self.assertLessEqual(server.connections, 2)
        self.assertEqual(wrong, [])


def _key(payload: bytes) -> str:
    (reference,) = _cbor.decode(payload[8:])["get"]
    return str(reference).removeprefix("a/")


if __name__ == "__main__":
    unittest.main()
