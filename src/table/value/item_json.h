// DynamoDB JSON ({"S":"x"}, {"N":"1"}, ...), both ways: the API's bodies, a function's stream events, exports.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/table/value/attribute_value.h"

namespace millrace::table {

// Appends {"name":{"S":...},...}.
void append_json(const Item& item, std::string* out);
void append_json(const AttributeValue& value, std::string* out);
// The same straight from the bytes of item_codec.h, without a tree: what GetItem and Query answer with. corruption.
Status append_json_of_encoded(std::string_view item_bytes, std::string* out);

// A whole JSON text. For what is not hot (imports, tests); the API's bodies are parsed by service/dynamodb in place.
// invalid_argument with AWS's sentence ("Supplied AttributeValue is empty, must contain exactly one of the supported
// datatypes", ...).
Result<Item> parse_item_json(std::string_view json);
Result<AttributeValue> parse_value_json(std::string_view json);

}  // namespace millrace::table
