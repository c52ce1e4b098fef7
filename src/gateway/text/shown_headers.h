// The header fields of a request as a REST API's functions, authorizers and templates are shown them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/http/message.h"

namespace millrace::gateway {

// "content-type" as "Content-Type": the server reads names in lower case, most clients write this.
std::string shown_header_name(std::string_view lower);

struct ShownHeader {
    std::string_view lower;
    std::string name;  // shown_header_name()
    std::string_view value;
};

// In order, without what concerns the connection alone, which ends here (ends_here). Valid until the head changes.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
std::vector<ShownHeader> shown_headers(const http::RequestHead& head);

// Fields that say something of the client's connection or of how its body comes (transfer-encoding, expect, upgrade
// ...): whoever is told of them takes them for its own. `lower`: a name in lower case.
bool ends_here(std::string_view lower);

}  // namespace millrace::gateway
