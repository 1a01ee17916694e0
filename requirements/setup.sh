#!/usr/bin/env bash
# Builds .venv/ (Python 3.11, the hash-locked packages, twinlib itself) and vendor/ (scripts that built pages load).
# Needs Python 3.11 with pip, nothing else: uv and npm are fetched by pip when the machine has none.
# A second call with nothing changed returns at once.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE  # without .pyc files every import costs three times as much
unset VIRTUAL_ENV CONDA_PREFIX # an activated foreign environment must not receive our packages
bootstrap=build/bootstrap

hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

# --- uv -------------------------------------------------------------------------------------------------------------
find_python() {
    local candidate
    for candidate in python3.11 python3 python3.12 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$candidate"; return; fi
    done
    echo "No Python 3.11 or newer on PATH. Install it (for instance: apt-get install python3 python3-pip) and try again." >&2
    return 1
}

bring_uv() {  # prints a command that is uv
    if command -v uv || command -v .venv/bin/uv; then return; fi
    if [ ! -x "$bootstrap/bin/uv" ]; then
        local python pinned
        python=$(find_python)
        pinned=$(mktemp)
        sed -n '/^uv==/,/^ *#/p' requirements/lock.txt >"$pinned"  # the locked version with its hashes
        echo "== uv is missing: fetching the locked one into $bootstrap/" >&2
        "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
            --require-hashes --no-deps --target "$bootstrap" --upgrade -r "$pinned" >&2
        rm -f "$pinned"
    fi
    echo "$PWD/$bootstrap/bin/uv"
}

install_packages() {
    local wanted uv
    wanted=$(hash_of requirements/lock.txt pyproject.toml)
    if [ "$(cat .venv/.installed 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c 'import twinlib' 2>/dev/null; then return; fi
    uv=$(bring_uv)
    echo "== Packages: requirements/lock.txt into .venv/"
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
        "$uv" venv --quiet --clear --python 3.11 .venv || {
            echo "Python 3.11 is not here and could not be fetched. Install it, or use environment.yml with conda." >&2
            return 1
        }
    fi
    export VIRTUAL_ENV="$PWD/.venv"
    "$uv" pip sync --quiet --require-hashes requirements/lock.txt
    "$uv" pip install --quiet --no-deps --no-build-isolation --editable .
    unset VIRTUAL_ENV
    echo "$wanted" >.venv/.installed
}

# --- scripts of the pages -------------------------------------------------------------------------------------------
bring_npm() {  # puts npm on PATH
    if command -v npm >/dev/null; then return; fi
    local uv
    uv=$(bring_uv)
    echo "== npm is missing: fetching the locked one into $bootstrap/node/"
    "$uv" venv --quiet --allow-existing --python .venv/bin/python "$bootstrap/node"
    VIRTUAL_ENV="$PWD/$bootstrap/node" "$uv" pip sync --quiet --require-hashes requirements/node.txt
    export PATH="$PWD/$bootstrap/node/bin:$PATH"
}

install_scripts() {
    local wanted work
    wanted=$(hash_of requirements/js/package-lock.json)
    if [ "$(cat vendor/.installed 2>/dev/null)" = "$wanted" ]; then return; fi
    bring_npm
    echo "== Scripts of the pages: requirements/js/package-lock.json into vendor/"
    work=$(mktemp -d)
    cp requirements/js/package.json requirements/js/package-lock.json "$work"
    (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null)
    rm -rf vendor
    mkdir -p vendor/_static/vendor vendor/tests
    cp "$work"/node_modules/mathjax/es5/tex-svg.js \
        "$work"/node_modules/requirejs/require.js \
        "$work"/node_modules/@jupyter-widgets/html-manager/dist/embed-amd.js \
        "$work"/node_modules/@jupyter-widgets/html-manager/dist/*.woff2 vendor/_static/vendor/
    cp "$work"/node_modules/axe-core/axe.min.js vendor/tests/ # looks at pages in a test; no page carries it
    rm -rf "$work" "$bootstrap/node"
    echo "$wanted" >vendor/.installed
}

# `requirements/setup.sh scripts` leaves the packages alone: for environments that conda made.
if [ "${1:-all}" != scripts ]; then install_packages; fi
install_scripts
