#!/usr/bin/env bash
# The peers of "mneme-bench load", and the picture of a comparison: load.py --help,
# load_picture.py --help. Debian's packages redis-server and postgresql bring the peers; those that
# are missing are left out.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"
case "${1:-}" in
picture)
    shift
    need matplotlib matplotlib
    exec "$python" "$rivals_directory/load_picture.py" "$@"
    ;;
*) exec python3 "$rivals_directory/load.py" "$@" ;;
esac
