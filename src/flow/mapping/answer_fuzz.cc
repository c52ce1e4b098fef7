// A function's answer is user code's: whatever it holds, reading it neither crashes nor reads astray.
#include <cstddef>
#include <cstdint>

#include "src/flow/mapping/answer.h"
#include "src/flow/pattern/json_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::flow;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const bool report : {false, true}) {
        for (const bool state : {false, true}) {
            auto answer = mapping::read_answer(text, report, state);
            // What we hand to the next call must be JSON again.
            if (answer.ok() && answer->state && !pattern::parse_json(*answer->state).ok()) __builtin_trap();
        }
    }
    return 0;
}
