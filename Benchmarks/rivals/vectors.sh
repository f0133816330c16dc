#!/usr/bin/env bash
# The work of "mneme-bench vectors" on faiss-cpu's flat index. Options: vectors.py --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
need numpy numpy
need faiss faiss-cpu
exec "$python" "$rivals_directory/vectors.py" "$@"
