#!/usr/bin/env python3
"""The work of "mneme-bench load" over TCP on redis-server and PostgreSQL.

usage: network.py [--seconds S]

Records of 100 bytes under 10,000 keys. Gets are asked of a Redis that writes no file; durable puts
of one with appendfsync always, and of a PostgreSQL with its usual durability, whose table has an
index as Mneme's collection does. Prints a JSON line a figure.
"""

import glob
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

GETS = [(1, 1), (1, 32), (16, 1)]
PUTS = [1, 16]


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
    sys.exit(f"network: nobody listens on port {port}")


def say(engine, event, rate):
    print(json.dumps({"bench": "network", "engine": engine, "event": event,
                      "requestsPerSecond": rate}), flush=True)


def spinning(port, verb, connections, depth, seconds):
    command = [os.environ["REDIS_LOAD"], str(port), verb, str(connections), str(depth),
               str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def own_tool(port, verb, connections, depth, requests):
    command = ["redis-benchmark", "-p", str(port), "-t", verb, "-r", "10000", "-d", "100",
               "-n", str(requests), "-c", str(connections), "-P", str(depth), "--csv"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(text.strip().splitlines()[-1].split(",")[1].strip('"'))


def redis(folder, seconds):
    for durable in (False, True):
        port = free_port()
        place = os.path.join(folder, "durable" if durable else "fast")
        os.makedirs(place)
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--dir", place, "--save", "",
             "--appendonly", "yes" if durable else "no", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL)
        try:
            wait_for(port)
            if not durable:
                for connections, depth in GETS:
                    event = f"get {connections}x{depth}"
                    rate = spinning(port, "get", connections, depth, seconds)
                    say("redis", event, rate)
                    count = int(rate * seconds * 0.5)
                    say("redis redis-benchmark", event,
                        own_tool(port, "get", connections, depth, count))
            else:
                for connections in PUTS:
                    event = f"durable put {connections}"
                    rate = spinning(port, "set", connections, 1, seconds)
                    say("redis", event, rate)
                    count = int(rate * seconds)
                    say("redis redis-benchmark", event,
                        own_tool(port, "set", connections, 1, count))
        finally:
            server.terminate()
            server.wait()


def postgres(folder, seconds):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found or not shutil.which("pgbench"):
        print("network: no PostgreSQL here; going on without it", file=sys.stderr)
        return
    programs = found[-1]
    prefix = []
    if os.geteuid() == 0:
        # It refuses to run as root.
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            print("network: PostgreSQL needs a user postgres here; going on without it",
                  file=sys.stderr)
            return
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
        os.chmod(folder, 0o755)
    data = os.path.join(folder, "postgres")
    port = free_port()

    def run(*command, **more):
        subprocess.run([*prefix, *command], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd="/", **more)

    run(programs + "/initdb", "-D", data, "-A", "trust", "-U", "bench")
    run(programs + "/pg_ctl", "-D", data, "-w", "-l", data + "/log", "-o",
        f"-p {port} -k {folder} -c shared_buffers=1GB -c max_wal_size=4GB", "start")
    try:
        where = ["-h", "127.0.0.1", "-p", str(port), "-U", "bench"]
        run("psql", *where, "-d", "postgres", "-c",
            "create table load (key text primary key, value bytea not null, grp bigint not null);"
            "create index on load (grp);"
            "insert into load select 'key:' || n, decode(repeat(md5(n::text), 6) || '00000000',"
            "'hex'), n / 20 from generate_series(0, 9999) n;")
        script = os.path.join(folder, "put.sql")
        with open(script, "w") as file:
            file.write("\\set n random(0, 9999)\n"
                       "insert into load values ('key:' || :n::text, "
                       "decode(repeat(md5((random())::text), 6) || '00000000', 'hex'), :n / 20) "
                       "on conflict (key) do update set value = excluded.value, "
                       "grp = excluded.grp;\n")
        os.chmod(script, 0o644)
        for connections in PUTS:
            done = subprocess.run(
                [*prefix, "pgbench", *where, "-n", "-M", "prepared", "-f", script,
                 "-c", str(connections), "-j", "1", "-T", str(max(2, int(seconds))), "postgres"],
                check=True, capture_output=True, text=True, cwd="/")
            rate = float(re.search(r"tps = ([0-9.]+)", done.stdout).group(1))
            say("postgresql", f"durable put {connections}", rate)
    finally:
        run(programs + "/pg_ctl", "-D", data, "-w", "-m", "fast", "stop")


def main():
    words = sys.argv[1:]
    if "--help" in words or "-h" in words:
        print(__doc__.strip())
        return
    seconds = 3.0
    if words[:1] == ["--seconds"] and len(words) == 2:
        seconds = float(words[1])
    elif words:
        sys.exit("network: the one option is --seconds S")
    folder = tempfile.mkdtemp(prefix="mneme-rivals-")
    try:
        if shutil.which("redis-server") and shutil.which("redis-benchmark"):
            redis(folder, seconds)
        else:
            print("network: no Redis here; going on without it", file=sys.stderr)
        postgres(folder, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
