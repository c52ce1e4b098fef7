#include <simdjson.h>

#include "src/aws/scalar_text.h"
#include "src/aws/xml.h"

namespace millrace::aws {
namespace {

void open(std::string_view name, std::string_view attributes, std::string& out) {
    out += '<';
    out += name;
    out += attributes;
    out += '>';
}
void close(std::string_view name, std::string& out) {
    out += "</";
    out += name;
    out += '>';
}

// ` xmlns="..."` and the attributes among the structure's members.
std::string attributes_of(const Shape& shape, const void* value, std::string_view uri, std::string_view prefix) {
    std::string text;
    if (!uri.empty()) {
        text += prefix.empty() ? " xmlns" : " xmlns:";
        text += prefix;
        text += "=\"";
        append_xml_text(uri, text);
        text += '"';
    }
    if (shape.kind != Kind::structure) return text;
    for (const Member& member : shape.members) {
        const void* field = member.attribute ? member.get(value) : nullptr;
        if (field == nullptr) continue;
        text += ' ';
        text += member.wire;
        text += "=\"";
        std::string plain;
        append_scalar(*member.shape, member.timestamp, TimestampFormat::iso8601, field, plain);
        append_xml_text(plain, text);
        text += '"';
    }
    return text;
}

void encode_content(const Shape& shape, TimestampFormat format, const void* value, std::string& out);

void encode_element(const Shape& shape, TimestampFormat format, const void* value, std::string_view name,
                    std::string& out) {
    open(name, attributes_of(shape, value, {}, {}), out);
    encode_content(shape, format, value, out);
    close(name, out);
}

void encode_entries(const Shape& shape, const void* value, std::string_view entry, std::string& out) {
    struct Walk {
        const Shape& shape;
        std::string_view entry;
        std::string& out;
    } walk{shape, entry, out};
    shape.map->each(value, &walk, [](void* context, const std::string& key, const void* element) {
        Walk& at = *static_cast<Walk*>(context);
        open(at.entry, {}, at.out);
        append_xml_element(at.shape.key_wire, key, at.out);
        encode_element(*at.shape.element, at.shape.element->timestamp, element, at.shape.element_wire, at.out);
        close(at.entry, at.out);
    });
}

void encode_elements(const Shape& shape, const void* value, std::string_view name, std::string& out) {
    const size_t count = shape.list->size(value);
    for (size_t i = 0; i < count; ++i)
        encode_element(*shape.element, shape.element->timestamp, shape.list->at(value, i), name, out);
}

void encode_content(const Shape& shape, TimestampFormat format, const void* value, std::string& out) {
    switch (shape.kind) {
        case Kind::list:
            return encode_elements(shape, value, shape.element_wire, out);
        case Kind::map:
            return encode_entries(shape, value, "entry", out);
        case Kind::structure:
            return encode_xml_members(shape, value, out);
        default: {
            if (shape.kind != Kind::string && shape.kind != Kind::document)
                return append_scalar(shape, format, TimestampFormat::iso8601, value, out);
            append_xml_text(*static_cast<const std::string*>(value), out);
        }
    }
}

}  // namespace

void append_xml_text(std::string_view text, std::string& out) {
    if (!simdjson::validate_utf8(text.data(), text.size())) {
        // Latin-1 or worse in what should be text: keep ASCII, mark the rest.
        for (const char c : text) {
            if (static_cast<unsigned char>(c) >= 0x80) {
                out += "\xEF\xBF\xBD";
            } else {
                append_xml_text(std::string_view(&c, 1), out);
            }
        }
        return;
    }
    size_t from = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        std::string_view escaped;
        switch (text[i]) {
            case '&':
                escaped = "&amp;";
                break;
            case '<':
                escaped = "&lt;";
                break;
            case '>':
                escaped = "&gt;";
                break;
            case '"':
                escaped = "&quot;";
                break;
            case '\r':
                escaped = "&#13;";
                break;
            case '\n':
                escaped = "&#10;";
                break;
            case '\t':
                escaped = "&#9;";
                break;
            default:
                if (static_cast<unsigned char>(text[i]) >= 0x20) continue;
                escaped = "\xEF\xBF\xBD";
        }
        out.append(text.substr(from, i - from));
        out += escaped;
        from = i + 1;
    }
    out.append(text.substr(from));
}

void append_xml_element(std::string_view name, std::string_view text, std::string& out) {
    open(name, {}, out);
    append_xml_text(text, out);
    close(name, out);
}

void encode_xml_members(const Shape& shape, const void* value, std::string& out) {
    for (const Member& member : shape.members) {
        if (member.location != Location::body || member.attribute) continue;
        const void* field = member.get(value);
        if (field == nullptr) continue;
        if (member.flattened && member.shape->kind == Kind::list) {
            encode_elements(*member.shape, field, member.wire, out);
        } else if (member.flattened && member.shape->kind == Kind::map) {
            encode_entries(*member.shape, field, member.wire, out);
        } else {
            open(member.wire, attributes_of(*member.shape, field, member.xml_namespace, member.xml_namespace_prefix),
                 out);
            encode_content(*member.shape, member.timestamp, field, out);
            close(member.wire, out);
        }
    }
}

void encode_xml(const Shape& shape, const void* value, std::string_view name, std::string_view xml_namespace,
                std::string& out) {
    open(name, attributes_of(shape, value, xml_namespace, {}), out);
    encode_content(shape, shape.timestamp, value, out);
    close(name, out);
}

}  // namespace millrace::aws
