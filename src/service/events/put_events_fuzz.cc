// Bodies of PutEvents, and the details in them.
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/bus/event.h"
#include "src/flow/pattern/json_tree.h"
#include "src/service/events/put_body.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string body(reinterpret_cast<const char*>(data), size);
    body.reserve(size + 64);
    const auto entries = millrace::service::events::read_put_events(body);
    if (!entries) return 0;
    for (const auto& entry : *entries) {
        (void)entry.size();
        std::string detail;
        if (!entry.detail || !millrace::bus::compact_detail(*entry.detail, &detail)) continue;
        // What is accepted is JSON for everybody who reads it later.
        std::string event;
        millrace::bus::append_event({.id = "x",
                                     .detail_type = entry.detail_type.value_or(""),
                                     .source = entry.source.value_or(""),
                                     .resources = entry.resources,
                                     .detail = detail},
                                    {}, &event);
        if (!millrace::flow::pattern::parse_json(event).ok()) __builtin_trap();
    }
    return 0;
}
