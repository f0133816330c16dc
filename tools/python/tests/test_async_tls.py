"""How a client of asyncio speaks TLS, to the real program and to what does not speak it."""

from __future__ import annotations

import unittest
from typing import Any

from mneme import AsyncClient
from mneme.errors import (
    BadRequest,
    DeadlineExceeded,
    Disconnected,
    Forbidden,
    TlsRequired,
    Unauthenticated,
)

from .support import Certificates, FakeConnection, FakeServer, Server


class TLSTests(unittest.IsolatedAsyncioTestCase):
    certificates: Certificates
    server: Server
    token: str

    @classmethod
    def setUpClass(cls) -> None:
        cls.certificates = Certificates()
        own = cls.certificates.make("server")
        cls.server = Server("--tls-cert", own, "--tls-clients", cls.certificates.authority)
        cls.token = cls.server.token("root", "--role", "admin")
        cls.server.token("ann", "--role", "write", "--owners", "ann", "--stores", "main")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.server.stop()
        cls.certificates.remove()

    def client(self, certificate: str | None = None, **options: Any) -> AsyncClient:
        """A client that believes the server's authority."""
        tls = self.certificates.of_client(certificate)
        return AsyncClient(self.server.address, tls=tls, store="main", **options)

    async def test_what_is_said_arrives(self) -> None:
        async with self.client(token=self.token) as memory:
            texts = ["a" * 3_000_000, "b" * 700_000, "c"]
            for index, text in enumerate(texts):
                await memory.remember(text, owner="bob", key=f"text-{index}")
            for index, text in enumerate(texts):
                record = await memory.get(f"memories/text-{index}")
                assert record is not None
                self.assertEqual(record["text"], text)
            asked = [{"get": [f"memories/text-{n % 3}"]} for n in range(30)]
            for index, answer in enumerate(await memory.request_all(asked)):
                assert isinstance(answer, dict)
                self.assertEqual(answer["records"][0]["fields"]["text"], texts[index % 3])

    async def test_a_certificate_in_the_place_of_a_token(self) -> None:
        async with self.client(token=self.token) as memory:
            await memory.ping()  # The store is made by an admin.
        certificate = self.certificates.make("ann")
        async with self.client(certificate, certified=True) as memory:
            await memory.remember("Ann keeps tea", owner="ann")
            with self.assertRaises(Forbidden):
                await memory.remember("Bob keeps tea", owner="bob")
        with self.assertRaises(Unauthenticated):
            await self.client(self.certificates.make("stranger"), certified=True).open()
        with self.assertRaises(Unauthenticated):
            await self.client(certified=True).open()

    async def test_whoever_is_not_believed(self) -> None:
        others = Certificates()
        self.addCleanup(others.remove)
        stranger = AsyncClient(self.server.address, tls=others.of_client(), token=self.token)
        with self.assertRaises(Disconnected) as caught:
            await stranger.open()
        self.assertIn("authorities", caught.exception.message)
        with self.assertRaises(Disconnected) as caught:
            await self.client(token=self.token, server_name="elsewhere").open()
        self.assertIn("name", caught.exception.message)
        async with self.client(token=self.token, server_name="localhost") as memory:
            await memory.ping()

    async def test_a_client_without_tls(self) -> None:
        with self.assertRaises(TlsRequired):
            await AsyncClient(self.server.address, token=self.token).open()

    async def test_a_server_without_tls(self) -> None:
        with Server() as plain:
            client = AsyncClient(plain.address, tls=self.certificates.of_client())
            with self.assertRaises(Disconnected) as caught:
                await client.open()
            self.assertIn("TLS", caught.exception.message)

    async def test_a_server_that_does_not_shake_hands(self) -> None:
        def behave(there: FakeConnection) -> None:
            while there.socket.recv(4_096):
                pass

        with FakeServer(behave) as server:
            tls = self.certificates.of_client()
            client = AsyncClient(server.address, tls=tls, connect_timeout=0.2)
            with self.assertRaises(DeadlineExceeded):
                await client.open()
            client = AsyncClient(server.address, tls=tls)
            with self.assertRaises(DeadlineExceeded):
                await client.request({"get": ["a/b"]}, timeout=0.2)

    async def test_a_unix_socket_needs_a_name(self) -> None:
        certificates = self.certificates
        server = Server("--tls-cert", certificates.make("server"), unix=True)
        try:
            with self.assertRaises(BadRequest):
                await AsyncClient(server.address, tls=certificates.of_client()).open()
            async with AsyncClient(
                server.address, tls=certificates.of_client(), server_name="localhost"
            ) as memory:
                await memory.ping()
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main()
