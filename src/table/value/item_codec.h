// An item's bytes on disk (format version 1), and the parts of a key that sort.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/table/value/attribute_value.h"

namespace millrace::table {

// Grammar, in item_codec.cc, which also has the worked example and the golden test.
void encode_item(const Item& item, std::string* out);
std::string encode_item(const Item& item);
Result<Item> decode_item(std::string_view bytes);  // corruption
// One top-level attribute without decoding the rest. Absent: nullopt. corruption.
Result<std::optional<AttributeValue>> decode_attribute(std::string_view item_bytes, std::string_view name);

// Appends a key attribute (S, N or B) so that the order of the bytes is DynamoDB's order (numbers by value, strings and
// binary by unsigned bytes) and no encoding is a prefix of another. Other types are the caller's bug.
void append_key_value(const AttributeValue& value, std::string* out);
// The reverse; moves `*in` past it. corruption.
Result<AttributeValue> take_key_value(std::string_view* in, Type type);

}  // namespace millrace::table
