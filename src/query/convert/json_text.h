// A JSON value walked to its end: checked as a whole, and copied without white space where wanted.
#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "src/query/convert/plan.h"

namespace millrace::query {

// Values nested deeper than this are refused as malformed.
constexpr int json_depth_max = 256;

// The token without the white space that simdjson leaves behind it.
std::string_view trimmed(std::string_view token);
void append_quoted(std::string& out, std::string_view text);

// simdjson's on-demand reader looks only at what it is asked for; what no column names is asked for here, so that a
// record is JSON throughout or fails. `out` may be null. Keys are put as the rules say.
simdjson::error_code walk_json(simdjson::ondemand::value value, const ReadRules& rules, int depth, std::string* out);

}  // namespace millrace::query
