"""Waiting that is interrupted: a task that is cancelled, a signal that comes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
import unittest
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from mneme import AsyncClient, Client, _cbor, _frames, _protocol
from mneme._frames import Kind
from mneme._sync import connection
from mneme._sync.connection import Connection

from .support import NOTHING, Certificates, FakeConnection, FakeServer, response

Trace = Callable[[FrameType, str, Any], Any]


def answer_each(there: FakeConnection) -> None:
    """Answers each get with a record of the key that was asked for."""
    there.greet()
    while True:
        kind, _, number, payload = there.read()
        if kind is Kind.REQUEST:
            (reference,) = _cbor.decode(payload[8:])["get"]
            told = {"records": [{"collection": "a", "key": str(reference).removeprefix("a/")}]}
            there.send(response(_cbor.encode(told), number))


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

    def test_whenever_a_task_is_cancelled_the_next_request_is_answered(self) -> None:
        """After no turn of the loop, one, two; as it connects, is sent and is waited for."""

        async def run(address: str) -> None:
            for turns in range(40):
                async with contextlib.AsyncExitStack() as stack:
                    client = AsyncClient(address, pool_size=1, timeout=10)
                    stack.push_async_callback(client.close)
                    tasks = [asyncio.create_task(client.get(f"a/{n}")) for n in range(6)]
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    for task in tasks[::2]:
                        task.cancel()
                    await asyncio.gather(*tasks[::2], return_exceptions=True)
                    for number, task in enumerate(tasks):
                        record = None if task.cancelled() else await task
                        if number % 2:
                            assert record is not None, f"after {turns} turns"
                            self.assertEqual(record.key, str(number))
                    record = await client.get("a/next")
                    assert record is not None, f"after {turns} turns"
                    self.assertEqual(record.key, "next")

        with FakeServer(answer_each) as server:
            asyncio.run(run(server.address))

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

    def test_a_signal_does_not_cancel_what_another_thread_waits_for(self) -> None:
        go = threading.Event()

        def behave(there: FakeConnection) -> None:
            there.greet()
            number, _ = there.read_kind(Kind.REQUEST)
            go.wait(20)
            there.send(response(NOTHING, number))
            there.read_kind(Kind.GOODBYE)

        def interrupt(*_: object) -> None:
            # Once the other one waits as well.
            if len(pending._exchange.when_done) == 2:
                raise KeyboardInterrupt
            signal.setitimer(signal.ITIMER_REAL, 0.05)

        def wait() -> None:
            told.append(pending.result())

        told: list[object] = []
        before = signal.signal(signal.SIGALRM, interrupt)
        try:
            with FakeServer(behave) as server, Client(server.address) as client:
                pending = client.submit({"get": ["a/b"]})
                thread = threading.Thread(target=wait)
                thread.start()
                signal.setitimer(signal.ITIMER_REAL, 0.05)
                with self.assertRaises(KeyboardInterrupt):
                    pending.result()
                go.set()
                thread.join(20)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        self.assertEqual(told, [{"records": [None]}])

    def test_wherever_reading_is_interrupted_the_next_request_is_answered(self) -> None:
        """The first, the second, the n-th line fails, until none is left to fail."""
        functions = (Connection._wait_until, Connection._pump, Connection._stop_reading)
        codes = {function.__code__ for function in functions}
        count, connections = self.interrupt(lambda code: code in codes)
        self.assertGreater(count, 25)
        self.assertLess(connections, count // 4)  # Most of them leave the connection as it is.

    def test_wherever_a_request_is_interrupted_the_next_one_is_answered(self) -> None:
        """A connection of which nobody knows what went over it is left."""
        files = {module.__file__ for module in (connection, _protocol, _frames)}
        count, _ = self.interrupt(
            lambda code: code.co_filename in files and code.co_name != "__del__"
        )
        self.assertGreater(count, 100)

    def test_wherever_a_request_by_tls_is_interrupted_the_next_one_is_answered(self) -> None:
        certificates = Certificates()
        self.addCleanup(certificates.remove)
        count, _ = self.interrupt(
            lambda code: code.co_filename == connection.__file__ and code.co_name != "__del__",
            certificates,
        )
        self.assertGreater(count, 40)

    def interrupt(
        self, is_of: Callable[[CodeType], bool], certificates: Certificates | None = None
    ) -> tuple[int, int]:
        """How many lines were interrupted, and how many connections that took."""
        count = left = 0

        def trace(frame: FrameType, event: str, _: object) -> Trace | None:
            return trace_lines if is_of(frame.f_code) else None

        def trace_lines(frame: FrameType, event: str, _: object) -> Trace:
            nonlocal left
            if event == "line":
                left -= 1
                if left == 0:
                    raise KeyboardInterrupt
            return trace_lines

        there = None if certificates is None else certificates.of_server()
        here = None if certificates is None else certificates.of_client()
        with FakeServer(answer_each, there) as server:
            with Client(server.address, pool_size=1, timeout=10, tls=here) as client:
                while left == 0:
                    count += 1
                    left = count
                    before = sys.gettrace()
                    sys.settrace(trace)
                    try:
                        client.get(f"a/{count}")
                    except KeyboardInterrupt:
                        pass
                    finally:
                        sys.settrace(before)
                    record = client.get(f"a/{-count}")
                    assert record is not None, f"at {count}"
                    self.assertEqual(record.key, str(-count))
            return count, server.connections

    def test_threads_share_connections(self) -> None:
        def ask(client: Client, name: str) -> None:
            for index in range(100):
                record = client.get(f"a/{name}{index}")
                if record is None or record.key != f"{name}{index}":
                    wrong.append(name)

        wrong: list[str] = []
        with FakeServer(answer_each) as server, Client(server.address, pool_size=2) as client:
            threads = [threading.Thread(target=ask, args=(client, name)) for name in "abcdefgh"]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            self.assertLessEqual(server.connections, 2)
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
