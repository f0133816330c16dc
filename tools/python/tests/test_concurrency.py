"""Many who ask the real program at once: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
import unittest
from typing import Any

from mneme import AsyncClient, AsyncTransaction, Client, Transaction
from mneme.values import ReferenceLike

from .support import Server

COUNTER: ReferenceLike = "counters/a"
COUNTERS: dict[str, Any] = {"name": "counters", "fields": [{"name": "count", "type": "int"}]}


class ConcurrencyTests(unittest.TestCase):
    def test_threads_count_in_transactions(self) -> None:
        def add(both: Transaction) -> None:
            record = both.get(COUNTER)
            assert record is not None
            both.put("counters", {"count": record["count"] + 1}, key="a")

        def run(client: Client) -> None:
            for _ in range(10):
                client.transact(add, attempts=1_000)

        with Server() as server, Client(server.address, pool_size=3) as client:
            client.define([COUNTERS])
            client.put("counters", {"count": 0}, key="a")
            threads = [threading.Thread(target=run, args=(client,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            record = client.get(COUNTER)
            assert record is not None
            self.assertEqual(record["count"], 40)

    def test_tasks_count_in_transactions(self) -> None:
        async def add(both: AsyncTransaction) -> None:
            record = await both.get(COUNTER)
            assert record is not None
            await both.put("counters", {"count": record["count"] + 1}, key="a")

        async def run(address: str) -> None:
            async with AsyncClient(address, pool_size=3) as client:
                await client.define([COUNTERS])
                await client.put("counters", {"count": 0}, key="a")
                await asyncio.gather(*(client.transact(add, attempts=1_000) for _ in range(40)))
                record = await client.get(COUNTER)
                assert record is not None
                self.assertEqual(record["count"], 40)

        with Server() as server:
            asyncio.run(run(server.address))

    def test_more_requests_than_a_server_takes(self) -> None:
        async def run(address: str) -> None:
            async with AsyncClient(address, pool_size=1, timeout=600) as client:
                await client.define([COUNTERS])
                puts = (client.put("counters", {"count": n}, key=str(n)) for n in range(1_000))
                await asyncio.gather(*puts)
                self.assertEqual((await client.count("counters")).count, 1_000)

        with Server("--durability", "buffered") as server:
            asyncio.run(run(server.address))


if __name__ == "__main__":
    unittest.main()
