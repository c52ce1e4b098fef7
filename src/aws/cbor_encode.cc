#include <bit>
#include <cmath>
#include <cstdint>

#include "src/aws/cbor.h"

namespace millrace::aws {
namespace {

enum Major : uint8_t { unsigned_integer = 0, negative_integer = 1, bytes = 2, text = 3, array = 4, map = 5, tag = 6 };

void append_big_endian(uint64_t value, size_t width, std::string& out) {
    for (size_t i = width; i > 0; --i) out += static_cast<char>(value >> ((i - 1) * 8));
}

void append_head(Major major, uint64_t argument, std::string& out) {
    const auto lead = static_cast<uint8_t>(major << 5);
    if (argument < 24) {
        out += static_cast<char>(lead | argument);
    } else if (argument <= UINT8_MAX) {
        out += static_cast<char>(lead | 24);
        append_big_endian(argument, 1, out);
    } else if (argument <= UINT16_MAX) {
        out += static_cast<char>(lead | 25);
        append_big_endian(argument, 2, out);
    } else if (argument <= UINT32_MAX) {
        out += static_cast<char>(lead | 26);
        append_big_endian(argument, 4, out);
    } else {
        out += static_cast<char>(lead | 27);
        append_big_endian(argument, 8, out);
    }
}

void append_integer(int64_t value, std::string& out) {
    if (value >= 0) {
        append_head(unsigned_integer, static_cast<uint64_t>(value), out);
    } else {
        append_head(negative_integer, ~static_cast<uint64_t>(value), out);
    }
}

void append_double(double value, std::string& out) {
    out += '\xfb';
    append_big_endian(std::bit_cast<uint64_t>(value), 8, out);
}

void append_string(Major major, std::string_view content, std::string& out) {
    append_head(major, content.size(), out);
    out += content;
}

void encode_timestamp(TimestampMs time, CborTime unit, std::string& out) {
    append_head(tag, 1, out);
    if (unit == CborTime::milliseconds) {
        append_integer(time.value(), out);
    } else if (time.value() % 1000 == 0) {
        append_integer(time.value() / 1000, out);
    } else {
        append_double(static_cast<double>(time.value()) / 1000, out);
    }
}

}  // namespace

void append_cbor_text(std::string_view content, std::string& out) {
    append_string(text, content, out);
}
void append_cbor_map_head(size_t entries, std::string& out) {
    append_head(map, entries, out);
}

void encode_cbor(const Shape& shape, const void* value, CborTime time, std::string& out) {
    switch (shape.kind) {
        case Kind::boolean:
            out += *static_cast<const bool*>(value) ? '\xf5' : '\xf4';
            return;
        case Kind::integer:
            return append_integer(*static_cast<const int32_t*>(value), out);
        case Kind::long_integer:
            return append_integer(*static_cast<const int64_t*>(value), out);
        case Kind::single:
            out += '\xfa';
            return append_big_endian(std::bit_cast<uint32_t>(*static_cast<const float*>(value)), 4, out);
        case Kind::real:
            return append_double(*static_cast<const double*>(value), out);
        case Kind::string:
        case Kind::document:
            return append_string(text, *static_cast<const std::string*>(value), out);
        case Kind::blob:
            return append_string(bytes, *static_cast<const std::string*>(value), out);
        case Kind::timestamp:
            return encode_timestamp(*static_cast<const TimestampMs*>(value), time, out);
        case Kind::list: {
            const size_t count = shape.list->size(value);
            append_head(array, count, out);
            for (size_t i = 0; i < count; ++i) encode_cbor(*shape.element, shape.list->at(value, i), time, out);
            return;
        }
        case Kind::map: {
            struct Walk {
                const Shape& element;
                CborTime time;
                std::string& out;
            } walk{*shape.element, time, out};
            append_head(map, shape.map->size(value), out);
            shape.map->each(value, &walk, [](void* context, const std::string& key, const void* element) {
                Walk& at = *static_cast<Walk*>(context);
                append_cbor_text(key, at.out);
                encode_cbor(at.element, element, at.time, at.out);
            });
            return;
        }
        case Kind::structure: {
            size_t count = 0;
            for (const Member& member : shape.members) count += member.get(value) != nullptr ? 1 : 0;
            append_head(map, count, out);
            for (const Member& member : shape.members) {
                const void* field = member.get(value);
                if (field == nullptr) continue;
                append_cbor_text(member.wire, out);
                encode_cbor(*member.shape, field, time, out);
            }
            return;
        }
    }
}

}  // namespace millrace::aws
