// Input paths and templates as hostile as they come, against events that are JSON and texts that are not.
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/bus/input/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t first = std::min(text.find('\n'), text.size());
    const std::string_view path = text.substr(0, first);
    const std::string_view rest = text.substr(std::min(first + 1, text.size()));
    const size_t second = std::min(rest.find('\n'), rest.size());
    const std::string_view pattern = rest.substr(0, second);
    const std::string_view event = rest.substr(std::min(second + 1, rest.size()));
    using millrace::bus::Input;
    for (const bool is_template : {false, true}) {
        millrace::bus::InputDefinition definition;
        if (is_template) {
            definition.text = pattern;
            definition.paths["a"] = path;
        } else {
            definition.path = path;
        }
        const auto input = Input::compile(definition);
        if (!input.ok()) continue;
        const auto out = input->apply(event, {"arn", "rule", millrace::TimestampMs(0)});
        if (out.ok() && out->size() > millrace::bus::input_bytes_max + event.size() + text.size()) __builtin_trap();
    }
    return 0;
}
