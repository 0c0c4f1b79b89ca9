# Makes the virtual environment $VENV with $PYTHON, or with the first Python >= 3.11 that works.
set -eu

if [ -x "$VENV/bin/python" ] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$candidate" -c "$new_enough" >/dev/null 2>&1; then
        found=$candidate
        if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            echo "making $VENV with $("$candidate" --version) ($(command -v "$candidate"))"
            "$candidate" -m venv "$VENV"
            exit 0
        fi
    fi
done

if [ -n "${found:-}" ]; then
    version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$found cannot make virtual environments. On Debian and Ubuntu: apt install python$version-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "PYTHON=$PYTHON is not a Python of version 3.11 or newer." >&2
else
    echo "Ostagram needs Python 3.11 or newer; none was found. Name yours: make run PYTHON=/path/to/python3" >&2
fi
exit 1
