// A pattern and an event: the index says what the pattern says.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/bus/index/pattern_index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t line = std::min(text.find('\n'), text.size());
    const std::string_view event = text.substr(std::min(line + 1, text.size()));
    const auto pattern = flow::pattern::Pattern::compile(text.substr(0, line));
    const auto tree = flow::pattern::parse_json(event);
    if (!pattern.ok() || !tree.ok() || tree->kind != flow::pattern::JsonTree::Kind::object) return 0;
    const auto index = bus::PatternIndex::build({*pattern});
    bus::PatternIndex::Scratch scratch;
    std::vector<uint32_t> found;
    index->match(event, scratch, &found);
    if (found.empty() == pattern->matches(*tree)) __builtin_trap();
    return 0;
}
