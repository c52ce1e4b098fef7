// Queries and headers of version 2: whatever they are, they are read within their bounds, and the string to sign begins
// with the method and has the path, literally.
#include <cstdint>

#include "src/aws/sigv2.h"
#include "src/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    // "query\nname: value\n..."
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    http::RequestHead head;
    head.method = "GET";
    head.path = "/bucket/key";
    head.query = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(head.query.size() + 1, rest.size()));
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const size_t colon = line.find(": ");
        if (colon != std::string_view::npos) head.headers.add(line.substr(0, colon), line.substr(colon + 2));
    }
    aws::Authorization authorization;
    aws::parse_authorization(head, &authorization);
    if (authorization.form == aws::AuthForm::presigned_v2) MILLRACE_CHECK(authorization.scope.service == "s3");
    std::string to_sign;
    if (aws::append_string_to_sign_v2(head, authorization.date_time, &to_sign)) {
        MILLRACE_CHECK(to_sign.starts_with("GET\n") && to_sign.find("/bucket/key") != std::string::npos);
        MILLRACE_CHECK(aws::signature_v2("secret", to_sign).size() == 28);
    }
    aws::unsigned_selector_of(head);
    return 0;
}
