// Values of partition keys: text that is compared as its key's type says.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::catalog {

enum class PartitionType : uint8_t { text, integer, decimal, date, timestamp };

// The type of a Hive partition key as Glue's expressions compare it; nothing for a type that they do not take.
std::optional<PartitionType> partition_type_of(std::string_view hive_type);

// A value in the form in which two of its type compare: see compare_values. Nothing where the text is not of the type.
std::optional<std::string> normalized(PartitionType type, std::string_view text);

// Of two normalized values.
std::strong_ordering compare_values(PartitionType type, std::string_view a, std::string_view b);

// SQL's LIKE: % any run of bytes, _ one character, \ takes the next as it is.
bool like(std::string_view text, std::string_view pattern);

}  // namespace millrace::catalog
