#!/usr/bin/env bash
# The work of "mneme-bench store" on SQLite, LMDB and RocksDB, each through its C library in a
# program of its own: store.sh ENGINE [OPTION ...], or without an engine the names of those that are
# here.
# Debian's packages of the peers are those that "tools/install --benchmarks" installs; peers whose
# package is missing are left out.
set -euo pipefail

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
    sed -n '2,/^[^#]/s/^# //p' "${BASH_SOURCE[0]}"
    exit 0
fi

source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
mkdir -p "$environment"
compiler=$(command -v cc || command -v clang || command -v gcc)

build() {
    local engine=$1 library=$2
    shift 2
    "$compiler" -std=gnu11 -O2 -Wall -Wextra "$@" -o "$environment/store_$engine" \
        "$rivals_directory/store.c" "$rivals_directory/store_records.c" \
        "$rivals_directory/store_$engine.c" "$library" -lpthread
}

build_one() {
    case $1 in
        sqlite) build sqlite -lsqlite3 ;;
        lmdb) build lmdb -llmdb ;;
        rocksdb)
            build rocksdb -lrocksdb "-DROCKSDB_VERSION=\"$(pkg-config --modversion rocksdb)\""
            ;;
        *) echo "store: there is no engine $1" >&2; return 2 ;;
    esac
}

has() { "$compiler" -E -include "$1" -x c /dev/null >/dev/null 2>&1; }

if [ $# -eq 0 ]; then
    has sqlite3.h && echo sqlite
    has lmdb.h && echo lmdb
    has rocksdb/c.h && echo rocksdb
    exit 0
fi
engine=$1
shift
build_one "$engine"
exec "$environment/store_$engine" "$@"
