"""A client of asyncio as the real program is killed, ended and started again."""

from __future__ import annotations

import asyncio
import threading
import time
import unittest
from typing import Any

from mneme import AsyncClient, Reference, changes
from mneme.records import Change

from .support import Server

NOTES: dict[str, Any] = {"name": "notes", "fields": [{"name": "count", "type": "int"}]}


class RestartTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.server = Server()

    def tearDown(self) -> None:
        self.server.stop()

    def restart_later(self) -> threading.Thread:
        """Kills the server now, and starts it in a moment."""
        self.server.kill()

        def start() -> None:
            time.sleep(0.2)
            self.server.start()

        thread = threading.Thread(target=start)
        thread.start()
        return thread

    async def test_what_may_be_asked_again_survives_a_kill(self) -> None:
        async with AsyncClient(self.server.address, retries=12, retry_writes=True) as store:
            await store.define([NOTES])
            await store.put("notes", {"count": 0}, key="a")
            for _ in range(2):
                thread = self.restart_later()
                await store.patch("notes", "a", increment={"count": 1})
                record = await store.get("notes/a")
                thread.join()
            assert record is not None
            self.assertEqual(record["count"], 2)

    async def test_a_watch_misses_nothing(self) -> None:
        async with AsyncClient(self.server.address, retries=12) as store:
            await store.define([NOTES])
            watch = store.watch(collections=["notes"], wait=1)
            await watch.begin()
            await store.commit([changes.put("notes", {"count": n}, key=str(n)) for n in range(3)])
            seen: list[Change] = []
            async for change in watch:
                seen.append(change)
                if len(seen) == 3:
                    break
            self.assertEqual([one.put["count"] for one in seen if one.put], [0, 1, 2])
            self.restart_later().join()
            await asyncio.sleep(0.05)  # The loop hears of the end of its connection.
            await store.delete("notes/1")
            async for change in watch:
                self.assertEqual(change.delete, Reference("notes", "1"))
                break
            assert watch.position is not None
            again = store.watch(watch.position, collections=["notes"])
            async for change in again:
                self.assertEqual(change.delete, Reference("notes", "1"))
                break

    async def test_a_server_that_ends_in_order(self) -> None:
        async with AsyncClient(self.server.address) as store:
            await store.define([NOTES])
            await store.put("notes", {"count": 1}, key="a")
            assert self.server.process is not None
            self.server.process.terminate()
            self.server.process.wait()
            self.server.start()
            await asyncio.sleep(0.05)
            self.assertIsNotNone(await store.get("notes/a"))
            await store.put("notes", {"count": 1}, key="b")


if __name__ == "__main__":
    unittest.main()
