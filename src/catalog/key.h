// Keys of the catalog in the ordered store: tuples of byte strings whose encoded order is the order of the tuples.
//
//   key       = component*
//   component = escaped bytes, 00 01
//   escaped   = each 00 becomes 00 FF; other bytes stand for themselves
//
// A terminator sorts below every continuation of the component, so ("a", "z") < ("ab", "a"), and no encoded tuple is
// a prefix of another's component: walking a prefix of whole components visits exactly the tuples that begin with it.
// Example: ("lake", "d", "a\0") is 6c616b65 0001 64 0001 61 00ff 0001.
//
// First components in use: "registry", "counter", "lake". Other modules keep to first bytes of their own.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::catalog {

void append_component(std::string& key, std::string_view component);
std::string key_of(std::initializer_list<std::string_view> components);
// Takes the first component off `key`. Returns false where the bytes are not of the grammar above.
bool take_component(std::string_view& key, std::string& component);
// All components. Returns false as above.
bool take_components(std::string_view key, std::vector<std::string>& components);
// The smallest key after `key` itself.
inline std::string just_after(std::string key) {
    key.push_back('\0');
    return key;
}

}  // namespace millrace::catalog
