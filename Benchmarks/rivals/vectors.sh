#!/usr/bin/env bash
# The work of "mneme-bench vectors" on one peer in a process of its own: vectors.sh ENGINE
# [OPTION ...] (see vectors.sh hnswlib --help), or without an engine the names of those that install.
# "vectors.sh picture LINES PICTURE" draws what Benchmarks/compare kept.
# hnswlib comes as source and needs a C++ compiler and Python's headers.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
# Libraries that bring threads of their own get one.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1

need numpy numpy
case ${1:-} in
    "")
        "$python" "$rivals_directory/vector_engines.py" | while read -r engine module package; do
            if need "$module" "$package" </dev/null; then
                echo "$engine"
            else
                echo "rivals: $package does not install; going on without $engine" >&2
            fi
        done
        ;;
    picture)
        shift
        need matplotlib matplotlib
        exec "$python" "$rivals_directory/vector_picture.py" "$@"
        ;;
    *) exec "$python" "$rivals_directory/vectors.py" "$@" ;;
esac
