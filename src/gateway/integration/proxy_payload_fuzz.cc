// Whatever a peer asks of a function becomes JSON, and whatever a function returns becomes a response that HTTP
// allows.
#include <cstddef>
#include <cstdint>

#include <boost/json.hpp>

#include "src/base/result.h"
#include "src/gateway/integration/proxy_payload.h"

namespace {

void check(const std::optional<millrace::http::Response>& response) {
    if (!response) return;
    MILLRACE_CHECK(response->status >= 200 && response->status <= 599);
    for (const auto& [name, value] : response->headers.fields()) {
        MILLRACE_CHECK(!name.empty() && value.find_first_of("\r\n") == std::string::npos);
    }
}

}  // namespace

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
    const std::map<std::string, std::string> parameters{{"proxy", std::string(text)}};
    gateway::ProxyRequest request{head, text, "000000000000", "id", "request", TimestampMs(0)};
    request.path_parameters = &parameters;
    for (const std::string& event : {gateway::payload_2_0(request), gateway::payload_1_0(request),
                                     gateway::authorizer_payload_2_0(request, "arn", {std::string(text)}),
                                     gateway::authorizer_payload_1_0(request, "arn", {std::string(text)})}) {
        boost::system::error_code bad;
        boost::json::parse(event, bad);
        MILLRACE_CHECK(!bad);
    }
    check(gateway::response_2_0(text));
    check(gateway::response_1_0(text));
    return 0;
}
