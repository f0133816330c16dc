#!/usr/bin/env bash
# The work of "mneme-bench recall" on tantivy and hnswlib in one process. Options: recall.py --help.
# hnswlib comes as source and needs a C++ compiler and Python's headers.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
need numpy numpy
need hnswlib hnswlib
need tantivy tantivy
exec "$python" "$rivals_directory/recall.py" "$@"
