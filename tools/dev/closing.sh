# The closing lines of ./dev test: each step's result, the names of what failed in it, and its runner's last lines. Sourced.

# failed_in LOG: the names, one a line, as pytest, ctest, googletest, ninja and the fuzz step write them; each once.
# Pytest's reasons are left out: a reason of many lines would push the name away that it belongs to.
failed_in() {
    sed -nE \
        -e 's/^(FAILED|ERROR) ([^ ]+\.py(::.*)?)$/\1 \2/' \
        -e 's/^((FAILED|ERROR) [^ ]+\.py(::.*)?) - .*$/\1/' \
        -e '/^(FAILED|ERROR) [^ ]+\.py/p' \
        -e '/^[[:space:]]+[0-9]+ - [^ ]+ \((Failed|Timeout|Not Run|SEGFAULT|ILLEGAL|NUMERICAL|OTHER_FAULT|Subprocess [a-z]+|BAD_COMMAND|Exit code [^)]*)\)/{s/^[[:space:]]+/FAILED /p;d}' \
        -e '/^\[  FAILED  \] [A-Za-z0-9_]+[./]/{s/( \([0-9]+ ms\)|, where .*)*$//;s/^\[  FAILED  \]/FAILED/p;d}' \
        -e '/^FAILED: /p' \
        -e '/^fuzz: .* FAILED/p' \
        "$1" | awk '!seen[$0]++' | head -n 40
}

# closing_lines STEP SECONDS STATUS LOG
closing_lines() {
    printf -- '--- %s (%d s): %s\n' "$1" "$2" "$([ "$3" = 0 ] && echo passed || echo FAILED)"
    if [ "$3" = 0 ]; then
        tail -n 3 "$4"
    else
        failed_in "$4"
        tail -n 10 "$4"
    fi
}
