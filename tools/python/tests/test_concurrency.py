"""Many who ask the real program at once: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import threading
import unittest
from typing import Any

from mneme import AsyncClient, AsyncTransaction, Client, Transaction, _cbor
from mneme._async.connection import AsyncConnection
from mneme._frames import Kind
from mneme._options import Address, Options
from mneme._protocol import Exchange
from mneme.values import ReferenceLike

from .support import FakeConnection, FakeServer, Server, response

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
            async with AsyncClient(address, pool_size=1, timeout=120) as client:
                await client.define([COUNTERS])
                puts = (client.put("counters", {"count": n}, key=str(n)) for n in range(1_000))
                await asyncio.gather(*puts)
                self.assertEqual((await client.count("counters")).count, 1_000)

        with Server("--durability", "buffered") as server:
            asyncio.run(run(server.address))

    def test_what_comes_before_the_loop_turns_is_noticed(self) -> None:
        """A request waits for room, and all that is in flight ends in the same turn of the loop."""

        def behave(there: FakeConnection) -> None:
            there.greet()
            for _ in range(4):
                there.read_kind(Kind.REQUEST)
            id, _ = there.read_kind(Kind.REQUEST)
            there.send(response(_cbor.encode({"records": []}), id))

        async def run(address: str) -> None:
            connection = await AsyncConnection.open(Options(Address.read(address)))

            async def submit() -> Exchange:
                return await connection.submit(4, b"", timeout=20, durability=0)

            full = [await submit() for _ in range(4)]
            waiting = asyncio.create_task(submit())
            await asyncio.sleep(0)
            self.assertFalse(waiting.done())
            connection.data_received(b"".join(response(b"", one.id) for one in full))
            self.assertTrue(all(one.is_done for one in full))
            await connection.wait(await waiting, 20)
            await connection.close()

        with FakeServer(behave) as server:
            asyncio.run(run(server.address))


if __name__ == "__main__":
    unittest.main()
