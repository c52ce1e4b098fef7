// JSON text into values.
#include <simdjson.h>

#include "src/vtl/value.h"

namespace millrace::vtl {
namespace {

constexpr size_t depth_max = 64;

Value convert(simdjson::dom::element element) {
    using Type = simdjson::dom::element_type;
    switch (element.type()) {
        case Type::ARRAY: {
            List out;
            for (const simdjson::dom::element each : simdjson::dom::array(element)) out.push_back(convert(each));
            out.from_json = true;
            return make_list(std::move(out));
        }
        case Type::OBJECT: {
            auto out = std::make_shared<Map>();
            for (const auto& [key, value] : simdjson::dom::object(element)) out->put(std::string(key), convert(value));
            return out;
        }
        case Type::INT64:
            return int64_t(element);
        case Type::UINT64:
            return uint64_t(element);
        case Type::DOUBLE:
            return double(element);
        case Type::STRING:
            return std::string_view(element);
        case Type::BOOL:
            return bool(element);
        case Type::NULL_VALUE:
            return {};
    }
    return {};
}

}  // namespace

std::optional<Value> parse_json(std::string_view text) {
    thread_local simdjson::dom::parser parser = [] {
        simdjson::dom::parser made;
        static_cast<void>(made.allocate(4096, depth_max));
        return made;
    }();
    simdjson::dom::element document;
    if (parser.parse(text.data(), text.size()).get(document) != simdjson::SUCCESS) return std::nullopt;
    return convert(document);
}

}  // namespace millrace::vtl
