# Sourced by the scripts here: sets up an own Python environment with the peers, once, and puts its
# interpreter into $python. MNEME_RIVALS names another place than .build/rivals.

rivals_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=${MNEME_RIVALS:-$rivals_directory/../../.build/rivals}
python=$environment/bin/python

# Installs Python packages unless they can be imported already: need IMPORT_NAME PACKAGE.
need() {
    if [ ! -x "$python" ]; then
        echo "rivals: making a Python environment in $environment" >&2
        python3 -m venv "$environment"
    fi
    if ! "$python" -c "import $1" 2>/dev/null; then
        echo "rivals: installing $2 from PyPI" >&2
        "$python" -m pip install --quiet --disable-pip-version-check "$2" >&2
    fi
}
