#include "src/aws/rest.h"

#include "src/aws/query.h"
#include "src/aws/scalar_text.h"

namespace millrace::aws {
namespace {

class Binder {
  public:
    Binder(const http::RequestHead& head, const std::vector<std::pair<std::string_view, std::string>>& labels,
           Decoding& decoding)
        : head_(head), labels_(labels), decoding_(decoding) {}

    bool members(const Shape& shape, void* out) {
        if (!head_.query.empty() && !parse_form(head_.query, &fields_))
            return decoding_.refuse("The query string can not be read.");
        for (const Member& member : shape.members) {
            bool came = false;
            switch (member.location) {
                case Location::body:
                case Location::status:
                    continue;
                case Location::uri:
                    came = label(member, out);
                    break;
                case Location::query:
                    came = query(member, out);
                    break;
                case Location::header:
                    came = header(member, out);
                    break;
                case Location::prefix_headers:
                    came = prefixed(member, out);
                    break;
            }
            if (!decoding_.refused.empty()) return false;
            const Place root;
            if (!came && member.required) decoding_.violations.missing(Place{&root, member.name, 0});
        }
        return true;
    }

  private:
    bool scalar(const Member& member, const Shape& shape, std::string_view text, void* slot) {
        return parse_scalar(shape, text, slot) ||
               decoding_.refuse("The value of " + std::string(member.wire) + " has the wrong form.");
    }

    bool label(const Member& member, void* out) {
        for (const auto& [name, value] : labels_) {
            if (name == member.wire) return scalar(member, *member.shape, value, member.make(out));
        }
        return false;
    }

    bool query(const Member& member, void* out) {
        const Shape& shape = *member.shape;
        bool came = false;
        for (const auto& [name, value] : fields_) {
            if (shape.kind == Kind::map) {  // every parameter that no other member takes; none of our services has one
                if (decoding_.count_element())
                    scalar(member, *shape.element, value, shape.map->insert(member.make(out), name));
                came = true;
            } else if (name == member.wire && shape.kind == Kind::list) {
                if (decoding_.count_element())
                    scalar(member, *shape.element, value, shape.list->append(member.make(out)));
                came = true;
            } else if (name == member.wire) {
                return scalar(member, shape, value, member.make(out));
            }
        }
        return came;
    }

    // SDKs that presign URLs move x-amz-* headers into the query string (JavaScript's does with all of them): there
    // they mean the same. Not so checksums, which the SDK works out over the body that it has when it presigns: none.
    static bool may_be_parameter(std::string_view name) {
        return name.starts_with("x-amz-") && !name.starts_with("x-amz-checksum-") && !name.starts_with("x-amz-sdk-");
    }

    const std::string* find_header(std::string_view name) const {
        const std::string* value = head_.headers.find(name);
        if (value != nullptr || !may_be_parameter(name)) return value;
        for (const Field& field : fields_) {
            if (field.first == name) return &field.second;
        }
        return nullptr;
    }

    bool header(const Member& member, void* out) {
        const std::string* value = find_header(member.wire);
        if (value == nullptr) return false;
        const Shape& shape = *member.shape;
        if (shape.kind != Kind::list) return scalar(member, shape, *value, member.make(out));
        std::string_view rest = *value;
        void* list = member.make(out);
        while (!rest.empty()) {
            std::string_view part = rest.substr(0, rest.find(','));
            rest.remove_prefix(std::min(part.size() + 1, rest.size()));
            while (part.starts_with(' ')) part.remove_prefix(1);
            while (part.ends_with(' ')) part.remove_suffix(1);
            if (!decoding_.count_element() || !scalar(member, *shape.element, part, shape.list->append(list)))
                return false;
        }
        return true;
    }

    bool prefixed(const Member& member, void* out) {
        void* map = nullptr;
        const auto take = [&](std::string_view name, const std::string& value) {
            if (!name.starts_with(member.wire) || name.size() == member.wire.size()) return true;
            if (map == nullptr) map = member.make(out);
            if (!decoding_.count_element()) return false;
            *static_cast<std::string*>(member.shape->map->insert(map, std::string(name.substr(member.wire.size())))) =
                value;
            return true;
        };
        for (const auto& [name, value] : head_.headers.fields()) {
            if (!take(name, value)) return false;
        }
        for (const auto& [name, value] : fields_) {
            const bool repeats = head_.headers.find(name) != nullptr;
            if (may_be_parameter(name) && !repeats && !take(name, value)) return false;
        }
        return map != nullptr;
    }

    const http::RequestHead& head_;
    const std::vector<std::pair<std::string_view, std::string>>& labels_;
    Decoding& decoding_;
    Fields fields_;
};

std::string one_line(std::string text) {
    for (char& c : text) {
        if (c == '\r' || c == '\n' || c == '\0') c = ' ';  // nothing a user stores may end a header
    }
    return text;
}

}  // namespace

bool decode_rest(const Shape& shape, const http::RequestHead& head,
                 const std::vector<std::pair<std::string_view, std::string>>& labels, void* out, Decoding& decoding) {
    return Binder(head, labels, decoding).members(shape, out);
}

void encode_rest(const Shape& shape, const void* value, http::Response& response) {
    for (const Member& member : shape.members) {
        const void* field = member.location == Location::body ? nullptr : member.get(value);
        if (field == nullptr) continue;
        if (member.location == Location::status) {
            response.status = *static_cast<const int32_t*>(field);
        } else if (member.location == Location::prefix_headers) {
            struct Walk {
                const Member& member;
                http::Response& response;
            } walk{member, response};
            member.shape->map->each(field, &walk, [](void* context, const std::string& key, const void* element) {
                const Walk& at = *static_cast<Walk*>(context);
                at.response.headers.add(std::string(at.member.wire) + key,
                                        one_line(*static_cast<const std::string*>(element)));
            });
        } else if (member.location == Location::header) {
            std::string text;
            if (member.shape->kind == Kind::list) {
                for (size_t i = 0; i < member.shape->list->size(field); ++i) {
                    if (i != 0) text += ", ";
                    append_scalar(*member.shape->element, TimestampFormat::by_protocol, TimestampFormat::http_date,
                                  member.shape->list->at(field, i), text);
                }
            } else {
                append_scalar(*member.shape, member.timestamp, TimestampFormat::http_date, field, text);
            }
            response.headers.add(member.wire, one_line(std::move(text)));
        }
    }
}

bool has_body_members(const Shape& shape) {
    for (const Member& member : shape.members) {
        if (member.location == Location::body) return true;
    }
    return false;
}

}  // namespace millrace::aws
