# Warnings are errors; lld links; ccache when present; sanitizers by one option.
add_library(millrace_flags INTERFACE)
target_include_directories(millrace_flags INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")
target_compile_options(millrace_flags INTERFACE -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
  -Wno-missing-field-initializers -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(millrace_flags INTERFACE -Wthread-safety)
endif()
# x86-64-v2 with carry-less multiplication (Westmere, 2010, and later) is the floor: without it simdjson's on-demand
# parser compiles to its scalar fallback. Wider instructions are chosen at run time where they matter.
target_compile_options(millrace_flags INTERFACE -march=x86-64-v2 -mpclmul)

find_program(LLD NAMES ld.lld-19 ld.lld mold)
if(LLD MATCHES lld)
  target_link_options(millrace_flags INTERFACE -fuse-ld=${LLD})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # base_dir makes a clean clone hit what another checkout compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

if(MILLRACE_SANITIZE)
  target_compile_options(millrace_flags INTERFACE -fsanitize=${MILLRACE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(millrace_flags INTERFACE -fsanitize=${MILLRACE_SANITIZE})
endif()

# Everything that a fuzz target reaches reports its coverage, or the fuzzer is blind.
if(MILLRACE_FUZZ)
  target_compile_options(millrace_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(millrace_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
