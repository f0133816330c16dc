"""A server of the real program, and one that sends what it is told."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from mneme import _cbor, _frames
from mneme._frames import Kind

PROJECT = Path(__file__).resolve().parents[3]
PROGRAM = os.environ.get("MNEME", str(PROJECT / ".build" / "debug" / "mneme"))


class Server:
    """`mneme serve` on stores of its own, on a port or a Unix socket."""

    def __init__(self, *arguments: str, unix: bool = False) -> None:
        self.directory = tempfile.mkdtemp(prefix="mneme-python-")
        self.address = f"unix:{self.directory}/socket" if unix else f"127.0.0.1:{free_port()}"
        self._arguments = arguments
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it, again where it was killed, and waits until it listens."""
        command = [PROGRAM, "serve", "--root", f"{self.directory}/stores"]
        command += ["--listen", self.address, "--backups", f"{self.directory}/backups"]
        command += self._arguments
        with open(f"{self.directory}/log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                connect(self.address).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        self.stop()
        raise RuntimeError(f"{PROGRAM} does not listen: {Path(self.directory, 'log').read_text()}")

    def token(self, name: str, *scopes: str) -> str:
        """Makes a token; from then on nobody is let in without one."""
        command = [PROGRAM, "token", "add", "--root", f"{self.directory}/stores", name, "--json"]
        made = subprocess.run([*command, *scopes], check=True, capture_output=True, text=True)
        return str(json.loads(made.stdout)["secret"])

    def kill(self) -> None:
        """Ends it as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ends it, and removes its stores."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Certificates:
    """An authority of its own, and what it certifies, made by openssl."""

    def __init__(self) -> None:
        self.directory = tempfile.mkdtemp(prefix="mneme-certificates-")
        self.authority = f"{self.directory}/ca.pem"
        Path(self.directory, "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self._run("req", "-x509", *self._fresh("ca"), "-out", self.authority, "-days", "30")

    def make(self, name: str) -> str:
        """The file of a certificate and its key."""
        made, request = f"{self.directory}/{name}.pem", f"{self.directory}/{name}.csr"
        self._run("req", *self._fresh(name), "-out", request)
        self._run(
            "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey",
            f"{self.directory}/ca.key", "-CAcreateserial", "-out", made, "-days", "30",
            "-extfile", f"{self.directory}/names",
        )  # fmt: skip
        with open(made, "a") as both:
            both.write(Path(self.directory, f"{name}.key").read_text())
        return made

    def _fresh(self, name: str) -> list[str]:
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        return [*kind, "-keyout", f"{self.directory}/{name}.key", "-subj", f"/CN={name}"]

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def of_client(self, certificate: str | None = None) -> ssl.SSLContext:
        """What a client speaks TLS by that believes the authority."""
        context = ssl.create_default_context(cafile=self.authority)
        if certificate is not None:
            context.load_cert_chain(certificate)
        return context

    def of_server(self) -> ssl.SSLContext:
        """What a server of these tests speaks TLS by."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.make("server"))
        return context

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def connect(address: str) -> socket.socket:
    if address.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(address.removeprefix("unix:"))
        except OSError:
            sock.close()
            raise
        return sock
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)))


WELCOME = struct.pack("<HHIQIIQQQH", 1, 0, 4, 0, 65_536, 131_072, 1 << 20, 1, 2, 4) + b"fake"


def welcome(payload: bytes = WELCOME) -> bytes:
    return _frames.frame(Kind.WELCOME, payload)


def response(body: bytes, id: int = 1, opcode: int = 4, *, last: bool = True) -> bytes:
    return _frames.frame(Kind.RESPONSE, body, id=id, opcode=opcode, flags=1 if last else 0)


NOTHING = _cbor.encode({"records": [None]})
"""The answer to a get of one record that is not there."""


def failed(code: int, action: int, id: int, detail: int = 0) -> bytes:
    """An error in the place of an answer; with the id 0 it ends the connection."""
    body = {"code": code, "name": "x", "action": "retry", "message": "So it is."}
    payload = struct.pack("<HBBI", code, action, 0, detail) + _cbor.encode(body)
    return _frames.frame(Kind.ERROR, payload, id=id)


class FakeServer:
    """Has `behave` talk to each client that connects, and closes the connection after it."""

    def __init__(
        self, behave: Callable[[FakeConnection], None], tls: ssl.SSLContext | None = None
    ) -> None:
        self._behave = behave
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.errors: list[BaseException] = []
        self.connections = 0
        self._threads: list[tuple[threading.Thread, socket.socket]] = []
        thread = threading.Thread(target=self._accept, daemon=True)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            if self._tls is not None:
                # The first byte that is wanted has it shake hands.
                sock = self._tls.wrap_socket(
                    sock, server_side=True, do_handshake_on_connect=False
                )
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            thread.start()
            self._threads.append((thread, sock))

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            try:
                self._behave(FakeConnection(sock))
            except (ConnectionError, EOFError, ssl.SSLError):
                pass
            except BaseException as error:
                self.errors.append(error)

    def __enter__(self) -> FakeServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread, sock in self._threads:
            thread.join(0.2)
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            thread.join(5)
        if error is None and self.errors:
            raise self.errors[0]


class FakeConnection:
    """A server's end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        sock.settimeout(20)  # A client that does not send what it should is an error, no hang.

    def read(self) -> tuple[Kind, int, int, bytes]:
        """Kind, opcode, id and payload of the next frame. Raises `EOFError` at the end."""
        length, kind, _, opcode, identifier = _frames.HEAD.unpack(self._exactly(12))
        return Kind(kind), opcode, identifier, self._exactly(length - 8)

    def read_kind(self, kind: Kind) -> tuple[int, bytes]:
        """Id and payload of the next frame, which is of a kind."""
        found, _, identifier, payload = self.read()
        if found is Kind.GOODBYE and kind is not found:
            raise EOFError
        if found is not kind:
            raise AssertionError(f"a {found.name} came, and no {kind.name}")
        return identifier, payload

    def send(self, *frames: bytes) -> None:
        self.socket.sendall(b"".join(frames))

    def greet(self) -> None:
        """Reads the hello and welcomes."""
        self.read_kind(Kind.HELLO)
        self.send(welcome())

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
