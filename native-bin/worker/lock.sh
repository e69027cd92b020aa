#!/bin/sh
# Makes requirements.lock, requirements-evaluation.lock and requirements-test.lock from pyproject.toml. Needs uv (`pip install uv`).
# Pins stay as they are where they still fit; `sh lock.sh --upgrade` takes the newest of everything.
#
# Exact pins of the whole tree for every platform and Python >= 3.11, without hashes: torch==2.13.0 stands for its
# CPU build where that is what the index or a find-links folder has, and for its CUDA build elsewhere. The CUDA
# packages are left out, because torch itself pins them.
set -eu
cd "$(dirname "$0")"
compile() {
  uv pip compile --quiet --universal --python-version 3.11 --no-annotate --excludes lock-excludes.txt \
    --custom-compile-command "sh native-bin/worker/lock.sh" "$@"
}
compile "$@" --extra export pyproject.toml -o requirements.lock
# The extra's lock holds the base too, so that an interpreter of a person's own gets all that the job needs.
compile "$@" --extra evaluation pyproject.toml -c requirements.lock -o requirements-evaluation.lock
compile "$@" --group pyproject.toml:test -c requirements-evaluation.lock -o requirements-test.lock
