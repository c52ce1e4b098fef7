// Names and ARNs of functions and layers: what is taken apart reads the same when it is put together again.
#include <cstddef>
#include <cstdint>

#include "src/function/functions.h"
#include "src/function/registry/layers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::function;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto name = parse_function_name({}, text); name.ok()) {
        const auto again = parse_function_name({}, function_arn(name->scope, name->name, name->qualifier));
        MILLRACE_CHECK(again.ok() && again->scope == name->scope && again->name == name->name &&
                       again->qualifier == name->qualifier);
    }
    if (const auto layer = parse_layer_version_arn(text)) {
        MILLRACE_CHECK(!layer->layer.empty() && layer->version > 0);
    }
    return 0;
}
