// Parameter mappings and URIs, as their owners write them.
#include <cstddef>
#include <cstdint>

#include "src/gateway/mapping/source.h"
#include "src/gateway/rest/compiled.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace::gateway;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(Source::parse(text).ok());
    static_cast<void>(Target::parse(text, "integration.request").ok());
    size_t bytes = 0;
    for (const UriPattern::Piece& piece : UriPattern::parse(text).pieces) bytes += piece.text.size();
    MILLRACE_CHECK(bytes <= size);
    Integration integration;
    integration.type = "AWS";
    integration.uri = text;
    static_cast<void>(check_integration(integration).ok());
    return 0;
}
