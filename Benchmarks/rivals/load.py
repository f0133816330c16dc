"""The peers' servers for "mneme-bench load", which drives them itself.

usage: load.py run MNEME_BENCH FOLDER ENGINE[,ENGINE...] SCENARIO... -- OPTION...

Starts PostgreSQL or Redis (appendfsync always) and has MNEME_BENCH load it with each scenario of
the folder, one after another, with the options given. Prints the JSON lines of mneme-bench. A
scenario that says nothing for an engine is left out.
"""

import json
import os
import subprocess
import sys

import servers


def load(program, path, engine, address, options):
    command = [program, "load", "--scenario", path, "--engine", engine, "--connect", address,
               "--json", *options]
    print("load: " + " ".join(command), file=sys.stderr)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"load: mneme-bench ended with status {done.returncode}")
    print(done.stdout, end="", flush=True)


def says(path, engine):
    with open(path, encoding="utf-8") as file:
        return all(engine in one for one in json.load(file)["operations"])


def main():
    words = sys.argv[1:]
    if len(words) < 4 or words[0] != "run" or "--" not in words:
        print(__doc__.strip())
        sys.exit(0 if words[:1] in (["--help"], ["-h"]) else 2)
    program, folder, engines = words[1:4]
    place = words.index("--")
    names, options = words[4:place], words[place + 1:]
    for engine in engines.split(","):
        paths = [path for path in (os.path.join(folder, name + ".json") for name in names)
                 if says(path, engine)]
        if not paths:
            continue
        with (servers.redis(True) if engine == "redis" else servers.postgres()) as server:
            if server is None:
                continue
            port = server if engine == "redis" else server.port
            for path in paths:
                load(program, path, engine, f"127.0.0.1:{port}", options)


main()
