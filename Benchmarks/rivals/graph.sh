#!/usr/bin/env bash
# The work of "mneme-bench graph" on SQLite and on Kuzu, where that installs. Options: graph.py --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
need kuzu kuzu || echo "rivals: kuzu does not install; going on without it" >&2
exec "$python" "$rivals_directory/graph.py" "$@"
