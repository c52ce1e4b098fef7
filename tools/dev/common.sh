# Small things that every part of ./dev uses. Sourced.

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

fail() {
    printf './dev: %s\n' "$*" >&2
    exit 1
}

# Files that git knows or would add, so that a new file is checked before it is committed.
tree_files() { git -c safe.directory='*' ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do [ -f "$file" ] && echo "$file"; done; }

# stamp_is NAME HASH: was NAME last done with this input?
stamp_is() { [ -f ".deps/.stamp-$1" ] && [ "$(cat ".deps/.stamp-$1")" = "$2" ]; }
stamp() { echo "$2" >".deps/.stamp-$1"; }
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
