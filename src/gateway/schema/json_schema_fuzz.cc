// A schema, a zero byte, and a body that is held against it.
#include <cstddef>
#include <cstdint>

#include "src/gateway/schema/json_schema.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t end = std::min(text.find('\0'), size);
    const auto schema = gateway::JsonSchema::compile(
        text.substr(0, end), [](std::string_view) { return std::optional<std::string>(R"({"items":{"$ref":"#"}})"); });
    const std::optional<vtl::Value> body = vtl::parse_json(text.substr(std::min(end + 1, size)));
    if (schema.ok() && body) static_cast<void>((*schema)->problems(*body));
    return 0;
}
