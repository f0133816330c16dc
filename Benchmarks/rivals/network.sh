#!/usr/bin/env bash
# The work of "mneme-bench load" over TCP on redis-server and PostgreSQL. Options: network.py --help.
# Debian's packages redis-server, redis-tools and postgresql bring the peers; those that are missing
# are left out.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
mkdir -p "$environment"
compiler=$(command -v cc || command -v clang || command -v gcc)
"$compiler" -O2 -o "$environment/redis_load" "$rivals_directory/redis_load.c"
export REDIS_LOAD=$environment/redis_load
exec python3 "$rivals_directory/network.py" "$@"
