# Everything CI runs. Sourced by main.sh. Every step runs even where an earlier one failed (but not after a failed
# build); the closing lines of each runner come last, with the names of what failed, and the exit code is zero only where
# all passed.

LOGS=build/test-logs
FUZZ_SECONDS=${FUZZ_SECONDS:-4}

# step NAME COMMAND...: runs it with its output shown and kept in build/test-logs/NAME.log.
step() {
    local name=$1
    shift
    say "test: $name"
    local begin=$SECONDS status
    set +e # and on again inside, where a condition around it would have switched it off
    (
        set -e
        "$@"
    ) 2>&1 | tee "$LOGS/$name.log"
    status=${PIPESTATUS[0]}
    set -e
    steps+=("$name")
    statuses+=("$status")
    times+=($((SECONDS - begin)))
    return 0
}

# The sanitized build also holds the fuzz targets: one compilation serves both. -O1 compiles faster and keeps stacks.
sanitized_build() {
    configure build-sanitized -DCMAKE_BUILD_TYPE=Sanitized -DMILLRACE_SANITIZE=address,undefined -DMILLRACE_FUZZ=ON \
        "-DCMAKE_CXX_FLAGS=-O1 -g1"
    ninja -C build-sanitized all
}

thread_build() {
    configure build-thread -DCMAKE_BUILD_TYPE=Sanitized -DMILLRACE_SANITIZE=thread "-DCMAKE_CXX_FLAGS=-O1 -g1"
    ninja -C build-thread all
}

# with_thread_reports COMMAND...: what it starts writes its reports into build-thread/reports, a file a process, also
# where a test kills it or looks at its exit code alone. Any report fails the step. Debian's clang looks for its
# symbolizer in one place only, so it is told where ours is; without one, reports have addresses for names. A test's child that is a server of its own may have threads.
with_thread_reports() {
    local reports=$PWD/build-thread/reports symbolizer status=0 file
    symbolizer=$(command -v llvm-symbolizer-19 || command -v llvm-symbolizer || true)
    rm -rf "$reports"
    mkdir -p "$reports"
    TSAN_OPTIONS="suppressions=$PWD/tools/dev/thread_sanitizer.supp log_path=$reports/of" \
        TSAN_OPTIONS+=" external_symbolizer_path=$symbolizer die_after_fork=0 ${thread_options-}" "$@" || status=$?
    for file in "$reports"/*; do
        [ -f "$file" ] || continue
        cat "$file"
        status=1
    done
    return $status
}

thread_unit() { with_thread_reports ctest --test-dir build-thread --output-on-failure -j 2; }

# The servers are up to ten times slower than usual. DeleteObjects holds a lock for each key, up to 1,000 in one order;
# the sanitizer's search for deadlocks ends the server at 64, so it is left to the unit tests.
thread_end_to_end() {
    local thread_options=detect_deadlocks=0
    MILLRACE_BINARY=$PWD/build-thread/millrace MILLRACE_TEST_PATIENCE=10 with_thread_reports end_to_end --timeout=1800 "$@"
}

fuzz() {
    local target failed=0 count=0
    while read -r target; do
        count=$((count + 1))
        mkdir -p "build-sanitized/corpus/$(basename "$target")"
        local seeds="tests/fuzz/$(basename "$target")"
        [ -d "$seeds" ] || seeds=
        if "$target" -max_total_time="$FUZZ_SECONDS" -rss_limit_mb=2048 -timeout=10 -verbosity=0 -print_final_stats=0 \
            -artifact_prefix="$LOGS/" "build-sanitized/corpus/$(basename "$target")" $seeds; then
            echo "fuzz: $(basename "$target") ran ${FUZZ_SECONDS} s"
        else
            echo "fuzz: $(basename "$target") FAILED; its input is in $LOGS"
            failed=1
        fi
    done < <(find build-sanitized/src -type f -name '*_fuzz' -executable | sort)
    echo "fuzz: $count targets"
    return $failed
}

end_to_end() { .deps/venv/bin/python -m pytest tests tools "$@"; }

run_tests() {
    local long=no arguments=()
    while [ $# -gt 0 ]; do
        case "$1" in
            --long) long=yes ;;
            *) arguments+=("$1") ;; # to pytest
        esac
        shift
    done
    steps=() statuses=() times=()
    mkdir -p "$LOGS"
    build_release all
    step lint lint
    step unit ctest --test-dir build --output-on-failure -j 2
    [ "$long" = yes ] && export MILLRACE_LONG=1
    step end-to-end end_to_end "${arguments[@]}"
    step sanitized-build sanitized_build
    step sanitized-unit ctest --test-dir build-sanitized --output-on-failure -j 2
    step fuzz fuzz
    if [ "$long" = yes ]; then
        install_debian long
        step thread-build thread_build
        step thread-unit thread_unit
        step thread-end-to-end thread_end_to_end "${arguments[@]}"
    fi

    local i failed=0
    say "closing lines"
    for i in "${!steps[@]}"; do
        closing_lines "${steps[$i]}" "${times[$i]}" "${statuses[$i]}" "$LOGS/${steps[$i]}.log"
        [ "${statuses[$i]}" = 0 ] || failed=1
    done
    return $failed
}
