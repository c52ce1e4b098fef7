// What a call sends and how its answer is finished: everything that is text and no connection.
#pragma once

#include <string>
#include <string_view>

#include "src/base/result.h"
#include "src/http/outbound/outbound.h"
#include "src/http/outbound/url.h"

namespace millrace::http {

// Nothing in it can end a line or begin another field. invalid_argument names what is wrong.
Status check_request(const OutboundRequest& request);
// Of a request that was checked.
std::string request_head(std::string_view method, const OutboundUrl& url, const Headers& headers, size_t body_bytes,
                         std::string_view user_agent);
// Those that carry no secret and name nobody: what goes along to another origin.
Headers harmless_elsewhere(const Headers& headers);
bool is_idempotent(std::string_view method);
std::string origin_of(const OutboundUrl& url);
// Undoes gzip where the request wants that. corruption, resource_exhausted.
Status decode_body(const OutboundRequest& request, OutboundResponse* response);

}  // namespace millrace::http
