// Which API a request is for, by its host and path:
//   /restapis/ID/STAGE/_user_request_/...                      any host
//   ID.execute-api.localhost/STAGE/...                         also with a region, and with .amazonaws.com
//   a custom domain's name, and the longest of its base paths
#pragma once

#include <optional>
#include <string_view>

#include "src/gateway/rest/call.h"
#include "src/http/message.h"

namespace millrace::gateway {

class RestApis;

// Cheap; whether place_of would look further.
bool is_for_an_api(const http::RequestHead& head, RestApis& apis);
// nullopt: a domain that has no such base path, or a host's path without a stage.
std::optional<Place> place_of(const http::RequestHead& head, RestApis& apis);

}  // namespace millrace::gateway
