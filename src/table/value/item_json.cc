// DynamoDB JSON out: from trees, and from an item's bytes as they lie.
#include "src/table/value/item_json.h"

#include <array>

#include "src/base/base64.h"
#include "src/base/json_text.h"
#include "src/table/value/item_codec.h"

namespace millrace::table {
namespace {

constexpr int depth_max = 2 * nesting_max;

constexpr std::array<std::string_view, types_count> openings = {R"({"S":)",    R"({"N":")", R"({"B":")", R"({"BOOL":)",
                                                                R"({"NULL":)", R"({"M":)",  R"({"L":)",  R"({"SS":)",
                                                                R"({"NS":)",   R"({"BS":)"};

// Text of items is UTF-8: it was checked where it came in.
void append_string(std::string_view text, std::string* out) {
    out->push_back('"');
    append_json_escaped(text, *out);
    out->push_back('"');
}

void append_base64(std::string_view bytes, std::string* out) {
    const size_t at = out->size();
    out->resize(at + base64_encoded_size(bytes.size()));
    base64_encode(bytes, out->data() + at);
}

// [a,b], where each(i) appends the i-th.
template <class Each>
Status append_array(size_t count, std::string* out, Each&& each) {
    out->push_back('[');
    for (size_t i = 0; i < count; ++i) {
        if (i != 0) out->push_back(',');
        TRY(each(i));
    }
    out->push_back(']');
    return {};
}

void append_quoted_number(const Number& number, std::string* out) {
    out->push_back('"');
    number.append_text(out);
    out->push_back('"');
}

void append_quoted_base64(std::string_view bytes, std::string* out) {
    out->push_back('"');
    append_base64(bytes, out);
    out->push_back('"');
}

struct TreeAppender {
    std::string* out;
    void operator()(const std::string& s) const { append_string(s, out); }
    void operator()(const Number& number) const {
        number.append_text(out);
        out->push_back('"');
    }
    void operator()(const Binary& binary) const {
        append_base64(binary.bytes, out);
        out->push_back('"');
    }
    void operator()(bool value) const { out->append(value ? "true" : "false"); }
    void operator()(Null) const { out->append("true"); }
    void operator()(const AttributeMap& map) const { append_json(map, out); }
    void operator()(const List& list) const {
        array(list.size(), [&](size_t i) { append_json(list[i], out); });
    }
    void operator()(const StringSet& set) const {
        array(set.members.size(), [&](size_t i) { append_string(set.members[i], out); });
    }
    void operator()(const NumberSet& set) const {
        array(set.members.size(), [&](size_t i) { append_quoted_number(set.members[i], out); });
    }
    void operator()(const BinarySet& set) const {
        array(set.members.size(), [&](size_t i) { append_quoted_base64(set.members[i], out); });
    }
    template <class Each>
    void array(size_t count, Each&& each) const {
        out->push_back('[');
        for (size_t i = 0; i < count; ++i) {
            if (i != 0) out->push_back(',');
            each(i);
        }
        out->push_back(']');
    }
};

Status append_encoded_value(EncodedReader* in, int depth, std::string* out);

Status append_encoded_attributes(EncodedReader* in, size_t count, int depth, std::string* out) {
    out->push_back('{');
    for (size_t i = 0; i < count; ++i) {
        if (i != 0) out->push_back(',');
        std::string_view name;
        TRY(in->text(&name));
        append_string(name, out);
        out->push_back(':');
        TRY(append_encoded_value(in, depth, out));
    }
    out->push_back('}');
    return {};
}

Status append_encoded_container(EncodedReader* in, Type type, int depth, std::string* out) {
    size_t bytes = 0;
    size_t count = 0;
    TRY(in->container(&bytes, &count));
    if (type == Type::M) return append_encoded_attributes(in, count, depth, out);
    return append_array(count, out, [&](size_t) -> Status {
        if (type == Type::L) return append_encoded_value(in, depth, out);
        if (type == Type::NS) {
            Number number;
            TRY(in->number(&number));
            append_quoted_number(number, out);
            return {};
        }
        std::string_view text;
        TRY(in->text(&text));
        if (type == Type::SS) {
            append_string(text, out);
        } else {
            append_quoted_base64(text, out);
        }
        return {};
    });
}

Status append_encoded_value(EncodedReader* in, int depth, std::string* out) {
    if (depth == depth_max) return Error{ErrorCode::corruption, "an item's bytes are damaged: too deep"};
    Type type{};
    TRY(in->type(&type));
    out->append(openings[static_cast<size_t>(type)]);
    switch (type) {
        case Type::S:
        case Type::B: {
            std::string_view text;
            TRY(in->text(&text));
            if (type == Type::S) {
                append_string(text, out);
            } else {
                append_base64(text, out);
                out->push_back('"');
            }
            break;
        }
        case Type::N: {
            Number number;
            TRY(in->number(&number));
            number.append_text(out);
            out->push_back('"');
            break;
        }
        case Type::BOOL: {
            bool value = false;
            TRY(in->boolean(&value));
            out->append(value ? "true" : "false");
            break;
        }
        case Type::NULL_:
            out->append("true");
            break;
        case Type::M:
        case Type::L:
        case Type::SS:
        case Type::NS:
        case Type::BS:
            TRY(append_encoded_container(in, type, depth + 1, out));
    }
    out->push_back('}');
    return {};
}

}  // namespace

void append_json(const Item& item, std::string* out) {
    out->push_back('{');
    bool first = true;
    for (const auto& [name, value] : item) {
        if (!first) out->push_back(',');
        first = false;
        append_string(name, out);
        out->push_back(':');
        append_json(value, out);
    }
    out->push_back('}');
}

void append_json(const AttributeValue& value, std::string* out) {
    out->append(openings[value.value.index()]);
    std::visit(TreeAppender{out}, value.value);
    out->push_back('}');
}

Status append_json_of_encoded(std::string_view item_bytes, std::string* out) {
    EncodedReader in(item_bytes);
    size_t counted = 0;
    size_t count = 0;
    TRY(in.header(&counted, &count));
    return append_encoded_attributes(&in, count, 0, out);
}

}  // namespace millrace::table
