// An item's bytes, version 1. Integers are little-endian; `varint` is LEB128 of at most 5 bytes (32 bits).
//
//   item      = 0x01 counted:varint count:varint attribute*     counted: counted_bytes() of the item
//   attribute = name:text value                                 names ascend by their bytes, none twice
//   text      = length:varint byte*
//   value     = 0x00 text                                       S
//             | 0x01 number                                     N, see number.h: it knows its end
//             | 0x02 text                                       B
//             | 0x03 (0x00 | 0x01)                              BOOL
//             | 0x04                                            NULL
//             | 0x05 container attribute*                       M
//             | 0x06 container value*                           L
//             | 0x07 container text*                            SS, ascending, none twice; as NS and BS
//             | 0x08 container number*                          NS
//             | 0x09 container text*                            BS
//   container = bytes:u32 count:varint                          bytes: of all that follows these four, count included
//
// {"id": "x", "n": 12.5}:  01 09 02  02 'i' 'd' 00 01 'x'  01 'n' 01 c1 0d 33 00
//
// A container says how long it is, so that one attribute is found without looking into the others. What is read may be
// damaged: every length is checked against what is left, and depth is bounded.
#include "src/table/value/item_codec.h"

#include <algorithm>
#include <cstring>

namespace millrace::table {
namespace {

constexpr char version = 1;
constexpr int depth_max = 2 * nesting_max;  // more than is ever stored, and a bound to hostile bytes

Error corrupt(const char* what) {
    return {ErrorCode::corruption, std::string("an item's bytes are damaged: ") + what};
}

void append_varint(size_t value, std::string* out) {
    while (value >= 0x80) {
        out->push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out->push_back(static_cast<char>(value));
}

void append_text(std::string_view text, std::string* out) {
    append_varint(text.size(), out);
    out->append(text);
}

void append_value(const AttributeValue& value, std::string* out);

void append_attributes(const AttributeMap& map, std::string* out) {
    for (const auto& [name, value] : map) {
        append_text(name, out);
        append_value(value, out);
    }
}

// Leaves room for a container's size, and fills it in when done.
class Container {
  public:
    Container(size_t count, std::string* out) : out_(out), at_(out->size()) {
        out->append(4, '\0');
        append_varint(count, out);
    }
    ~Container() {
        const auto size = static_cast<uint32_t>(out_->size() - at_ - 4);
        std::memcpy(out_->data() + at_, &size, 4);
    }
    Container(const Container&) = delete;

  private:
    std::string* out_;
    size_t at_;
};

struct Appender {
    std::string* out;
    void operator()(const std::string& s) const { append_text(s, out); }
    void operator()(const Number& number) const { out->append(number.encoded()); }
    void operator()(const Binary& binary) const { append_text(binary.bytes, out); }
    void operator()(bool value) const { out->push_back(value ? 1 : 0); }
    void operator()(Null) const {}
    void operator()(const AttributeMap& map) const {
        const Container container(map.size(), out);
        append_attributes(map, out);
    }
    void operator()(const List& list) const {
        const Container container(list.size(), out);
        for (const auto& element : list) append_value(element, out);
    }
    void operator()(const StringSet& set) const { append_texts(set.members); }
    void operator()(const BinarySet& set) const { append_texts(set.members); }
    void operator()(const NumberSet& set) const {
        const Container container(set.members.size(), out);
        for (const auto& member : set.members) out->append(member.encoded());
    }
    void append_texts(const std::vector<std::string>& members) const {
        const Container container(members.size(), out);
        for (const auto& member : members) append_text(member, out);
    }
};

void append_value(const AttributeValue& value, std::string* out) {
    out->push_back(static_cast<char>(value.type()));
    std::visit(Appender{out}, value.value);
}

Status take_value(EncodedReader* in, int depth, AttributeValue* out);

// Room for `count` elements, of which each needs a byte at least: a damaged count reserves no more than that.
size_t room(size_t count, const EncodedReader& in) {
    return std::min(count, in.rest().size());
}

// Opens a container, and checks in the end that it was as long as it said.
template <class Take>
Status take_container(EncodedReader* in, Take&& take) {
    size_t bytes = 0;
    size_t count = 0;
    TRY(in->container(&bytes, &count));
    const size_t rest = in->rest().size() - bytes;
    TRY(take(count));
    if (in->rest().size() != rest) return corrupt("a container's size");
    return {};
}

Status take_attributes(EncodedReader* in, size_t count, int depth, AttributeMap* out) {
    out->reserve(std::min<size_t>(room(count, *in), 1024));
    std::string_view before;
    for (size_t i = 0; i < count; ++i) {
        std::string_view name;
        TRY(in->text(&name));
        if (i != 0 && name <= before) return corrupt("names out of order");
        before = name;
        AttributeValue value;
        TRY(take_value(in, depth, &value));
        out->add(std::string(name), std::move(value));
    }
    return {};
}

Status take_texts(EncodedReader* in, std::vector<std::string>* out) {
    return take_container(in, [&](size_t count) -> Status {
        out->reserve(std::min<size_t>(room(count, *in), 1024));
        for (size_t i = 0; i < count; ++i) {
            std::string_view member;
            TRY(in->text(&member));
            if (i != 0 && member <= out->back()) return corrupt("a set out of order");
            out->emplace_back(member);
        }
        return {};
    });
}

Status take_numbers(EncodedReader* in, std::vector<Number>* out) {
    return take_container(in, [&](size_t count) -> Status {
        out->reserve(room(count, *in) / 2);
        for (size_t i = 0; i < count; ++i) {
            Number member;
            TRY(in->number(&member));
            if (i != 0 && member <= out->back()) return corrupt("a set out of order");
            out->push_back(member);
        }
        return {};
    });
}

Status take_list(EncodedReader* in, int depth, List* out) {
    return take_container(in, [&](size_t count) -> Status {
        out->reserve(std::min<size_t>(room(count, *in), 1024));
        for (size_t i = 0; i < count; ++i) TRY(take_value(in, depth, &out->emplace_back()));
        return {};
    });
}

Status take_map(EncodedReader* in, int depth, AttributeMap* out) {
    return take_container(in, [&](size_t count) { return take_attributes(in, count, depth, out); });
}

Status take_value(EncodedReader* in, int depth, AttributeValue* out) {
    if (depth == depth_max) return corrupt("too deep");
    Type type{};
    TRY(in->type(&type));
    switch (type) {
        case Type::S:
        case Type::B: {
            std::string_view text;
            TRY(in->text(&text));
            if (type == Type::S) {
                out->value.emplace<std::string>(text);
            } else {
                out->value.emplace<Binary>(Binary{std::string(text)});
            }
            return {};
        }
        case Type::N:
            return in->number(&out->value.emplace<Number>());
        case Type::BOOL:
            return in->boolean(&out->value.emplace<bool>());
        case Type::NULL_:
            out->value = Null();
            return {};
        case Type::M:
            return take_map(in, depth + 1, &out->value.emplace<AttributeMap>());
        case Type::L:
            return take_list(in, depth + 1, &out->value.emplace<List>());
        case Type::SS:
            return take_texts(in, &out->value.emplace<StringSet>().members);
        case Type::NS:
            return take_numbers(in, &out->value.emplace<NumberSet>().members);
        case Type::BS:
            return take_texts(in, &out->value.emplace<BinarySet>().members);
    }
    return corrupt("an unknown type");
}

}  // namespace

Status EncodedReader::length(size_t* out) {
    size_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        if (bytes_.empty()) return corrupt("cut short");
        const auto byte = static_cast<uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        value |= static_cast<size_t>(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return {};
        }
    }
    return corrupt("a length without end");
}

Status EncodedReader::text(std::string_view* out) {
    size_t size = 0;
    TRY(length(&size));
    if (size > bytes_.size()) return corrupt("cut short");
    *out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return {};
}

Status EncodedReader::header(size_t* counted, size_t* attributes) {
    if (bytes_.empty() || bytes_.front() != version) return corrupt("an unknown version");
    bytes_.remove_prefix(1);
    TRY(length(counted));
    return length(attributes);
}

Status EncodedReader::type(Type* out) {
    if (bytes_.empty()) return corrupt("cut short");
    const auto byte = static_cast<uint8_t>(bytes_.front());
    if (byte >= types_count) return corrupt("an unknown type");
    bytes_.remove_prefix(1);
    *out = static_cast<Type>(byte);
    return {};
}

Status EncodedReader::boolean(bool* out) {
    if (bytes_.empty()) return corrupt("cut short");
    const auto byte = static_cast<uint8_t>(bytes_.front());
    if (byte > 1) return corrupt("neither true nor false");
    bytes_.remove_prefix(1);
    *out = byte == 1;
    return {};
}

Status EncodedReader::number(Number* out) {
    TRY_ASSIGN(*out, Number::take(&bytes_));
    return {};
}

Status EncodedReader::container(size_t* bytes, size_t* count) {
    if (bytes_.size() < 4) return corrupt("cut short");
    uint32_t size = 0;
    std::memcpy(&size, bytes_.data(), 4);
    bytes_.remove_prefix(4);
    if (size > bytes_.size()) return corrupt("cut short");
    const size_t before = bytes_.size();
    TRY(length(count));
    const size_t used = before - bytes_.size();
    if (used > size) return corrupt("a container's size");
    *bytes = size - used;
    return {};
}

Status EncodedReader::skip_value() {
    Type kind{};
    TRY(type(&kind));
    switch (kind) {
        case Type::S:
        case Type::B: {
            std::string_view skipped;
            return text(&skipped);
        }
        case Type::N: {
            Number skipped;
            return number(&skipped);
        }
        case Type::BOOL: {
            bool skipped = false;
            return boolean(&skipped);
        }
        case Type::NULL_:
            return {};
        case Type::M:
        case Type::L:
        case Type::SS:
        case Type::NS:
        case Type::BS: {
            size_t bytes = 0;
            size_t count = 0;
            TRY(container(&bytes, &count));
            bytes_.remove_prefix(bytes);
            return {};
        }
    }
    return corrupt("an unknown type");
}

void encode_item(const Item& item, std::string* out) {
    const size_t counted = counted_bytes(item);
    out->reserve(out->size() + counted + 8 * item.size() + 16);
    out->push_back(version);
    append_varint(counted, out);
    append_varint(item.size(), out);
    append_attributes(item, out);
}

std::string encode_item(const Item& item) {
    std::string out;
    encode_item(item, &out);
    return out;
}

Result<Item> decode_item(std::string_view bytes) {
    EncodedReader in(bytes);
    size_t counted = 0;
    size_t count = 0;
    TRY(in.header(&counted, &count));
    Item item;
    TRY(take_attributes(&in, count, 0, &item));
    if (!in.at_end()) return corrupt("bytes follow it");
    return item;
}

Result<std::optional<AttributeValue>> decode_attribute(std::string_view item_bytes, std::string_view name) {
    EncodedReader in(item_bytes);
    size_t counted = 0;
    size_t count = 0;
    TRY(in.header(&counted, &count));
    for (size_t i = 0; i < count; ++i) {
        std::string_view at;
        TRY(in.text(&at));
        if (at > name) break;
        if (at == name) {
            AttributeValue value;
            TRY(take_value(&in, 0, &value));
            return std::optional<AttributeValue>(std::move(value));
        }
        TRY(in.skip_value());
    }
    return std::optional<AttributeValue>();
}

Result<size_t> counted_bytes_of_encoded(std::string_view item_bytes) {
    EncodedReader in(item_bytes);
    size_t counted = 0;
    size_t count = 0;
    TRY(in.header(&counted, &count));
    return counted;
}

}  // namespace millrace::table
