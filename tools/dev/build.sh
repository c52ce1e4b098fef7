# Configures and builds. Sourced by main.sh.

# configure DIRECTORY [cmake arguments]: once; CMake itself notices later changes of its files.
configure() {
    local directory=$1
    shift
    [ -f "$directory/build.ninja" ] && return 0
    say "configuring $directory"
    cmake -G Ninja -B "$directory" -S . -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 "$@"
}

# Ninja rewrites one line on a terminal and prints "[12/340] ..." lines elsewhere.
build_release() {
    configure build -DCMAKE_BUILD_TYPE=Release
    ninja -C build "$@"
}
