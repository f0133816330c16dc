#!/usr/bin/env bash
# The work of "mneme import wordnet" on SQLite, without vectors. Options: wordnet.py --help.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
need sqlite3 pip
exec "$python" "$rivals_directory/wordnet.py" "$@"
