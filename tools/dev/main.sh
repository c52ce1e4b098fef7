#!/usr/bin/env bash
# The commands of ./dev. Each installs what it lacks first, so any of them works on a fresh Debian 12. The table below
# is the only list of them: `./dev help` prints it and the dispatch reads it.
set -euo pipefail

COMMANDS='
demo    start a server on a fresh directory and run the retail pipeline through its API: --csv FILE, --help for more
test    everything CI runs: build, lint, unit tests, sanitizers, fuzzing, end-to-end (--long: thread sanitizer and more)
build   Release build of build/millrace (arguments: other ninja targets; "all" for everything)
run     build, then `millrace serve` with your arguments
fmt     format C++ (--check: only say what differs)
lint    format check, include arrows, paths in docs, script syntax, README freshness
bench   benchmarks: ingest (default), tables, ... against their peers; --write puts figures into docs/benchmarks.md
clean   remove build directories and demo data (--deps: also what ./dev installed under .deps)
help    this list
'

source tools/dev/common.sh
source tools/dev/install.sh
source tools/dev/build.sh

command=${1:-help}
[ $# -gt 0 ] && shift
case "$command" in
    help | -h | --help)
        echo "usage: ./dev COMMAND [arguments]"
        echo "$COMMANDS"
        ;;
    demo)
        install_for build
        build_release millrace
        exec build/millrace demo "$@"
        ;;
    run)
        install_for build
        build_release millrace
        exec build/millrace serve "$@"
        ;;
    build)
        install_for build
        build_release "${@:-millrace}"
        ;;
    fmt)
        install_for lint
        source tools/dev/lint.sh
        format "$@"
        ;;
    lint)
        install_for build lint
        source tools/dev/lint.sh
        lint
        ;;
    test)
        install_for build lint test
        source tools/dev/lint.sh
        source tools/dev/closing.sh
        source tools/dev/test.sh
        run_tests "$@"
        ;;
    bench)
        install_for build test bench
        build_release millrace millrace-load
        exec .deps/venv/bin/python bench/main.py "$@"
        ;;
    clean)
        rm -rf build build-* demo-data
        if [ "${1:-}" = --deps ]; then rm -rf .deps; fi
        ;;
    *)
        echo "./dev: no command \"$command\"" >&2
        echo "$COMMANDS" >&2
        exit 2
        ;;
esac
