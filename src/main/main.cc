// The program's entry: hands over to the commands in src/cli.
#include "src/cli/app.h"

// jemalloc's settings, which it reads before main (https://jemalloc.net/jemalloc.3.html, "TUNING"): few arenas, and
// what a burst left goes back to the system soon, so that the server stays small after it.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:8,dirty_decay_ms:2000,muzzy_decay_ms:0";

int main(int argc, char** argv) {
    return millrace::cli::run(argc, argv);
}
