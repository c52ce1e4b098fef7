// Looking into a definition, of which nothing is promised: what is absent or of another kind is as if it were not
// there.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "src/gateway/definition.h"

namespace millrace::gateway {

inline const boost::json::value* member_of(const boost::json::value& tree, std::string_view name) {
    const boost::json::object* object = tree.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}
// null: no object.
inline const boost::json::object* object_of(const boost::json::value& tree, std::string_view name) {
    const boost::json::value* value = member_of(tree, name);
    return value == nullptr ? nullptr : value->if_object();
}
inline const boost::json::array* array_of(const boost::json::value& tree, std::string_view name) {
    const boost::json::value* value = member_of(tree, name);
    return value == nullptr ? nullptr : value->if_array();
}
inline std::string as_text(const boost::json::value& value) {
    if (const boost::json::string* text = value.if_string()) return std::string(*text);
    return value.is_null() ? "" : boost::json::serialize(value);
}
inline std::string text_of(const boost::json::value& tree, std::string_view name) {
    const boost::json::value* value = member_of(tree, name);
    return value == nullptr ? "" : as_text(*value);
}
inline bool flag_of(const boost::json::value& tree, std::string_view name) {
    const boost::json::value* value = member_of(tree, name);
    return value != nullptr && ((value->is_bool() && value->get_bool()) || as_text(*value) == "true");
}
inline TextMap texts_of(const boost::json::value& tree, std::string_view name) {
    TextMap texts;
    const boost::json::object* object = object_of(tree, name);
    if (object == nullptr) return texts;
    for (const auto& member : *object) texts[std::string(member.key())] = as_text(member.value());
    return texts;
}

}  // namespace millrace::gateway
