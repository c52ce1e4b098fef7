// Templates, paths, batches and enrichments' answers come from outside: whatever they hold, nothing crashes, and what
// comes out is bounded. The input is a template, a newline, and an event or answer.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/flow/pipe/program.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    using namespace millrace::flow::pipe;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t newline = text.find('\n');
    Pipe pipe;
    pipe.target.arn = "arn:aws:kinesis:us-east-1:000000000000:stream/out";
    pipe.target.input_template = text.substr(0, newline);
    pipe.target.partition_key = pipe.target.input_template;
    const auto program = Program::compile(pipe);
    if (!program.ok()) return 0;
    if (newline == std::string_view::npos) return 0;
    const std::string rest(text.substr(newline + 1));
    for (const auto& events : {(*program)->enriched(rest), (*program)->events_of("{\"Records\":[" + rest + "]}")}) {
        if (!events.ok()) continue;
        for (const Event& event : *events) ids_of(event);
        if (const auto out = (*program)->to_target(*events, TimestampMs(0)); out.ok()) {
            size_t bytes = 0;
            for (const auto& item : out->items) bytes += item.body.size();
            if (bytes > (16 << 20)) __builtin_trap();
        }
    }
    return 0;
}
