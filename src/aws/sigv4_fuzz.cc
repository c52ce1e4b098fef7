// Authorization headers and presigned queries: whatever they are, what is read from them lies within them, and the
// canonical request can be made.
#include <cstdint>

#include "src/aws/sigv4.h"
#include "src/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace millrace;
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    http::RequestHead head;
    head.method = "GET";
    head.path = "/" + text.substr(0, 50);
    head.headers.add("host", "localhost");
    if (data[0] % 2 == 0) {
        head.headers.add("authorization", text);
    } else {
        head.query = text;
    }
    aws::Authorization authorization;
    aws::parse_authorization(head, &authorization);
    if (authorization.form == aws::AuthForm::header || authorization.form == aws::AuthForm::presigned) {
        MILLRACE_CHECK(!authorization.signature.empty());
        MILLRACE_CHECK(!authorization.scope.access_key.empty());
        MILLRACE_CHECK(!authorization.scope.date.empty());
    }
    std::string canonical;
    for (const bool once : {false, true}) {
        aws::append_canonical_request(head, authorization.signed_headers, "HASH", once, data[0] % 2 == 1, &canonical);
    }
    return 0;
}
