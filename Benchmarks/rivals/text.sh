#!/usr/bin/env bash
# The work of "mneme-bench text" on SQLite's FTS5 and on tantivy, where that installs. Options:
# text.py --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
need tantivy tantivy || echo "rivals: tantivy does not install; going on without it" >&2
exec "$python" "$rivals_directory/text.py" "$@"
