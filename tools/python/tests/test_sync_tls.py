# Derived from tests/test_async_tls.py by tools/python/derive; change that one.
"""How a client that waits speaks TLS, to the real program and to what does not speak it."""

from __future__ import annotations

import unittest
from typing import Any

from mneme import Client
from mneme.errors import (
    BadRequest,
    DeadlineExceeded,
    Disconnected,
    Forbidden,
    TlsRequired,
    Unauthenticated,
)

from .support import Certificates, FakeConnection, FakeServer, Server


class TLSTests(unittest.TestCase):
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

    def client(self, certificate: str | None = None, **options: Any) -> Client:
        """A client that believes the server's authority."""
        tls = self.certificates.of_client(certificate)
        return Client(self.server.address, tls=tls, store="main", **options)

    def test_what_is_said_arrives(self) -> None:
        with self.client(token=self.token) as memory:
            texts = ["a" * 3_000_000, "b" * 700_000, "c"]
            for index, text in enumerate(texts):
                memory.remember(text, owner="bob", key=f"text-{index}")
            for index, text in enumerate(texts):
                record = memory.get(f"memories/text-{index}")
                assert record is not None
                self.assertEqual(record["text"], text)
            asked = [{"get": [f"memories/text-{n % 3}"]} for n in range(30)]
            for index, answer in enumerate(memory.request_all(asked)):
                assert isinstance(answer, dict)
                self.assertEqual(answer["records"][0]["fields"]["text"], texts[index % 3])

    def test_a_certificate_in_the_place_of_a_token(self) -> None:
        with self.client(token=self.token) as memory:
            memory.ping()  # The store is made by an admin.
        certificate = self.certificates.make("ann")
        with self.client(certificate, certified=True) as memory:
            memory.remember("Ann keeps tea", owner="ann")
            with self.assertRaises(Forbidden):
                memory.remember("Bob keeps tea", owner="bob")
        with self.assertRaises(Unauthenticated):
            self.client(self.certificates.make("stranger"), certified=True).open()
        with self.assertRaises(Unauthenticated):
            self.client(certified=True).open()

    def test_whoever_is_not_believed(self) -> None:
        others = Certificates()
        self.addCleanup(others.remove)
        stranger = Client(self.server.address, tls=others.of_client(), token=self.token)
        with self.assertRaises(Disconnected) as caught:
            stranger.open()
        self.assertIn("authorities", caught.exception.message)
        with self.assertRaises(Disconnected) as caught:
            self.client(token=self.token, server_name="elsewhere").open()
        self.assertIn("name", caught.exception.message)
        with self.client(token=self.token, server_name="localhost") as memory:
            memory.ping()

    def test_a_client_without_tls(self) -> None:
        with self.assertRaises(TlsRequired):
            Client(self.server.address, token=self.token).open()

    def test_a_server_without_tls(self) -> None:
        with Server() as plain:
            client = Client(plain.address, tls=self.certificates.of_client())
            with self.assertRaises(Disconnected) as caught:
                client.open()
            self.assertIn("TLS", caught.exception.message)

    def test_a_server_that_does_not_shake_hands(self) -> None:
        def behave(there: FakeConnection) -> None:
            while there.socket.recv(4_096):
                pass

        with FakeServer(behave) as server:
            tls = self.certificates.of_client()
            client = Client(server.address, tls=tls, connect_timeout=0.2)
            with self.assertRaises(DeadlineExceeded):
                client.open()
            client = Client(server.address, tls=tls)
            with self.assertRaises(DeadlineExceeded):
                client.request({"get": ["a/b"]}, timeout=0.2)

    def test_a_unix_socket_needs_a_name(self) -> None:
        certificates = self.certificates
        server = Server("--tls-cert", certificates.make("server"), unix=True)
        try:
            with self.assertRaises(BadRequest):
                Client(server.address, tls=certificates.of_client()).open()
            with Client(
                server.address, tls=certificates.of_client(), server_name="localhost"
            ) as memory:
                memory.ping()
        finally:
            server.stop()


if __name__ == "__main__":
    unittest.main()
