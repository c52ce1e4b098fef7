// A walk over pugixml's tree, driven by the shape: elements that the model does not know are passed over.
#include <algorithm>

#include <pugixml.hpp>

#include "src/aws/scalar_text.h"
#include "src/aws/xml.h"

namespace millrace::aws {
namespace {

// Names without a namespace prefix: clients bind S3's namespace as they like.
std::string_view local(const char* name) {
    const std::string_view whole(name);
    const size_t colon = whole.find(':');
    return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

class Walk {
  public:
    explicit Walk(Decoding& decoding) : decoding_(decoding) {}

    bool structure(const Shape& shape, pugi::xml_node node, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth)) return false;
        SeenMembers seen(shape);
        for (const Member& member : shape.members) {
            if (!member.attribute) continue;
            const pugi::xml_attribute attribute = node.attribute(std::string(member.wire).c_str());
            if (!attribute) continue;
            seen.mark(&member);
            if (!parse_scalar(*member.shape, attribute.value(), member.make(out))) return mistyped(member.wire);
        }
        for (const pugi::xml_node child : node.children()) {
            if (child.type() != pugi::node_element) continue;
            const Member* member = seen.find(local(child.name()));
            if (member == nullptr || member->location != Location::body || member->attribute) continue;
            void* field = member->make(out);
            const Place at{&place, member->name, 0};
            const Kind kind = member->shape->kind;
            bool good = false;
            if (member->flattened && kind == Kind::list) {
                good = element(*member->shape, child, at, field, depth + 1);
            } else if (member->flattened && kind == Kind::map) {
                good = entry(*member->shape, child, at, field, depth + 1);
            } else {
                good = any(*member->shape, child, at, field, depth);
            }
            if (!good) return false;
        }
        seen.report_missing(place, decoding_.violations, true);
        return true;
    }

  private:
    bool mistyped(std::string_view name) {
        return decoding_.refuse("The value of " + std::string(name) + " has the wrong form.");
    }

    bool any(const Shape& shape, pugi::xml_node node, const Place& place, void* out, uint32_t depth) {
        switch (shape.kind) {
            case Kind::structure:
                return structure(shape, node, place, out, depth + 1);
            case Kind::list:
                for (const pugi::xml_node child : node.children()) {
                    if (child.type() != pugi::node_element || local(child.name()) != shape.element_wire) continue;
                    if (!element(shape, child, place, out, depth + 1)) return false;
                }
                return true;
            case Kind::map:
                for (const pugi::xml_node child : node.children()) {
                    if (child.type() != pugi::node_element || local(child.name()) != "entry") continue;
                    if (!entry(shape, child, place, out, depth + 1)) return false;
                }
                return true;
            default:
                return parse_scalar(shape, node.text().get(), out) || mistyped(local(node.name()));
        }
    }

    bool element(const Shape& shape, pugi::xml_node node, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth) || !decoding_.count_element()) return false;
        const Place at{&place, {}, shape.list->size(out) + 1};
        return any(*shape.element, node, at, shape.list->append(out), depth);
    }

    bool entry(const Shape& shape, pugi::xml_node node, const Place& place, void* out, uint32_t depth) {
        if (!decoding_.check_depth(depth) || !decoding_.count_element()) return false;
        pugi::xml_node key;
        pugi::xml_node value;
        for (const pugi::xml_node child : node.children()) {
            if (local(child.name()) == shape.key_wire) key = child;
            if (local(child.name()) == shape.element_wire) value = child;
        }
        if (!key || !value) return decoding_.refuse("A map's entry lacks its key or its value.");
        std::string name = key.text().get();
        const Place at{&place, name, 0};
        void* slot = shape.map->insert(out, name);
        return any(*shape.element, value, at, slot, depth);
    }

    Decoding& decoding_;
};

}  // namespace

bool decode_xml(const Shape& shape, std::string_view body, void* out, Decoding& decoding) {
    if (body.size() > xml_bytes_max) return decoding.refuse("The XML document is larger than is allowed.");
    // A node costs some eighty bytes where its text may be four. The longest list that a service takes, 10,000 parts
    // with a checksum each, has 80,000 tags.
    if (std::count(body.begin(), body.end(), '<') > xml_tags_max) {
        return decoding.refuse("The XML document has more elements than are allowed.");
    }
    pugi::xml_document document;
    // Text is kept as it is: a key may be white space alone.
    const unsigned flags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_ws_pcdata_single;
    const pugi::xml_parse_result parsed = document.load_buffer(body.data(), body.size(), flags, pugi::encoding_utf8);
    const pugi::xml_node root = document.document_element();
    if (!parsed || !root)
        return decoding.refuse(
            "The XML you provided was not well-formed or did not validate against our published schema");
    return Walk(decoding).structure(shape, root, Place{}, out, 1);
}

}  // namespace millrace::aws
