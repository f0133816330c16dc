"""How a client of asyncio connects: to servers that are not there, are late, or are others."""

from __future__ import annotations

import contextlib
import socket
import unittest
from typing import Any

from mneme import AsyncClient
from mneme._frames import Kind
from mneme.errors import BadFrame, BadRequest, DeadlineExceeded, Disconnected, UnsupportedVersion

from .support import FakeConnection, FakeServer, failed, free_port, welcome


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

    async def test_a_server_that_does_not_take_the_connection(self) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
            address = listening.getsockname()
            with contextlib.ExitStack() as others:
                for _ in range(4):  # So many that the next one is left waiting.
                    other = others.enter_context(socket.socket())
                    other.setblocking(False)
                    other.connect_ex(address)
                with self.assertRaises(DeadlineExceeded):
                    await AsyncClient(f"127.0.0.1:{address[1]}", connect_timeout=0.2).open()

    async def test_connecting_counts_into_the_time_of_a_request(self) -> None:
        def behave(there: FakeConnection) -> None:
            there.read_kind(Kind.HELLO)
            there.read()

        with FakeServer(behave) as server:
            client = AsyncClient(server.address, connect_timeout=1_000)
            with self.assertRaises(DeadlineExceeded):
                await client.request({"get": ["a/b"]}, timeout=0.1)
            with self.assertRaises(DeadlineExceeded):
                await client.submit({"get": ["a/b"]}, timeout=0.1)
            with self.assertRaises(DeadlineExceeded):
                await client.request_all([{"get": ["a/b"]}], timeout=0.1)
            with self.assertRaises(DeadlineExceeded):
                await client.ping(timeout=0.1)
            with self.assertRaises(DeadlineExceeded):
                await client.but(timeout=0.1).transaction().begin()

    async def test_a_name_that_no_machine_can_have(self) -> None:
        with self.assertRaises(Disconnected):
            await AsyncClient(f"{'a' * 70}:7411").open()

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


if __name__ == "__main__":
    unittest.main()
