// Function URLs' payload format 2.0, both ways:
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
#pragma once

#include <string>
#include <string_view>

#include "src/base/named.h"
#include "src/http/message.h"

namespace millrace::service::lambda {

struct UrlRequest {
    const http::RequestHead& head;
    std::string_view body;
    std::string_view url_id;
    std::string account;     // of the caller's key; "" where unsigned
    std::string access_key;  // likewise
    std::string request_id;
    TimestampMs time;
};

// The event, as JSON. Bodies that are not text (by Content-Type) or not UTF-8 are in base64.
std::string url_event(const UrlRequest& request);

// What the function returned: {"statusCode":...} is taken apart, any other JSON is a 200 with that as its body. A 502
// where it is neither or names what HTTP does not allow.
http::Response url_response(std::string_view payload);

}  // namespace millrace::service::lambda
