// AWS's sentences about values, word for word (its spelling and spacing too), for whoever parses them.
#pragma once

#include <cstddef>
#include <string_view>

namespace millrace::table::sentences {

constexpr std::string_view no_type =
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
constexpr std::string_view many_types =
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
constexpr std::string_view null_not_true =
    "One or more parameter values were invalid: Null attribute value types must have the value of true";
constexpr std::string_view empty_string_set =
    "One or more parameter values were invalid: An string set  may not be empty";
constexpr std::string_view empty_number_set =
    "One or more parameter values were invalid: An number set  may not be empty";
constexpr std::string_view empty_binary_set =
    "One or more parameter values were invalid: Binary sets should not be empty";
constexpr std::string_view duplicate_numbers = "Input collection contains duplicates";
// Followed by "[a, a]", the members as given, and " contains duplicates." or, of BS, "of type BS contains duplicates."
constexpr std::string_view duplicates_before = "One or more parameter values were invalid: Input collection ";
constexpr std::string_view too_deep =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

// Of an attribute's name, which has 1 to 65,535 bytes.
constexpr size_t name_bytes_max = 65535;
constexpr std::string_view empty_name = "One or more parameter values were invalid: Empty attribute name";
constexpr std::string_view long_name =
    "One or more parameter values were invalid: Attribute name is too large, must be less than 65536 bytes";

}  // namespace millrace::table::sentences
