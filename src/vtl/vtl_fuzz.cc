// Templates and paths come from outside, and so does what they are applied to: first byte, how long the template is.
#include <cstdlib>

#include "src/vtl/json_path.h"
#include "src/vtl/template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::vtl;
    if (size < 2) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string_view first = text.substr(0, data[0]), rest = text.substr(first.size());
    const Limits limits{.steps_max = 2'000, .output_bytes_max = 10'000, .loop_max = 50, .depth_max = 16};
    const Value json = parse_json(rest).value_or(make_list({"a", int64_t{1}}));
    if (const auto parsed = Template::parse(first); parsed.ok()) {
        Context context;
        context.set("a", json);
        context.set("s", rest);
        const auto out = (*parsed)->render(context, limits);
        if (out.ok() && out->size() > limits.output_bytes_max) std::abort();
    }
    if (const auto path = JsonPath::parse(first); path.ok()) static_cast<void>((*path)->find(json, 10'000));
    return 0;
}
