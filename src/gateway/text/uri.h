// Percent-encoding and query strings as API Gateway takes them: what is not an escape stays as it is.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::gateway {

using Fields = std::vector<std::pair<std::string, std::string>>;  // in order; a name may stand several times

std::string percent_decode(std::string_view text, bool plus_is_space = false);
// Everything but letters, digits and "-._~", and what `kept` names.
std::string percent_encode(std::string_view text, std::string_view kept = "");
// The rest of a path as it was sent ("a%2Fb/c d"), fit for another URL: slashes stay where they were written, and what
// was an escape stays one.
std::string encode_rest(std::string_view sent);
// Whether a server that decodes a path twice, or takes "\\" for "/", could find "." or ".." between slashes in it: what
// stands behind a prefix of an owner's URL would leave it.
bool has_dot_segment(std::string_view decoded);
// "a=1&b&a=2", decoded.
Fields parse_query(std::string_view query);
std::string query_text(const Fields& fields);

std::string lower_case(std::string_view text);

}  // namespace millrace::gateway
