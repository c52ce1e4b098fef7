// Whatever a peer asks of a function URL becomes JSON, and whatever a function returns becomes a response that HTTP
// allows.
#include <cstddef>
#include <cstdint>

#include "src/base/result.h"
#include "src/service/lambda/json_payload.h"
#include "src/service/lambda/url_event.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    http::RequestHead head;
    head.method = "POST";
    head.path = "/" + std::string(text.substr(0, text.size() / 3));
    head.query = text.substr(text.size() / 3, text.size() / 3);
    head.headers.add("cookie", text);
    head.headers.add("x-any", text);
    head.headers.add("host", "id.lambda-url.us-east-1.localhost:4566");
    const std::string event =
        service::lambda::url_event({head, text, "id", "000000000000", "AKIA", "request", TimestampMs(0)});
    MILLRACE_CHECK(!service::lambda::json_problem(event));

    const http::Response response = service::lambda::url_response(text);
    MILLRACE_CHECK(response.status >= 200 && response.status <= 599);
    for (const auto& [name, value] : response.headers.fields()) {
        MILLRACE_CHECK(!name.empty() && value.find_first_of("\r\n") == std::string::npos);
    }
    return 0;
}
