# Checks that read and do not run. Sourced by main.sh.

format() {
    local files
    mapfile -t files < <(tree_files '*.cc' '*.h')
    if [ "${1:-}" = --check ]; then
        printf '%s\0' "${files[@]}" | xargs -0 -P 2 -n 40 clang-format-19 --dry-run -Werror ||
            fail "the files above are not formatted: run ./dev fmt"
    else
        printf '%s\0' "${files[@]}" | xargs -0 -P 2 -n 40 clang-format-19 -i
    fi
}

# Every check runs, so that one run shows all there is to mend.
lint() {
    local failed=0
    say "format"
    (format --check) || failed=1
    say "tree"
    .deps/venv/bin/python tools/check_tree.py || failed=1
    say "README and docs that are generated"
    .deps/venv/bin/python tools/served_operations.py --check || failed=1
    say "script syntax"
    local file
    while read -r file; do bash -n "$file" || failed=1; done < <(tree_files 'dev' '.ci/run' '*.sh')
    tree_files '*.py' | xargs .deps/venv/bin/python tools/check_python.py || failed=1
    [ "$failed" = 0 ] || fail "lint: some checks failed, see above"
    echo "lint: all checks passed"
}
