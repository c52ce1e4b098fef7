# Every outside library, named once. Debian's packages first; DuckDB comes from npm by ./dev (deps/duckdb).
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url json)
find_package(GTest REQUIRED)
find_package(RocksDB REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# Its -pthread would reach some of our files and not others, and simdjson's parser is laid out by it (_REENTRANT).
set_property(TARGET PkgConfig::RE2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(YAML_CPP REQUIRED IMPORTED_TARGET yaml-cpp)
find_library(JQ_LIBRARY jq REQUIRED)
find_library(SNAPPY_LIBRARY snappy REQUIRED)
find_library(SIMDJSON_LIBRARY simdjson REQUIRED)
find_library(PUGIXML_LIBRARY pugixml REQUIRED)

set(DUCKDB_ROOT "${MILLRACE_DEPS}/duckdb/node_modules")
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION "${DUCKDB_ROOT}/@duckdb/node-bindings-linux-x64/libduckdb.so"
  INTERFACE_INCLUDE_DIRECTORIES "${DUCKDB_ROOT}/duckdb/src/duckdb/src/include")
if(NOT EXISTS "${DUCKDB_ROOT}/@duckdb/node-bindings-linux-x64/libduckdb.so")
  message(FATAL_ERROR "DuckDB is not in ${DUCKDB_ROOT}. Run ./dev build, which installs it.")
endif()
