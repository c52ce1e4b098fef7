// What the restful protocols put outside the body: labels, query parameters, headers and the status.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/aws/decoding.h"
#include "src/aws/schema.h"
#include "src/http/message.h"

namespace millrace::aws {

// Fills the members that travel outside the body, and reports the required ones that have not come.
bool decode_rest(const Shape& shape, const http::RequestHead& head,
                 const std::vector<std::pair<std::string_view, std::string>>& labels, void* out, Decoding& decoding);

// Adds the output's header members to the response, and its status where a member carries it.
void encode_rest(const Shape& shape, const void* value, http::Response& response);

// Has the structure members that travel in the body?
bool has_body_members(const Shape& shape);

}  // namespace millrace::aws
