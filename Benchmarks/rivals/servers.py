"""Servers of the peers, each with a place of its own that goes when it is through."""

import contextlib
import glob
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"servers: nobody listens on port {port}")


@contextlib.contextmanager
def folder_for_a_while():
    folder = tempfile.mkdtemp(prefix="mneme-rivals-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis(durable):
    """A Redis that writes no file, or one with appendfsync always; yields its port, or None."""
    if not shutil.which("redis-server"):
        print("servers: no Redis here; going on without it", file=sys.stderr)
        yield None
        return
    with folder_for_a_while() as folder:
        port = free_port()
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--dir", folder, "--save", "",
             "--appendonly", "yes" if durable else "no", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait()


class Postgres:
    """A running PostgreSQL with its usual durability."""

    def __init__(self, folder, port, prefix):
        self.folder, self.port, self.prefix = folder, port, prefix
        self.where = ["-h", "127.0.0.1", "-p", str(port), "-U", "bench"]

    def run(self, *command, **more):
        """Runs a program as the user whom the server belongs to."""
        return subprocess.run([*self.prefix, *command], check=True, cwd="/",
                              **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
                                 **more})


@contextlib.contextmanager
def postgres():
    """A cluster of its own, where synchronous_commit is on as usual; yields it, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    missing = None if found and shutil.which("pgbench") else "no PostgreSQL here"
    prefix = []
    if not missing and os.geteuid() == 0:
        # It refuses to run as root.
        prefix = ["runuser", "-u", "postgres", "--"]
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            missing = "PostgreSQL needs a user postgres here"
    if missing:
        print(f"servers: {missing}; going on without it", file=sys.stderr)
        yield None
        return
    with folder_for_a_while() as folder:
        if prefix:
            shutil.chown(folder, "postgres")
            os.chmod(folder, 0o755)
        data, programs = os.path.join(folder, "postgres"), found[-1]
        one = Postgres(folder, free_port(), prefix)
        one.run(programs + "/initdb", "-D", data, "-A", "trust", "-U", "bench", "--locale", "C",
                "-E", "UTF8")
        # A quarter of a machine's memory and room for the log are what its manual advises.
        one.run(programs + "/pg_ctl", "-D", data, "-w", "-l", data + "/log", "-o",
                f"-p {one.port} -k {folder} -c shared_buffers=1GB -c max_wal_size=4GB", "start")
        try:
            yield one
        finally:
            one.run(programs + "/pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
