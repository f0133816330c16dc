#!/usr/bin/env python3
"""The work of "mneme-bench load" over TCP on redis-server and PostgreSQL.

usage: network.py [--seconds S]

Records of 100 bytes under 10,000 keys. Gets are asked of a Redis that writes no file; durable puts
of one with appendfsync always, and of a PostgreSQL with its usual durability, whose table has an
index as Mneme's collection does. Prints a JSON line a figure.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import servers

GETS = [(1, 1), (1, 32), (16, 1)]
PUTS = [1, 16]


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


def redis(seconds):
    for durable in (False, True):
        with servers.redis(durable) as port:
            if port is None:
                return
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


def postgres(seconds):
    with servers.postgres() as server:
        if server is None:
            return
        server.run(
            "psql", *server.where, "-d", "postgres", "-c",
            "create table load (key text primary key, value bytea not null, grp bigint not null);"
            "create index on load (grp);"
            "insert into load select 'key:' || n, decode(repeat(md5(n::text), 6) || '00000000',"
            "'hex'), n / 20 from generate_series(0, 9999) n;")
        script = os.path.join(server.folder, "put.sql")
        with open(script, "w") as file:
            file.write("\\set n random(0, 9999)\n"
                       "insert into load values ('key:' || :n::text, "
                       "decode(repeat(md5((random())::text), 6) || '00000000', 'hex'), :n / 20) "
                       "on conflict (key) do update set value = excluded.value, "
                       "grp = excluded.grp;\n")
        os.chmod(script, 0o644)
        for connections in PUTS:
            done = server.run(
                "pgbench", *server.where, "-n", "-M", "prepared", "-f", script,
                "-c", str(connections), "-j", "1", "-T", str(max(2, int(seconds))), "postgres",
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            rate = float(re.search(r"tps = ([0-9.]+)", done.stdout).group(1))
            say("postgresql", f"durable put {connections}", rate)


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
    if shutil.which("redis-benchmark"):
        redis(seconds)
    else:
        print("network: no redis-benchmark here; going on without Redis", file=sys.stderr)
    postgres(seconds)


main()
