// Any bytes of a commit in the tables' log: a batch or corruption, never more than was allowed.
#include "src/table/engine/repeats.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::table::engine;
    constexpr size_t bytes_max = 1 << 16;
    const auto batch = lengthen({reinterpret_cast<const char*>(data), size}, bytes_max);
    MILLRACE_CHECK(!batch.ok() || batch->size() <= bytes_max);
    return 0;
}
