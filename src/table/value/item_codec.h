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

// counted_bytes() of the item, which its bytes carry: no decoding. corruption.
Result<size_t> counted_bytes_of_encoded(std::string_view item_bytes);

// Walks the bytes of an item without a tree; for append_json_of_encoded and its like. Errors are corruption.
class EncodedReader {
  public:
    explicit EncodedReader(std::string_view bytes) : bytes_(bytes) {}
    Status header(size_t* counted, size_t* attributes);  // of an item, first
    Status length(size_t* out);                          // of a name, a string, a set, ...; bounded by what is left
    Status text(std::string_view* out);                  // a length and as many bytes
    Status type(Type* out);
    Status boolean(bool* out);
    Status number(Number* out);
    Status container(size_t* bytes, size_t* count);  // of M, L and sets: what follows, in bytes and in elements
    Status skip_value();                             // a type and its value
    bool at_end() const { return bytes_.empty(); }
    std::string_view rest() const { return bytes_; }

  private:
    std::string_view bytes_;
};

// Appends a key attribute (S, N or B) so that the order of the bytes is DynamoDB's order (numbers by value, strings and
// binary by unsigned bytes) and no encoding is a prefix of another. Other types are the caller's bug.
void append_key_value(const AttributeValue& value, std::string* out);
// The reverse; moves `*in` past it. corruption.
Result<AttributeValue> take_key_value(std::string_view* in, Type type);

}  // namespace millrace::table
