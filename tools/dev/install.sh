# Installs what is missing and nothing else. Sourced by main.sh.
#   install_for build test   the Debian packages of those groups (deps/debian.txt), then what npm and PyPI bring

install_for() {
    install_debian "$@"
    mkdir -p .deps
    local group
    for group in "$@"; do
        case "$group" in
            build)
                install_python build deps/python-build.lock
                install_npm duckdb
                ;;
            test)
                install_python test deps/python-test.lock
                install_npm clients
                ;;
            bench) install_npm peers ;;
        esac
    done
}

# Prints the packages of the given groups that are not there.
missing_packages() {
    local groups=" $* " group package how name
    local installed
    installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | tr '\n' ' ') "
    while read -r group package how name _; do
        case "$group" in '' | '#'*) continue ;; esac
        [[ "$groups" == *" $group "* ]] || continue
        if [ "$how" = command ]; then
            command -v "$name" >/dev/null || echo "$package"
        elif [[ "$installed" != *" $package "* ]]; then
            echo "$package"
        fi
    done <deps/debian.txt
}

install_debian() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "these Debian packages are missing, and there is no apt-get here: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "as root, run: apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    apt_install "${missing[@]}" || fail "apt-get failed (exit $?)"
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -eq 0 ] || fail "still missing after apt-get: ${missing[*]}"
}

# In a subshell, so that its traps are its own. Debian starts a service when it installs one; a benchmark's peer must not
# become a daemon of this machine, so while we install, policy-rc.d says no. It goes again however this ends.
apt_install() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap '"${as_root[@]}" rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM HUP
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
    fi
    "${as_root[@]}" apt-get update -q &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
)

# install_python NAME LOCK: hash-checked packages in .deps/venv, by Debian's own Python.
install_python() {
    local hash
    hash=$(hash_of "$2")
    if stamp_is "python-$1" "$hash" && [ -x .deps/venv/bin/python ]; then return 0; fi
    say "Python packages of $2 into .deps/venv"
    [ -x .deps/venv/bin/python ] || /usr/bin/python3 -m venv .deps/venv
    .deps/venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
    stamp "python-$1" "$hash"
}

# install_npm NAME: deps/NAME's lock file into .deps/NAME. No package's script runs.
install_npm() {
    local hash
    hash=$(hash_of "deps/$1/package.json" "deps/$1/package-lock.json")
    if stamp_is "npm-$1" "$hash" && [ -d ".deps/$1/node_modules" ]; then return 0; fi
    say "npm packages of deps/$1 into .deps/$1"
    mkdir -p ".deps/$1"
    cp "deps/$1/package.json" "deps/$1/package-lock.json" ".deps/$1/"
    (cd ".deps/$1" && npm ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error)
    stamp "npm-$1" "$hash"
}
